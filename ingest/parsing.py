"""Second step of ingestion: a document becomes an article of sections and blocks."""

import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import PurePosixPath
from typing import NamedTuple

from ingest.article import Article, Block, BlockKind, Problem, Section
from ingest.blocks import Heading, Piece, read_blocks
from ingest.dialects import strip_dialects
from ingest.documents import Document
from ingest.front_matter import FrontMatter, Metadata, read_front_matter
from ingest.language import detect_locale, locale_of_path
from ingest.markdown import MarkdownTooComplex

_NOT_IN_SLUG = re.compile(r"[^\w\- ]")
_INDEX_NAMES = ("readme", "index", "_index")


class Parsed(NamedTuple):
    """The article, or None when nothing of the document can be used; and what was wrong."""

    article: Article | None
    problems: tuple[Problem, ...] = ()


def parse(document: Document) -> Parsed:
    front_matter = read_front_matter(document.path, document.text)
    problems = front_matter.problems
    if not front_matter.body.strip():
        reason = "empty" if not document.text.strip() else "front matter without an article"
        return Parsed(None, (*problems, Problem(document.path, None, reason)))
    try:
        pieces = read_blocks(
            strip_dialects(front_matter.body),
            first_line=front_matter.body_line,
            mdx=document.path.lower().endswith(".mdx"),
        )
    except MarkdownTooComplex as error:
        line = error.line and error.line + front_matter.body_line - 1
        return Parsed(None, (*problems, Problem(document.path, line, error.reason)))
    return Parsed(_build(document.path, front_matter, pieces), problems)


def _build(path: str, front_matter: FrontMatter, pieces: Sequence[Piece]) -> Article:
    metadata = front_matter.metadata
    first = next((piece for piece in pieces if isinstance(piece, Heading)), None)
    title = metadata.title or (first.plain if first else title_of_path(path))
    is_title = first is not None and first.level == 1 and _same(first.plain, title)
    details = {f.name: getattr(metadata, f.name) for f in fields(Metadata)}
    details |= {"title": title, "locale": metadata.locale or _locale(path, title, pieces)}
    sections = _sections(pieces, front_matter.body_line, first if is_title else None)
    return Article(path=path, sections=sections, **details)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def title_of_path(path: str) -> str:
    """The file's name as words; an index is named by its folder."""
    pure = PurePosixPath(path)
    stem = pure.name.split(".", 1)[0] or pure.stem
    if stem.lower() in _INDEX_NAMES and pure.parent.name:
        stem = pure.parent.name
    return re.sub(r"[-_\s]+", " ", stem).strip() or stem


def _locale(path: str, title: str, pieces: Sequence[Piece]) -> str:
    named = locale_of_path(path)
    if named:
        return named
    texts = [
        piece.plain
        for piece in pieces
        if isinstance(piece, Heading) or piece.kind is not BlockKind.CODE
    ]
    return detect_locale("\n".join((title, *texts)))


def _sections(
    pieces: Sequence[Piece], first_line: int, title: Heading | None
) -> tuple[Section, ...]:
    """The article's own heading opens no section: what follows it is the introduction."""
    anchors = Anchors()
    above: list[Heading] = []
    sections: list[Section] = []
    heading_path: tuple[str, ...] = ()
    anchor: str | None = None
    line = first_line
    blocks: list[Block] = []
    for piece in pieces:
        if isinstance(piece, Block):
            blocks.append(piece)
            continue
        next_anchor = anchors.add(piece.custom_id or slugify(piece.plain))
        if piece is title:
            continue
        if blocks or heading_path:
            sections.append(Section(heading_path, anchor, line, tuple(blocks)))
        above = [*(heading for heading in above if heading.level < piece.level), piece]
        heading_path = tuple(heading.plain for heading in above)
        anchor, line, blocks = next_anchor, piece.line, []
    if blocks or heading_path:
        sections.append(Section(heading_path, anchor, line, tuple(blocks)))
    return tuple(sections)


def slugify(heading: str) -> str:
    """As GitHub does: lower case, punctuation dropped, spaces to hyphens, Chinese kept."""
    return _NOT_IN_SLUG.sub("", heading.strip().lower()).replace(" ", "-") or "section"


class Anchors:
    """Makes each slug unique in its article: `setup`, `setup-1`, `setup-2`."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def add(self, slug: str) -> str:
        anchor, count = slug, self._used.get(slug, 0)
        while anchor in self._used:
            count += 1
            anchor = f"{slug}-{count}"
        self._used[slug] = count
        self._used[anchor] = self._used.get(anchor, 0)
        return anchor
