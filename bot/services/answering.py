"""An answer in the knowledge base's words: the sentence that answers, then the blocks that do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Citation, Conflict, Evidence, Passage, Sentence
from bot.domain.reply import Answer
from bot.domain.text import count_words, join_sentences, strip_links

USUAL_WORDS = 120  # a Chinese character counts as one
MOST_WORDS = 220
ALL_WORDS = {Locale.EN: 125, Locale.ZH: 200}  # with the further sources, by language of the quote
NEAR = 0.25  # relevance below the best sentence at which a sentence still belongs to the answer
OPENING_BONUS = 0.05  # articles open a section with the sentence that answers its heading
RIVAL = 0.1  # share of the first passage's score from which another one is quoted too
AS_GOOD = 0.2  # relevance below the first passage's best sentence that another one may have
FURTHER_SOURCES = 2
FURTHER_WORDS = 50  # of one of them
FOLLOWING = 2  # sentences of a block that explain the one before them
STEPS = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
MARKUP = re.compile(r"[\W_]+")
EXCERPT_CHARACTERS = 240


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
    evidence = replace(evidence, passages=tuple(map(pair_questions, evidence.passages)))
    first = evidence.passages[0]
    best = _best_sentence(first)
    _quote(composition, first, best)
    limit = ALL_WORDS[first.locale]
    for passage, sentence in _further_sources(evidence, best.relevance if best else 0.0):
        room = min(FURTHER_WORDS, limit - composition.words)
        quote = _with_following(passage, sentence, room)
        if composition.fits(quote, limit):
            composition.add(passage, quote, sentence.text)
    return "\n\n".join(composition.paragraphs), cite(composition.sources)


def pair_questions(passage: Passage) -> Passage:
    """A question of the article's own (a FAQ) and the sentence that replies become one sentence:
    the question alone answers nothing, and "No." alone could answer anything."""
    blocks: list[Block] = []
    pending: Sentence | None = None
    for block in passage.blocks:
        sentences: list[Sentence] = []
        for sentence in block.sentences:
            if pending is not None:
                sentence = _joined(pending, sentence)
                pending = None
            if _asks(sentence):
                pending = sentence
            else:
                sentences.append(sentence)
        if sentences:
            blocks.append(replace(block, sentences=tuple(sentences)))
    return replace(passage, blocks=tuple(blocks) or passage.blocks)


def _joined(question: Sentence, reply: Sentence) -> Sentence:
    text = join_sentences([question.text, reply.text])
    return Sentence(text, max(question.relevance, reply.relevance))


def _asks(sentence: Sentence) -> bool:
    return sentence.text.rstrip("*_ ").endswith(("?", "？"))


def extractive_answer(evidence: Evidence) -> Answer:
    text, citations = compose(evidence)
    return Answer.grounded(text, citations, evidence)


def quote_both(conflict: Conflict) -> Answer:
    """The sentences that disagree, each with its source."""
    composition = Composition()
    for quote in (conflict.one, conflict.two):
        composition.add(quote.passage, strip_links(quote.sentence), quote.sentence)
    return Answer("\n\n".join(composition.paragraphs), cite(composition.sources))


def cite(sources: Sequence[tuple[Passage, str]]) -> tuple[Citation, ...]:
    """Citations numbered from 1, each with the words it stands for."""
    return tuple(
        Citation(
            n=n,
            path=passage.path,
            anchor=passage.anchor,
            title=passage.title,
            url=passage.url,
            excerpt=quoted[:EXCERPT_CHARACTERS],
        )
        for n, (passage, quoted) in enumerate(sources, 1)
    )


def _quote(composition: Composition, passage: Passage, best: Sentence | None) -> None:
    """The best sentence, then the blocks that belong to the answer, in reading order."""
    lead = _lead(passage, best)
    if lead:
        composition.add(passage, lead.text, lead.text)
    floor = best.relevance - NEAR if best else -1.0
    for block, markdown in _answering_blocks(passage, lead, floor, composition.words):
        composition.add(passage, strip_links(markdown), _nearest(block).text)


def _best_sentence(passage: Passage) -> Sentence | None:
    sentences = [s for block in passage.blocks if block.kind != "code" for s in block.sentences]
    if not sentences:
        return None
    opening = sentences[0]
    return max(sentences, key=lambda s: s.relevance + (OPENING_BONUS if s is opening else 0.0))


def _lead(passage: Passage, best: Sentence | None) -> Sentence | None:
    """The sentence to open with: running text only, an item or a row does not stand alone."""
    running = _running_text(passage)
    if best is None or not running:
        return None
    if any(sentence is best for sentence in running):
        return best
    return running[0] if running[0].relevance >= best.relevance - NEAR else None


def _running_text(passage: Passage) -> list[Sentence]:
    return [s for b in passage.blocks if b.kind in ("paragraph", "quote") for s in b.sentences]


def _answering_blocks(
    passage: Passage, lead: Sentence | None, floor: float, words: int
) -> list[tuple[Block, str]]:
    """Blocks with the Markdown to quote: the nearest to the question while there is room, in
    reading order; at least one when nothing opens the answer."""
    chosen: dict[int, str] = {}
    for position in _by_nearness(passage, floor):
        block = passage.blocks[position]
        markdown = _without(block, lead, floor)
        if words + count_words(markdown) > USUAL_WORDS:
            markdown = shorten(block, MOST_WORDS - words) if _is_whole(block, lead) else ""
        if not markdown or (chosen and words + count_words(markdown) > MOST_WORDS):
            continue
        chosen[position] = markdown
        words += count_words(markdown)
        if words > USUAL_WORDS:
            break
    return [(passage.blocks[position], chosen[position]) for position in sorted(chosen)]


def _by_nearness(passage: Passage, floor: float) -> list[int]:
    """Positions of the blocks that belong to the answer, nearest first. A list, table or code comes
    right behind the block that leads into it; the steps of a short section are its answer."""
    nearness: dict[int, float] = {}
    for position, block in enumerate(passage.blocks):
        own = _nearest(block).relevance if block.sentences else -1.0
        if block.kind in ("list", "table", "code") and position - 1 in nearness:
            own = max(own, nearness[position - 1] - 1e-6)
        if _is_steps(block) and len(passage.blocks) <= 4:
            own = max(own, floor)
        if own >= floor:
            nearness[position] = own
    return sorted(nearness, key=lambda position: -nearness[position])


def _is_steps(block: Block) -> bool:
    return block.kind == "list" and bool(STEPS.match(block.markdown))


def _is_whole(block: Block, lead: Sentence | None) -> bool:
    """Nothing of the block opened the answer yet."""
    return not any(sentence is lead for sentence in block.sentences)


def _without(block: Block, lead: Sentence | None, floor: float) -> str:
    """A block's Markdown without the sentence that already opened the answer."""
    if _is_whole(block, lead):
        return block.markdown
    rest = [s.text for s in block.sentences if s is not lead and s.relevance >= floor]
    return join_sentences(rest)


