"""An answer in the knowledge base's words: the parts that most likely answer, in few words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, zip_longest

from bot.domain.conversation import Locale
from bot.domain.knowledge import Citation, Conflict, Evidence, Passage
from bot.domain.reply import Answer
from bot.domain.text import join_sentences, strip_links
from bot.services.context import Context
from bot.services.parts import Part, parts_of, write
from bot.services.premises import corrects
from bot.services.quoting import has_word, rarest_word, shares

USUAL_WORDS = {Locale.EN: 126, Locale.ZH: 208}  # by language of the quote; a character counts
MOST_WORDS = {Locale.EN: 150, Locale.ZH: 250}  # where the steps that answer need them
SURE = 0.9  # of the belief: what has it answers, and more would only be longer
LEAST = 0.02  # share, of the best part's, from which a part is worth reading
ELSEWHERE = 0.08  # ... from which one of another article is
MOST_SOURCES = 4
PARAGRAPH_WORDS = 60  # of several blocks
THRIFT = 0.5  # how much the shorter is preferred: a share counts as share / words ** THRIFT
FEW_WORDS = 8  # below which a part is no cheaper
EXCERPT_CHARACTERS = 240

Extract = tuple[Part, ...]  # one part with what it needs, in reading order
Source = tuple[str, str | None]  # path and anchor


@dataclass(slots=True)
class Selection:
    """What is quoted, as it grows."""

    passages: Sequence[Passage]
    extracts: list[Extract] = field(default_factory=list)  # best first
    parts: set[Part] = field(default_factory=set)
    words: int = 0

    def take(self, extract: Extract, most: int) -> bool:
        """Whether it is new and fits; then it is in."""
        new = [part for part in extract if part not in self.parts and not self._says(part)]
        words = sum(part.words for part in new)
        sources = {source_of(self.passages[part.passage]) for part in {*self.parts, *extract}}
        if not new or self.words + words > most or len(sources) > MOST_SOURCES:
            return False
        self.extracts.append(extract)
        self.parts.update(new)
        self.words += words
        return True

    def is_about(self, path: str) -> bool:
        return any(self.passages[part.passage].path == path for part in self.parts)

    def _says(self, part: Part) -> bool:
        """Articles repeat one another."""
        return any(part.bare in said.bare for said in self.parts if said.passage != part.passage)


def compose(evidence: Evidence, question: str) -> tuple[str, tuple[Citation, ...]]:
    """Text (Markdown with `[n]` marks) and citations; the evidence must hold a passage."""
    composition = Composition(evidence.passages)
    selection = select(evidence, question)
    paragraphs = arrange(selection)
    for paragraph, following in zip_longest(paragraphs, paragraphs[1:], fillvalue=()):
        composition.add(paragraph, following)
    if not composition.paragraphs:
        first = evidence.passages[0]  # nothing but pictures: its heading is all that can be said
        composition.quote(first, (first.title, *first.heading_path)[-1])
    return "\n\n".join(composition.paragraphs), cite(composition.sources)


def extractive_answer(evidence: Evidence, question: str) -> Answer:
    text, citations = compose(evidence, question)
    return Answer.grounded(text, citations, evidence)


def quote_both(conflict: Conflict) -> Answer:
    """The sentences that disagree, each with its source."""
    composition = Composition((conflict.one.passage, conflict.two.passage))
    for quote in (conflict.one, conflict.two):
        composition.quote(quote.passage, strip_links(quote.sentence))
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


def select(evidence: Evidence, question: str) -> Selection:
    """Greedy by belief per word, in the language of the best passage, until enough is said.

    A yes/no question is answered first by what denies its premise or names its subject: a "no"
    about something else would mislead.
    """
    passages = evidence.passages
    locale = passages[0].locale
    parts = parts_of(evidence)
    context = Context(parts, room=MOST_WORDS[locale] // 2)
    believed = dict(zip(parts, shares(evidence, parts, question), strict=True))
    greatest = max(believed.values(), default=0.0)
    extracts = {p: context.extract(p) for p in parts if believed[p] >= LEAST * greatest}
    extracts = extracts if any(extracts.values()) else {p: context.extract(p) for p in parts}
    order = sorted(filter(extracts.get, extracts), key=lambda part: -believed[part] / _price(part))
    if subject := rarest_word(parts, question):
        named = [part for part in order if has_word(part, subject)]
        likely = [part for part in named if believed[part] >= ELSEWHERE * greatest]
        denial = [part for part in likely if corrects(part.text, question)]
        order = [*denial[:1], *named[:1], *order]
    selection = Selection(passages)
    for part in order:
        most = USUAL_WORDS[locale] if selection.extracts else MOST_WORDS[locale]
        is_about = selection.is_about(passages[part.passage].path)
        least = LEAST if is_about else ELSEWHERE
        if believed[part] >= least * greatest and part not in selection.parts:
            selection.take(extracts[part], most)
        if sum(believed[part] for part in selection.parts) >= SURE:
            break
    if order and not selection.extracts:  # all that answers is long: code, or a huge item
        selection.take((order[0],), order[0].words)
    return selection


def _price(part: Part) -> float:
    return float(max(part.words, FEW_WORDS) ** THRIFT)


def source_of(passage: Passage) -> Source:
    return passage.path, passage.anchor


def arrange(selection: Selection) -> list[Extract]:
    """Paragraphs, each of one block: what opens the answer, then passage by passage."""
    if not selection.extracts:
        return []
    opening = _opening(selection)
    order = {e[0].passage: n for n, e in reversed(list(enumerate([opening, *selection.extracts])))}
    rest = sorted(
        selection.parts - set(opening), key=lambda p: (order[p.passage], p.block, p.place)
    )
    return [*_by_block(opening), *_by_block(rest)]


def _opening(selection: Selection) -> Extract:
    """The best extract with what was chosen right behind it."""
    first = selection.extracts[0]
    chosen = [part for part in first if part in selection.parts]
    while True:
        last = chosen[-1]
        following = [p for p in selection.parts if _follows(last, p)]
        if not following:
            return tuple(chosen)
        chosen.extend(following)


def _follows(part: Part, other: Part) -> bool:
    same_block = (part.passage, part.block) == (other.passage, other.block)
    return same_block and other.place == part.place + 1


def _by_block(parts: Iterable[Part]) -> Iterator[Extract]:
    """One paragraph a block; short ones that follow one another become one."""
    paragraph: Extract = ()
    for _, group in groupby(parts, key=lambda part: (part.passage, part.block)):
        block = tuple(group)
        if paragraph and _read_as_one(paragraph, block):
            paragraph += block
            continue
        if paragraph:
            yield paragraph
        paragraph = block
    if paragraph:
        yield paragraph


def _read_as_one(before: Extract, after: Extract) -> bool:
    return (
        before[0].passage == after[0].passage
        and all(
            part.kind == "paragraph" and part.is_ended and not part.leads_in
            for part in (*before, *after)
        )
        and sum(part.words for part in (*before, *after)) <= PARAGRAPH_WORDS
    )


@dataclass(slots=True)
class Composition:
    """An answer as it grows: paragraphs, each with the number of its source."""

    passages: Sequence[Passage]
    paragraphs: list[str] = field(default_factory=list)
    sources: list[tuple[Passage, str]] = field(default_factory=list)  # with what was quoted first

    def add(self, parts: Extract, following: Extract = ()) -> None:
        """Parts of one block, in reading order, or of several paragraphs. Steps that more steps
        follow would become one list with them, numbered on, but for the line between."""
        passage = self.passages[parts[0].passage]
        blocks = groupby(parts, key=lambda part: part.block)
        texts = [write(tuple(group), passage.blocks[block]) for block, group in blocks]
        n = self._number(passage, parts[0].text)
        apart = parts[0].is_step and bool(following) and following[0].is_step
        self.paragraphs.append(_marked(join_sentences(texts), n, apart=apart))

    def quote(self, passage: Passage, markdown: str) -> None:
        self.paragraphs.append(_marked(markdown, self._number(passage, markdown)))

    def _number(self, passage: Passage, quoted: str) -> int:
        for n, (source, _) in enumerate(self.sources, 1):
            if source_of(source) == source_of(passage):
                return n
        self.sources.append((passage, quoted))
        return len(self.sources)


def _marked(markdown: str, n: int, *, apart: bool = False) -> str:
    """The source's number behind the text; `apart`, and after a table or code, it stands on a line
    of its own."""
    last = markdown.rstrip().rsplit("\n", 1)[-1]
    if apart or last.startswith(("|", "```", "~~~", "    ")):
        return f"{markdown.rstrip()}\n\n[{n}]"
    return f"{markdown.rstrip()} [{n}]"
