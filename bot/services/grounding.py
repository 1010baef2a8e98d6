"""Whether what a chat model wrote stands in the passages it cites; nothing in it is trusted."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache

from bot.domain.conversation import Locale
from bot.domain.knowledge import Passage
from bot.ports import Similarity
from bot.services import alignment, facts, markup, premises, translation, wording
from bot.services.markup import Code, Item, Sentence, Text
from bot.services.statements import Source
from bot.services.wording import Wording

NO_ANSWER = "NO_ANSWER"
LINE_CHARACTERS = 2_000  # no paragraph that was asked for is longer
SOURCE_CHARACTERS = 8_000
KEPT = 64  # sources; with all that is worked out about them 40 KB per 1,000 characters

_COLON = re.compile(r"[:：]\**$")
_ONLY_SOURCES = re.compile(
    r"(?:\**(?:sources?|references?|来源|出处|参考资料|参考)\**\s*[:：]?\**)?[\s,.，。、]*", re.I
)
_ENUMERATOR = re.compile(r"^(?:\(?\d{1,2}[)、]|[①-⑳])\s*(?!\d)")


class Fallback(StrEnum):
    """Why the extractive answer stands."""

    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    NO_ANSWER = "no_answer"
    UNGROUNDED = "ungrounded"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    WRONG_LANGUAGE = "wrong_language"


@dataclass(frozen=True, slots=True)
class Grounded:
    """`[n]` in the text (Markdown) is the n-th of the passages."""

    text: str
    passages: tuple[Passage, ...]


def ground(
    output: str,
    passages: Sequence[Passage],
    locale: Locale,
    question: str = "",
    similarity: Similarity | None = None,
) -> Grounded | Fallback:
    """The sentences of `output` that cite what supports them; `[n]` there is the n-th passage.

    Of a `question`, an answer must not affirm what its source does not say. Raises
    ModelUnavailable where `similarity` fails.
    """
    text = markup.visible(output).strip()
    if not text:
        return Fallback.EMPTY
    if NO_ANSWER in text:
        return Fallback.NO_ANSWER
    if max(map(len, text.split("\n"))) > LINE_CHARACTERS:
        return Fallback.UNGROUNDED
    if not wording.is_in(text, locale):
        return Fallback.WRONG_LANGUAGE
    sources = [_Source.of(passage) for passage in passages]
    blocks = _cite_leads(markup.read(markup.write_ids_plainly(text)), sources)
    review = _Review(sources, locale, question, similarity)
    kept = _close_up([review.pass_block(block) for block in blocks])
    if not review.is_passed or not _has_only_cited_code(kept, sources):
        return Fallback.UNGROUNDED
    grounded = _write(kept, passages)
    return grounded if wording.is_in(grounded.text, locale) else Fallback.WRONG_LANGUAGE


@dataclass(frozen=True)
class _Source:
    """A passage, prepared for comparison when something cites it."""

    headings: tuple[str, ...]
    text: str
    locale: Locale

    @classmethod
    def of(cls, passage: Passage) -> "_Source":
        headings = (passage.title, *passage.heading_path)
        return _prepared(headings, passage.text[:SOURCE_CHARACTERS], passage.locale)

    @cached_property
    def markdown(self) -> str:
        return "\n".join((*self.headings, self.text))

    @cached_property
    def facts(self) -> frozenset[facts.Fact]:
        return facts.known(self.markdown)

    @cached_property
    def wording(self) -> Wording:
        return Wording.of(self.markdown)

    @cached_property
    def alignment(self) -> Source:
        return Source.of(self.text, self.headings)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return tuple(statement.text for statement in self.alignment.statements)

    def shows_code(self, code: str) -> bool:
        """The very code, not a part of a longer word or path."""
        wanted = re.escape(" ".join(code.split()))
        shown = " ".join(self.markdown.replace("**", "").split())
        return bool(wanted) and bool(re.search(rf"(?<![\w./-]){wanted}(?![\w/-])", shown))


# Customers ask about the same pages, and a page is taken apart anew for each of its readers.
_prepared = lru_cache(KEPT)(_Source)


@dataclass(frozen=True, slots=True)
class _Row:
    """What is left of a paragraph or an item."""

    item: Item
    sentences: tuple[Sentence, ...]

    @property
    def is_lead(self) -> bool:
        return bool(self.sentences) and bool(_COLON.search(self.sentences[-1].text))

    def write(self, numbers: dict[int, int]) -> str:
        text = markup.join(sentence.renumbered(numbers) for sentence in self.sentences)
        return f"{'    ' * self.item.depth}{self.item.marker} {text}" if self.item.marker else text


_Kept = tuple[_Row, ...] | Code


@dataclass(slots=True)
class _Review:
    sources: Sequence[_Source]
    locale: Locale
    question: str
    similarity: Similarity | None
    verdicts: list[bool] = field(default_factory=list)  # one a sentence, in reading order
    seen: set[str] = field(default_factory=set)

    @property
    def is_passed(self) -> bool:
        """The first sentence usually is the answer; without it the others are asides."""
        return (
            bool(self.verdicts)
            and self.verdicts[0]
            and self.verdicts.count(False) * 2 <= len(self.verdicts)
        )

    def pass_block(self, block: Text | Code) -> _Kept:
        """A list stands or falls as a whole: one with a step missing misleads."""
        if isinstance(block, Code):
            return block
        before = len(self.verdicts)
        rows = [_Row(item, self._pass_item(item, block.is_list)) for item in block.items]
        if block.is_list and not (all(self.verdicts[before:]) and _is_varied(rows)):
            self.verdicts[before:] = [False] * (len(self.verdicts) - before)
            return ()
        return tuple(row for row in rows if row.sentences)

    def _pass_item(self, item: Item, in_list: bool) -> tuple[Sentence, ...]:
        passed: list[Sentence] = []
        for text in markup.split(item.text):
            sentence = markup.canonical(text)
            if sentence and not sentence.code and _ONLY_SOURCES.fullmatch(sentence.body):
                continue
            stands = sentence is not None and self._stands(sentence)
            # The same step may come twice; the same statement may not.
            is_new = in_list or not sentence or sentence.body not in self.seen
            self.verdicts.append(stands and is_new)
            if sentence and stands and is_new:
                self.seen.add(sentence.body)
                passed.append(sentence)
        return tuple(passed)

    def _stands(self, sentence: Sentence) -> bool:
        ids, body = sentence.ids, sentence.body
        if not (sentence.code or re.search(r"\w", body)) or not wording.is_in(body, self.locale):
            return False
        if not sentence.ends_with_ids or not all(0 < n <= len(self.sources) for n in ids):
            return False
        cited = [self.sources[n - 1] for n in ids]
        if not all(any(s.shows_code(code) for s in cited) for code in sentence.code):
            return False
        if not all(any(f"]({url}" in s.markdown for s in cited) for url in sentence.targets):
            return False
        known = frozenset[facts.Fact]().union(*(source.facts for source in cited))
        claim = _ENUMERATOR.sub("", body)
        if not self.verdicts and premises.is_affirmed_falsely(self.question, claim, known):
            return False
        if not all(facts.is_supported(fact, known) for fact in facts.stated(claim)):
            return False
        said = Wording.merge(source.wording for source in cited)
        if all(source.locale is self.locale for source in cited):
            return wording.keeps_to(claim, said, self.locale) and alignment.retells(
                claim, [source.alignment for source in cited]
            )
        return (
            wording.foreign_names_occur(claim, said, self.locale)
            and translation.keeps_counts(claim, known)
            and self._renders(claim, cited)
        )

    def _renders(self, claim: str, cited: Sequence[_Source]) -> bool:
        if self.similarity is None:
            return True
        others = [s for s in self.sources if s not in cited and s.locale is not self.locale]
        said, strange = ([s.sentences for s in group] for group in (cited, others))
        return translation.renders(claim, said, strange, self.similarity)


def _is_varied(rows: Sequence[_Row]) -> bool:
    """Not one item over and over, as a model writes that does not find its end."""
    return len({row.sentences for row in rows}) * 2 >= len(rows)


def _cite_leads(blocks: list[Text | Code], sources: Sequence[_Source]) -> list[Text | Code]:
    """A lead-in without ids ("To create one:") stands on what the list or code below it cites."""
    led: list[Text | Code] = []
    for block, following in itertools.zip_longest(blocks, blocks[1:]):
        if isinstance(block, Code):
            led.append(block)
            continue
        items = []
        for place, item in enumerate(block.items):
            below = block.items[place + 1 :]
            ids = (
                markup.ids_in(_deeper(below, item.depth)) if below else _ids_of(following, sources)
            )
            is_open = _COLON.search(item.text) and not markup.ends_with_ids(item.text)
            items.append(replace(item, text=markup.with_ids(item.text, ids)) if is_open else item)
        led.append(Text(tuple(items)))
    return led


def _deeper(items: Sequence[Item], depth: int) -> list[str]:
    return [item.text for item in itertools.takewhile(lambda i: i.depth > depth, items)]


def _ids_of(block: Text | Code | None, sources: Sequence[_Source]) -> tuple[int, ...]:
    if isinstance(block, Code):
        shown = (n for n, source in enumerate(sources, 1) if source.shows_code(block.text))
        return tuple(itertools.islice(shown, 1))
    return markup.ids_in(item.text for item in block.items) if block and block.is_list else ()


def _close_up(blocks: Sequence[_Kept]) -> list[_Kept]:
    """Without empty blocks, and without lead-ins that lead to nothing any more."""
    kept: list[_Kept] = []
    for block in reversed(blocks):
        if isinstance(block, tuple) and block and block[-1].is_lead and not _is_led_into(kept):
            block = (*block[:-1], replace(block[-1], sentences=block[-1].sentences[:-1]))
            block = tuple(row for row in block if row.sentences)
        # An empty block stays until the lead-in before it was looked at.
        kept.append(block)
    return [block for block in reversed(kept) if block]


def _is_led_into(below: Sequence[_Kept]) -> bool:
    following = below[-1] if below else ()
    return isinstance(following, Code) or bool(following and following[0].item.marker)


def _ids(blocks: Sequence[_Kept]) -> list[int]:
    """In reading order."""
    sentences = [s for b in blocks if isinstance(b, tuple) for row in b for s in row.sentences]
    return list(dict.fromkeys(n for sentence in sentences for n in sentence.ids))


def _has_only_cited_code(blocks: Sequence[_Kept], sources: Sequence[_Source]) -> bool:
    cited = [sources[n - 1] for n in _ids(blocks)]
    codes = [block.text for block in blocks if isinstance(block, Code)]
    return bool(cited) and all(
        "```" not in code and any(source.shows_code(code) for source in cited) for code in codes
    )


def _write(blocks: Sequence[_Kept], passages: Sequence[Passage]) -> Grounded:
    """Numbered anew in reading order; passages of one section share a number."""
    places: dict[tuple[str, str | None], Passage] = {}
    numbers: dict[int, int] = {}
    for n in _ids(blocks):
        passage = passages[n - 1]
        place = (passage.path, passage.anchor)
        places.setdefault(place, passage)
        numbers[n] = list(places).index(place) + 1
    written = [
        f"```{block.language}\n{block.text}\n```"
        if isinstance(block, Code)
        else "\n".join(row.write(numbers) for row in block)
        for block in blocks
    ]
    return Grounded("\n\n".join(written), tuple(places.values()))