def shorten(block: Block, words: int) -> str:
    """What fits of a block: whole steps from the first, else the nearest items and rows."""
    if count_words(block.markdown) <= words:
        return block.markdown
    lines = block.markdown.splitlines()
    match block.kind:
        case "table":
            return _fill(lines[:2], lines[2:], block, words)
        case "list" if _is_steps(block):
            return _fill([], lines, None, words)
        case "list":
            return _fill([], lines, block, words)
        case "code":
            return ""
        case _:
            near = sorted(block.sentences, key=lambda s: -s.relevance)[:2]
            text = join_sentences([s.text for s in block.sentences if s in near])
            return text if count_words(text) <= words else _nearest(block).text


def _fill(head: list[str], lines: list[str], block: Block | None, words: int) -> str:
    """Lines that fit, in reading order; with a block the nearest to the question are kept."""
    order = list(range(len(lines)))
    if block is not None:
        order.sort(key=lambda number: -_line_relevance(lines[number], block))
    kept: set[int] = set()
    used = count_words("\n".join(head))
    for number in order:
        used += count_words(lines[number])
        if used > words:
            break
        kept.add(number)
    return "\n".join([*head, *(lines[number] for number in sorted(kept))]) if kept else ""


def _line_relevance(line: str, block: Block) -> float:
    """Of the sentence that holds the line's words."""
    bare = MARKUP.sub("", line)
    holding = [s.relevance for s in block.sentences if bare and bare in MARKUP.sub("", s.text)]
    return max(holding, default=-1.0)


def _further_sources(evidence: Evidence, best: float) -> list[tuple[Passage, Sentence]]:
    """Passages in the first one's language that are about as good, each with its best sentence."""
    first, *others = evidence.passages
    quoted, found = [first], []
    for passage in others:
        sentence = max(_running_text(passage), key=lambda s: s.relevance, default=None)
        if (
            sentence is not None
            and passage.locale is first.locale
            and passage.score >= first.score * RIVAL
            and sentence.relevance >= best - AS_GOOD
            and not any(_says(known, sentence) for known in quoted)
        ):
            quoted.append(passage)
            found.append((passage, sentence))
    return found[:FURTHER_SOURCES]


def _with_following(passage: Passage, sentence: Sentence, words: int) -> str:
    """The sentence and what explains it: the next ones of its block, while there is room."""
    block = next(b for b in passage.blocks if any(s is sentence for s in b.sentences))
    place = next(i for i, s in enumerate(block.sentences) if s is sentence)
    kept = [sentence.text]
    for following in block.sentences[place + 1 : place + 1 + FOLLOWING]:
        longer = join_sentences([*kept, following.text])
        if count_words(longer) > words:
            break
        kept.append(following.text)
    return join_sentences(kept)


def _says(passage: Passage, sentence: Sentence) -> bool:
    return MARKUP.sub("", sentence.text) in MARKUP.sub("", passage.text)


def _nearest(block: Block) -> Sentence:
    return max(block.sentences, key=lambda s: s.relevance, default=Sentence(block.markdown, -1.0))


def _marked(markdown: str, n: int) -> str:
    """The source's number behind the text; after a table or code it stands on a line of its own."""
    last = markdown.rstrip().rsplit("\n", 1)[-1]
    if last.startswith(("|", "```", "~~~", "    ")):
        return f"{markdown.rstrip()}\n\n[{n}]"
    return f"{markdown.rstrip()} [{n}]"
