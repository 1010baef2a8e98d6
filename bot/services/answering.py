"""An answer in the words of the knowledge base: the sentence that answers, then the blocks that do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.knowledge import Block, Citation, Evidence, Passage, Sentence
from bot.domain.reply import Answer
from bot.domain.text import count_words, strip_links

USUAL_WORDS = 120  # a Chinese character counts as one
MOST_WORDS = 220
FURTHER_SOURCES = 2  # besides the first
NEAR = 0.12  # cosine below the best sentence at which a sentence still belongs to the answer
AS_GOOD = 0.04  # and at which another source is worth its place
OPENING_BONUS = 0.05  # articles open a section with the sentence that answers its heading
STEPS = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
EXCERPT_CHARACTERS = 240
CITED_PASSAGES = 5


@dataclass(slots=True)
class Composition:
    """An answer as it grows: paragraphs, each with the number of its source."""

    paragraphs: list[str] = field(default_factory=list)
    sources: list[tuple[Passage, str]] = field(default_factory=list)  # with what was quoted first
    words: int = 0

    def add(self, passage: Passage, markdown: str, quoted: str) -> None:
        n = self._number(passage, quoted)
        self.paragraphs.append(_marked(markdown, n))
        self.words += count_words(markdown)

    def fits(self, markdown: str, limit: int) -> bool:
        return self.words + count_words(markdown) <= limit

    def _number(self, passage: Passage, quoted: str) -> int:
        for n, (source, _) in enumerate(self.sources, 1):
            if (source.path, source.anchor) == (passage.path, passage.anchor):
                return n
        self.sources.append((passage, quoted))
        return len(self.sources)


def compose(evidence: Evidence) -> tuple[str, tuple[Citation, ...]]:
    """Text (Markdown with `[n]` marks) and citations; the evidence must hold a passage."""
    composition = Composition()
    first = evidence.passages[0]
    best = _best_sentence(first)
    _quote(composition, first, best)
    for passage in _further(evidence, first, best.relevance if best else 0.0):
        sentence = _best_sentence(passage)
        if sentence and composition.fits(sentence.text, MOST_WORDS):
            composition.add(passage, sentence.text, sentence.text)
    text = "\n\n".join(composition.paragraphs)
    return text, cite(composition.sources)


def extractive_answer(evidence: Evidence) -> Answer:
    text, citations = compose(evidence)
    return Answer.grounded(text, citations, evidence)


def cite(sources: Sequence[tuple[Passage, str]]) -> tuple[Citation, ...]:
    """Citations numbered from 1, each with the words it stands for."""
    return tuple(
        Citation(
            n=n,
            path=passage.path,
            anchor=passage.anchor,
            title=passage.title,
            url=article_url(passage),
            excerpt=quoted[:EXCERPT_CHARACTERS],
        )
        for n, (passage, quoted) in enumerate(sources, 1)
    )


def article_url(passage: Passage) -> str:
    return f"/kb/{passage.path}" + (f"#{passage.anchor}" if passage.anchor else "")


def _quote(composition: Composition, passage: Passage, best: Sentence | None) -> None:
    """The best sentence first, then the passage's blocks in reading order while there is room."""
    floor = best.relevance - NEAR if best else -1.0
    lead = _lead(passage, best)
    if lead:
        composition.add(passage, lead.text, lead.text)
    answering = _answering_blocks(passage, floor)
    for block in answering:
        markdown = _without(block, lead, floor)
        if not markdown:
            continue
        if not composition.fits(markdown, USUAL_WORDS) and composition.paragraphs:
            markdown = shorten(block, MOST_WORDS - composition.words)
        if markdown and composition.fits(markdown, MOST_WORDS):
            composition.add(passage, strip_links(markdown), _opening(block))
    if not composition.paragraphs:
        block = max(passage.blocks, key=_relevance)
        composition.add(passage, strip_links(shorten(block, MOST_WORDS)), _opening(block))


def _best_sentence(passage: Passage) -> Sentence | None:
    scored = [
        (sentence.relevance + (OPENING_BONUS if position == 0 else 0.0), sentence)
        for position, (block, sentence) in enumerate(
            (block, sentence) for block in passage.blocks for sentence in block.sentences
        )
        if block.kind != "code"
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _lead(passage: Passage, best: Sentence | None) -> Sentence | None:
    """The sentence to open with: running text only, an item or a row does not stand alone."""
    running = [
        sentence
        for block in passage.blocks
        if block.kind in ("paragraph", "quote")
        for sentence in block.sentences
    ]
    if best in running:
        return best
    return running[0] if running and best and running[0].relevance > best.relevance - NEAR else None


def _answering_blocks(passage: Passage, floor: float) -> list[Block]:
    """Blocks near the question, and what a near block leads into (a list, a table, code)."""
    chosen: list[Block] = []
    for position, block in enumerate(passage.blocks):
        before = passage.blocks[position - 1] if position else None
        led_into = before in chosen and block.kind in ("list", "table", "code")
        if led_into or _relevance(block) >= floor or _is_short_steps(block, passage):
            chosen.append(block)
    return chosen


def _is_short_steps(block: Block, passage: Passage) -> bool:
    """The steps of a section are its answer, however each is worded."""
    return block.kind == "list" and bool(STEPS.match(block.markdown)) and len(passage.blocks) <= 4


def _without(block: Block, lead: Sentence | None, floor: float) -> str:
    """A block's Markdown without the sentence that already opened the answer."""
    if lead is None or lead not in block.sentences:
        return block.markdown
    rest = [s.text for s in block.sentences if s is not lead and s.relevance >= floor]
    return " ".join(rest)


def shorten(block: Block, words: int) -> str:
    """The part of a block that fits: whole rows and items, the nearest to the question kept."""
    if count_words(block.markdown) <= words:
        return block.markdown
    lines = block.markdown.splitlines()
    match block.kind:
        case "table":
            return _fill(lines[:2], lines[2:], words)
        case "list":
            return _fill([], lines, words)
        case "code":
            return ""
        case _:
            near = sorted(block.sentences, key=lambda s: -s.relevance)[:2]
            return " ".join(s.text for s in block.sentences if s in near)


def _fill(head: list[str], lines: list[str], words: int) -> str:
    kept = list(head)
    for line in lines:
        if count_words("\n".join([*kept, line])) > words:
            break
        kept.append(line)
    return "\n".join(kept) if len(kept) > len(head) else ""


def _further(evidence: Evidence, first: Passage, best: float) -> list[Passage]:
    """Other sources in the first one's language that answer about as well."""
    found = [
        passage
        for passage in evidence.passages[1:CITED_PASSAGES]
        if passage.locale is first.locale
        and (sentence := _best_sentence(passage)) is not None
        and sentence.relevance >= best - AS_GOOD
        and not _repeats(sentence, first)
    ]
    return found[:FURTHER_SOURCES]


def _repeats(sentence: Sentence, passage: Passage) -> bool:
    return any(sentence.text == other.text for block in passage.blocks for other in block.sentences)


def _relevance(block: Block) -> float:
    return max((sentence.relevance for sentence in block.sentences), default=-1.0)


def _opening(block: Block) -> str:
    best = max(block.sentences, key=lambda s: s.relevance, default=None)
    return best.text if best else block.markdown


def _marked(markdown: str, n: int) -> str:
    """The source's number behind the text; after a table or code it stands on a line of its own."""
    last = markdown.rstrip().rsplit("\n", 1)[-1]
    if last.startswith(("|", "```", "~~~", "    ")):
        return f"{markdown.rstrip()}\n\n[{n}]"
    return f"{markdown.rstrip()} [{n}]"
