"""The grounding check on trial: right and wrong answers from what was found, and what it let pass.

Answers are made from the passages alone, and never with the words that the check itself uses.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Passage
from bot.ports import Similarity
from bot.services.grounding import Grounded, ground
from bot.services.writing import MOST_PASSAGES
from evals import texts
from evals.corruptions import Corpus, corruptions
from evals.rewordings import list_to_sentence, rewordings

FAITHFUL = "faithful"
NOTHING: Mapping[str, str] = {}
PASSAGES = 3  # whose sentences are tried
SENTENCES = 4  # of each
LENGTH = (12, 300)  # characters of a sentence that says something
_NO_STATEMENT = re.compile(
    r"[?？:：,，]\s*$|^\W|…|[。！？!?]\W*\w|\.\W*\s\W*[A-Z\d]|[.。]{2}|^\w+ [-–] |[<>{}|\\]|"
    r"https?:|^(?:For example|E\.g|例如)\b",
    re.I,
)
_ENDS = re.compile(r"[.。!！]$")


@dataclass(frozen=True, slots=True)
class Trial:
    kind: str  # what was corrupted; the rule of a faithful one after a colon
    text: str  # as a chat model would write it, with `[n]`
    n: int  # the passage it was made from
    locale: Locale  # of the text


def blocked(
    passages: Sequence[Passage],
    seed: str,
    translations: Mapping[str, str] = NOTHING,
    similarity: Similarity | None = None,
) -> Mapping[str, float]:
    """Share of the trials that the check refused, by language and kind ("zh number"; "zh-en
    number" of Chinese answers over English passages)."""
    given, others = passages[:MOST_PASSAGES], passages[MOST_PASSAGES:]
    refused: dict[str, list[bool]] = defaultdict(list)
    for trial in (*trials(given, others, seed), *translated(given, translations, seed)):
        source = given[trial.n - 1].locale
        pair = trial.locale if trial.locale is source else f"{trial.locale}-{source}"
        checked = ground(trial.text, given, trial.locale, similarity=similarity)
        refused[f"{pair} {trial.kind}"].append(not isinstance(checked, Grounded))
        if trial.kind.startswith(FAITHFUL):
            refused[f"{pair} {FAITHFUL}"].append(not isinstance(checked, Grounded))
    return {kind: sum(found) / len(found) for kind, found in sorted(refused.items())}


def trials(given: Sequence[Passage], others: Sequence[Passage], seed: str) -> Iterator[Trial]:
    """`others` were found too and are not given to the model."""
    everything = (*given, *others)
    for n, passage in enumerate(given[:PASSAGES], 1):
        random = Random(f"{seed} {passage.id}")  # noqa: S311
        locale = passage.locale
        corpus = Corpus.of(everything, locale)
        yield from _of_lists(passage, n)
        found = list(_statements(passage))
        for sentence, following in random.sample(found, min(SENTENCES, len(found))):
            for rule, text in rewordings(sentence, following, locale):
                yield Trial(f"{FAITHFUL}: {rule}", _cited(text, n), n, locale)
            for kind, text in corruptions(sentence, corpus, random):
                yield Trial(kind, _cited(text, n), n, locale)
            yield from _cited_elsewhere(sentence, given, n)
        yield from _foreign(everything, passage, n, random)


def translated(
    given: Sequence[Passage], translations: Mapping[str, str], seed: str
) -> Iterator[Trial]:
    """In the other language than the passages, from sentences whose translation is known."""
    for n, passage in enumerate(given[:PASSAGES], 1):
        random = Random(f"{seed} {passage.id} translated")  # noqa: S311
        locale = passage.locale.other
        told = _translated_statements(passage, translations)
        corpus = Corpus.of_texts([*translations.values()], locale)
        for text in random.sample(told, min(SENTENCES, len(told))):
            yield Trial(f"{FAITHFUL}: translated", _cited(text, n), n, locale)
            for kind, wrong in corruptions(text, corpus, random):
                yield Trial(kind, _cited(wrong, n), n, locale)
            if other := _elsewhere(given, passage):
                yield Trial("citation", _cited(text, other), n, locale)
        strange = [
            text
            for other in given
            if other.path != passage.path
            for text in _translated_statements(other, translations)
        ]
        for text in random.sample(strange, min(SENTENCES, len(strange))):
            yield Trial("foreign", _cited(text, n), n, locale)


def _translated_statements(passage: Passage, translations: Mapping[str, str]) -> list[str]:
    found = (translations.get(text, "") for text, _ in _statements(passage))
    return [text for text in found if _is_statement(text)]


def _elsewhere(given: Sequence[Passage], passage: Passage) -> int:
    """The number of the next passage of another article, 0 without one."""
    numbers = (n for n, other in enumerate(given, 1) if other.path != passage.path)
    return next(numbers, 0)


def _cited(text: str, n: int) -> str:
    return f"{_ENDS.sub('', text)} [{n}]{'.' if text.isascii() else '。'}"


def _statements(passage: Passage) -> Iterator[tuple[str, str]]:
    """Sentences that say something by themselves, each with the one after it in its block."""
    for block in passage.blocks:
        if block.kind not in ("paragraph", "list"):
            continue
        said = [sentence.text for sentence in block.sentences]
        for place, text in enumerate(said):
            if _is_statement(text):
                after = said[place + 1] if block.kind == "paragraph" and said[place + 1 :] else ""
                yield text, after if _is_statement(after) else ""


def _is_statement(text: str) -> bool:
    least, most = LENGTH
    is_closed = bool(_ENDS.search(text)) or not text.isascii()  # else a label or a bare list
    return is_closed and least <= len(text) <= most and not _NO_STATEMENT.search(text)


def _of_lists(passage: Passage, n: int) -> Iterator[Trial]:
    for block in passage.blocks:
        if text := _as_sentence(block, passage):
            yield Trial(f"{FAITHFUL}: list as a sentence", _cited(text, n), n, passage.locale)


def _as_sentence(block: Block, passage: Passage) -> str:
    if block.kind != "list":
        return ""
    items = [sentence.text for sentence in block.sentences]
    if not all(map(_is_statement, items)):
        return ""
    return list_to_sentence(items, passage.locale)


def _cited_elsewhere(sentence: str, given: Sequence[Passage], n: int) -> Iterator[Trial]:
    """With the number of the next passage that says something else."""
    for other, passage in enumerate(given, 1):
        if other != n and passage.locale is given[n - 1].locale and _is_new(sentence, passage):
            yield Trial("citation", _cited(sentence, other), n, passage.locale)
            return


def _foreign(
    passages: Sequence[Passage], passage: Passage, n: int, random: Random
) -> Iterator[Trial]:
    """What another article says, under the number of this one."""
    strange = [p for p in passages if p.path != passage.path and p.locale is passage.locale]
    said = [text for other in strange for text, _ in _statements(other)]
    for sentence in random.sample(said, min(SENTENCES, len(said))):
        if _is_new(sentence, passage):
            yield Trial("foreign", _cited(sentence, n), n, passage.locale)


def _is_new(sentence: str, passage: Passage) -> bool:
    sources = (passage.title, *passage.heading_path, passage.text)
    return bool(texts.ungrounded(sentence, [" ".join(sources)], verbatim=False))
