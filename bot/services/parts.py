"""Passages taken apart into what can be quoted by itself: sentences, list items, table rows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent

from bot.domain.knowledge import Block, Evidence, Passage, Sentence
from bot.domain.text import count_words, join_sentences, strip_links

ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+", re.MULTILINE)
STEP = re.compile(r"^\s*\d+[.)]\s")
MARKS = "*_`"
UNSEEN = frozenset(f"{MARKS}\\ \t\n")
LABEL_WORDS = 8
KEPT = 20_000  # texts whose reading is kept; a customer base asks about the same pages
_ENDED = re.compile(r"[.!?:;。！？：；…][\"'”’)）」』】*_`]*$")
HEAD_LINES = 2  # of a table
MARKUP = re.compile(r"[\W_]+")
# At the end of an item that another one followed.
_ENUMERATION = re.compile(r"(?:\s*[,;，；、]\s*(?:or|and|或|和)?|\s+(?:or|and))\s*$")
# What a sentence points back with; without the one before it means little.
_POINTS_BACK = re.compile(
    r"[(（]|\W*(?:(?:this|that|these|those|it|they|them|its|their|then|however|also|otherwise|therefore"
    r"|thus|but|so|such|hence|instead|afterwards|additionally|furthermore|similarly)\b"
    r"|此|该|这|它|其中|其余|但|否则|同时|另外|此外|因此|所以|然后|并且|而且|如此|接着|不过|之后)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """The smallest piece of a passage that can be quoted, and where it stands."""

    passage: int  # in the evidence, best first
    block: int
    place: int  # in its block
    kind: str  # of its block
    markdown: str
    text: str
    relevance: float
    words: int

    @property
    def bare(self) -> str:
        return _bare(self.text)

    @property
    def is_step(self) -> bool:
        return self.kind == "list" and STEP.match(self.markdown) is not None

    @property
    def is_running(self) -> bool:
        return self.kind in ("paragraph", "quote")

    @property
    def leads_in(self) -> bool:
        """Promises what comes next."""
        return self.text.rstrip("*_ ").endswith((":", "："))

    @property
    def asks(self) -> bool:
        return self.text.rstrip("*_ ").endswith(("?", "？"))

    @property
    def is_label(self) -> bool:
        """A few words that end like a heading."""
        return self.is_running and self.words < LABEL_WORDS and not self.is_ended

    @property
    def is_ended(self) -> bool:
        return _ENDED.search(self.text) is not None

    @property
    def points_back(self) -> bool:
        return self.is_running and _POINTS_BACK.match(self.text) is not None


def parts_of(evidence: Evidence) -> list[Part]:
    """Of the passages in the language of the best one, in reading order."""
    return [
        part
        for n, passage in enumerate(evidence.passages)
        if passage.locale is evidence.passages[0].locale
        for part in _take_apart(n, passage)
    ]


def _take_apart(number: int, passage: Passage) -> Iterator[Part]:
    blocks = _pair_questions(list(_pieces(block)) for block in passage.blocks)
    for b, (block, pieces) in enumerate(zip(passage.blocks, blocks, strict=True)):
        for place, (markdown, sentence) in enumerate(pieces):
            text = sentence.text
            words = _length(markdown)
            yield Part(number, b, place, block.kind, markdown, text, sentence.relevance, words)


def write(parts: Sequence[Part], block: Block) -> str:
    """Markdown of some parts of a block, in reading order."""
    match block.kind:
        case "list":
            # An item of an inner list would be code where its outer one is left out.
            return _ENUMERATION.sub("", dedent("\n".join(part.markdown for part in parts)))
        case "table":
            head = map(strip_links, block.markdown.splitlines()[:HEAD_LINES])
            return "\n".join([*head, *(part.markdown for part in parts)])
        case "code":
            return block.markdown
        case _:
            whole = strip_links(block.markdown)
            return _join([(part, _as_written(part.text, whole)) for part in parts])


def _join(written: Sequence[tuple[Part, str]]) -> str:
    """A line that ends without a stop does not run into the next one."""
    text = written[0][1]
    for (before, _), (_, following) in pairwise(written):
        text = join_sentences([text, following]) if before.is_ended else f"{text}\n{following}"
    return text


def _as_written(sentence: str, markdown: str) -> str:
    """With the marks (labels in bold, code) that it has in its block."""
    places = [place for place, sign in enumerate(markdown) if sign not in UNSEEN]
    seen = "".join(sign for sign in sentence if sign not in UNSEEN)
    at = "".join(markdown[place] for place in places).find(seen)
    if at < 0 or not seen:
        return sentence
    first, last = places[at], places[at + len(seen) - 1]
    before = len(markdown[:first]) - len(markdown[:first].rstrip(MARKS))
    behind = len(markdown[last + 1 :]) - len(markdown[last + 1 :].lstrip(MARKS))
    written = markdown[first - before : last + 1 + behind]
    return sentence if any(written.count(mark) % 2 for mark in ("**", "`", "__")) else written


_length = lru_cache(KEPT)(count_words)


@lru_cache(KEPT)
def _bare(text: str) -> str:
    """Without anything but letters and digits."""
    return MARKUP.sub("", text)


def _pieces(block: Block) -> Iterator[tuple[str, Sentence]]:
    match block.kind:
        case "list":
            markdowns = _items(block.markdown)
        case "table":
            markdowns = _rows(block.markdown)
        case "code":
            text = join_sentences([s.text for s in block.sentences]) or block.markdown
            yield block.markdown, Sentence(text, _relevance(block.sentences))
            return
        case _:
            sentences = block.sentences or (Sentence(strip_links(block.markdown), 0.0),)
            yield from ((s.text, s) for s in sentences)
            return
    known = [(_bare(s.text), s.relevance) for s in block.sentences]
    for markdown in markdowns:
        text = ITEM.sub("", markdown).replace("|", " ").strip()
        yield markdown, Sentence(" ".join(text.split()), _nearness(_bare(text), known))


@lru_cache(KEPT)
def _items(markdown: str) -> tuple[str, ...]:
    """Items with the lines that continue them."""
    starts = [match.start() for match in ITEM.finditer(markdown)]
    ends = [*starts[1:], len(markdown)]
    return tuple(strip_links(markdown[a:b].rstrip()) for a, b in zip(starts, ends, strict=True))


@lru_cache(KEPT)
def _rows(markdown: str) -> tuple[str, ...]:
    return tuple(map(strip_links, markdown.splitlines()[HEAD_LINES:]))


def _nearness(bare: str, known: Sequence[tuple[str, float]]) -> float:
    """A short item shares its sentence with the next one, a long one has several."""
    holding = (relevance for own, relevance in known if bare and (bare in own or own in bare))
    return max(holding, default=0.0)


def _relevance(sentences: Sequence[Sentence]) -> float:
    return max((sentence.relevance for sentence in sentences), default=0.0)


def _pair_questions(
    blocks: Iterable[list[tuple[str, Sentence]]],
) -> Iterator[list[tuple[str, Sentence]]]:
    """A question of the article's own (a FAQ) and the sentence that replies become one piece:
    the question alone answers nothing, and "No." alone could answer anything."""
    pending: Sentence | None = None
    for pieces in blocks:
        paired: list[tuple[str, Sentence]] = []
        for markdown, sentence in pieces:
            reply = sentence
            if pending is not None and markdown == sentence.text:
                reply = _joined(pending, sentence)
                markdown = reply.text
            pending = None
            if _asks(reply.text) and markdown == reply.text:
                pending = reply
            else:
                paired.append((markdown, reply))
        yield paired


def _joined(question: Sentence, reply: Sentence) -> Sentence:
    text = join_sentences([question.text, reply.text])
    return Sentence(text, max(question.relevance, reply.relevance))


def _asks(text: str) -> bool:
    return text.rstrip("*_ ").endswith(("?", "？"))
