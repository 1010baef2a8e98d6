"""Hears an explicit request for a human being in a message, clause by clause.

Patterns (`intents.toml`) say what they find; where a model is at hand, it weighs that with the rest
of the words, and has the last word.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bot.ports import RequestClause, RequestModel
from bot.services.patterns import join
from bot.services.spelling import ERASED, Spelling, normalise, without_quotes

LANGUAGES = ("en", "zh")
_CLAUSE_END = re.compile(r"[,.!?;:。…\n]+")
_PART_END = re.compile(r"[,;]+")
_SENTENCE_END = re.compile(r"[.!?。…\n]+")
_SPELT_OUT = re.compile(r"(?<![a-z])[a-z](?: [a-z]){3,}(?![a-z])")
_END_CHARS = 400  # of a long message: what is read at its beginning and at its end
_WHOLE_CHARS = 160  # a message up to this is also read in one
_MOST_SENTENCES = 12  # at the end of a message: who tells a long story asks last
_MOST_PARTS = 6
# Kinds of words beside which what patterns find may be no request.
_DOUBTFUL = ("negated", "past", "thanks", "condition", "later", "others", "product", "self")
_KEPT = 2_000  # messages: those of a conversation are read again at every turn


class PersonRequest:
    def __init__(self, book: Mapping[str, Any], model: RequestModel | None = None) -> None:
        self._spelling = Spelling(**book["spelling"])
        self._languages = [_RequestPatterns(book[language]) for language in LANGUAGES]
        self._words = RequestWords.load()
        self._model = model
        self.found_in = lru_cache(_KEPT)(self._found_in)

    def _found_in(self, text: str) -> bool:
        if self._model is None:
            return self._kept(self._spoken(text))
        return self._model.judge(self.clauses(text)) > 0

    def clauses(self, text: str) -> Sequence[RequestClause]:
        """What the model reads: parts of sentences, sentences, and a short message in one."""
        spoken = self._spoken(text)
        return [
            self._words.clause(part, self._signals(part))
            for part in dict.fromkeys(_readings(spoken))
        ]

    def _spoken(self, text: str) -> str:
        plain = normalise(without_quotes(_ends(text)))
        closed = _SPELT_OUT.sub(lambda match: match[0].replace(" ", ""), plain)
        return self._spelling.correct(closed)

    def _signals(self, part: str) -> dict[str, float]:
        asks = any(patterns.ask(part) for patterns in self._languages)
        kept = asks and self._kept(part)
        return {"asks": float(asks), "kept": float(kept), "trapped": float(asks and not kept)}

    def _kept(self, spoken: str) -> bool:
        return any(patterns.found_in(spoken) for patterns in self._languages)


class _RequestPatterns:
    """Of one language. Cheapest first: most messages lack any of the words a request has."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        self._triggers, self._traps, self._requests, self._clauses, self._whole = (
            re.compile(join(book.get(name, ()), book["words"]))
            for name in ("triggers", "traps", "requests", "whole_clauses", "whole_messages")
        )

    def ask(self, spoken: str) -> bool:
        return self._triggers.search(spoken) is not None and self._asks(spoken)

    def found_in(self, spoken: str) -> bool:
        return self.ask(spoken) and self._asks(self._traps.sub(ERASED, spoken))

    def _asks(self, spoken: str) -> bool:
        clauses = [clause.strip() for clause in _CLAUSE_END.split(spoken)]
        return (
            self._requests.search(spoken) is not None
            or any(self._clauses.fullmatch(clause) for clause in clauses)
            or self._whole.fullmatch(" ".join(filter(None, clauses))) is not None
        )


class RequestWords:
    """Kinds of words (`request_words.toml`) that tell a request from what looks like one."""

    def __init__(self, book: Mapping[str, Mapping[str, str]]) -> None:
        self.kinds = tuple(book)
        alternatives = (
            rf"(?P<{kind}>\b(?:{words['en']})\b|{words['zh']})" for kind, words in book.items()
        )
        self._pattern = re.compile("|".join(alternatives))

    @classmethod
    def load(cls) -> "RequestWords":
        book = files("bot.services").joinpath("request_words.toml").read_text("utf-8")
        return cls(tomllib.loads(book))

    def clause(self, text: str, named: Mapping[str, float]) -> RequestClause:
        found = dict.fromkeys(self.kinds, 0.0)

        def kind_of(match: re.Match[str]) -> str:
            kind = str(match.lastgroup)
            found[kind] = 1.0
            return f" {kind.upper()} "

        kinds = self._pattern.sub(kind_of, text)
        doubtful = any(found[kind] for kind in _DOUBTFUL)
        found["plain"] = named.get("kept", 0.0) * (not doubtful)
        return RequestClause(text, kinds, {**named, **found})


def _readings(spoken: str) -> Iterator[str]:
    sentences = _cut(_SENTENCE_END, spoken)[-_MOST_SENTENCES:]
    for sentence in sentences:
        yield sentence
        yield from _cut(_PART_END, sentence)[-_MOST_PARTS:]
    if len(sentences) > 1 and len(spoken) <= _WHOLE_CHARS:
        yield " ".join(sentences)


def _cut(end: re.Pattern[str], text: str) -> list[str]:
    return [part.strip() for part in end.split(text) if re.search(r"\w", part)]


def _ends(text: str) -> str:
    """Who pastes a lot asks before or after it."""
    return text if len(text) <= 2 * _END_CHARS else f"{text[:_END_CHARS]}\n{text[-_END_CHARS:]}"
