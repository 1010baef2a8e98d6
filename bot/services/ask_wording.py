"""What a sentence of a customer does: asks, reports, complains, says that an answer did not help.

By named features of its wording (`asks.toml`); no model.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from bot.domain.understanding import Intent
from bot.services.followups import FollowUpDetector
from bot.services.intents import IntentClassifier
from bot.services.language import HAN, clean, simplify
from bot.services.spelling import ERASED, normalise, without_quotes
from bot.services.wording import content_words

LEAST = 0.9  # score from which a sentence asks for something
_QUESTION, _NEED, _PROBLEM = 0.8, 0.8, 0.7
_TOPIC = 0.5  # a few words as one types them into a search
_LATIN_WORD, _HAN_PAIR, _MOST = 0.2, 0.14, 0.8  # what a word of content brings, and all of them
_COMPLAINT, _GRUMBLE, _LEANING = -0.9, -0.3, -0.3
_ACCUSING, _ADDRESSED = -0.8, -0.3  # with a question mark, and without
_TELLING_WORDS = 3.0  # of content, from which a follow-up can be understood after a thank you
_FEWEST_WORDS = 2  # of content, where nothing else tells that something is asked
_LATIN_REASON, _HAN_REASON = 1 / 2, 1 / 3  # what a word of content adds to a reason, up to one
_SENTENCE = re.compile(r"(?:[^\n。！？!?；;.]|\.(?=\S))*(?:[。！？!?；;]+|\.+|\n|$)")
_HAN = re.compile(f"[{HAN}]")
_ASKS = re.compile(r"[?？]\s*$|[吗么呢]\s*[。！!~～]*\s*$")
_CLAUSE = re.compile(r"(?<=[，,：:])|(?<=\s-\s)|(?<=——)")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as written, and what it does."""

    text: str
    score: float  # how much it asks for something
    question: bool
    wants: bool  # asks, or wants something done
    leans: bool  # is hard to understand alone
    denies: bool  # says that an answer did not help
    complains: bool
    settles: bool = False  # says that it is done or works
    objects: bool = False  # tells what stands against an answer, and does not ask

    @property
    def asks(self) -> bool:
        return self.score >= LEAST


class AskWording:
    def __init__(self, book: Mapping[str, Any]) -> None:
        self._english, self._chinese = _Patterns(book["en"]), _Patterns(book["zh"])
        self._about = re.compile("|".join(book["about"]["patterns"]), re.IGNORECASE)
        self._intents = IntentClassifier.load()
        self._follow_ups = FollowUpDetector.load()

    @classmethod
    def load(cls) -> "AskWording":
        return cls(tomllib.loads(files("bot.services").joinpath("asks.toml").read_text("utf-8")))

    def sentences(self, text: str) -> list[Spoken]:
        """Of a message, courtesies and requests for a person left out."""
        parts = (part for part in split(text) if len(re.findall(r"\w", part)) > 1)
        return [spoken for part in parts if (spoken := self._read(part)) is not None]

    def is_thanks(self, text: str) -> bool:
        """The whole message thanks, takes leave or says that all is well."""
        if self._intents.classify(text).intent in (Intent.THANKS, Intent.FAREWELL):
            return True
        said = self.sentences(text)
        more = any(s.asks or s.complains or s.objects for s in said)
        return any(s.settles for s in said) and not more

    def opens_with_thanks(self, text: str) -> bool:
        first = next(split(text), "")
        return self._intents.classify(first).intent is Intent.THANKS

    def needs_context(self, text: str) -> bool:
        """Leans on what was said before and says little by itself."""
        return self._follow_ups.leans(text) and self._follow_ups.words(text) < _TELLING_WORDS

    def _read(self, sentence: str) -> Spoken | None:
        reading = self._intents.classify(sentence)
        if reading.intent is Intent.PERSON:
            return self._matter(sentence)
        if reading.intent is not Intent.QUESTION:
            return None
        plain = normalise(without_quotes(reading.rest))
        patterns = self._chinese if _HAN.search(plain) else self._english
        leans = self._follow_ups.leans(reading.rest)
        return patterns.read(
            _without_opening(sentence, reading.rest), plain, leans, normalise(sentence)
        )

    def _matter(self, sentence: str) -> Spoken | None:
        """Of a request for a person: what it is about, where it says so."""
        about = self._about.search(sentence)
        matter = (about["matter"] or about["matter_zh"]).strip() if about else ""
        if matter and not self._wants_person(matter):
            spoken = self._read(matter)
            return replace(spoken, score=spoken.score + LEAST) if spoken else None
        parts = [part for part in _CLAUSE.split(sentence) if part.strip()]
        kept = [part for part in parts if not self._wants_person(part)]
        rest = "".join(kept).strip().rstrip("，,：: ")
        return self._read(rest) if rest and len(kept) < len(parts) else None

    def _wants_person(self, text: str) -> bool:
        return self._intents.classify(text).intent is Intent.PERSON


def split(text: str) -> Iterator[str]:
    """Sentences and lines, as they were written."""
    for match in _SENTENCE.finditer(clean(text)):
        if re.search(r"\w", match[0]):
            yield match[0].strip()


def _without_opening(sentence: str, rest: str) -> str:
    """As it was written, behind the courtesies it opens with; `rest` is in Simplified Chinese."""
    place = simplify(sentence).find(rest)
    same_length = len(simplify(sentence)) == len(sentence)
    return sentence[place:] if place > 0 and same_length else sentence


class _Patterns:
    """Of one language."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        (
            self._needs,
            self._problems,
            self._complaints,
            self._denials,
            self._addressed,
            self._asking_you,
            self._settled,
            self._told,
            self._objections,
        ) = (
            re.compile("|".join(book[name]))
            for name in (
                "needs",
                "problems",
                "complaints",
                "denials",
                "addressed",
                "asking_you",
                "settled",
                "told",
                "objections",
            )
        )

    def read(self, sentence: str, plain: str, leans: bool, whole: str) -> Spoken:
        """`plain` is what is left of it without courtesies, in plain spelling."""
        told = self._complaints.sub(ERASED, plain)
        complains = told != plain
        words = content_words(told)
        question, need = bool(_ASKS.search(plain)), bool(self._needs.search(told))
        problem, denies = bool(self._problems.search(told)), bool(self._denials.search(plain))
        objects = not (question or need) and self._objects(told, denies)
        settled = bool(self._settled.search(whole))
        settles = settled and not (question or complains or denies or objects)
        score = min(sum(_HAN_PAIR if _HAN.match(w) else _LATIN_WORD for w in words), _MOST)
        score += _QUESTION * question + _NEED * need + _PROBLEM * problem + _LEANING * leans
        grumbles = need or (problem and not question)
        score += (_GRUMBLE if grumbles else _COMPLAINT) * complains
        score += _TOPIC * (not (leans or denies) and not self._told.search(plain))
        if self._addressed.search(told) and not self._asking_you.search(told):
            score += _ACCUSING if question else _ADDRESSED
        fewest = 1 if question or need or problem else _FEWEST_WORDS
        score = score if len(words) >= fewest and not settles else 0.0
        return Spoken(
            sentence, score, question, question or need, leans, denies, complains, settles, objects
        )

    def _objects(self, told: str, denies: bool) -> bool:
        """More than that it did not help."""
        words = content_words(self._denials.sub(ERASED, told))
        reason = sum(_HAN_REASON if _HAN.match(word) else _LATIN_REASON for word in words)
        return reason >= 1 - 1e-9 and (denies or bool(self._objections.search(told)))
