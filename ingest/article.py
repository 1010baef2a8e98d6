"""The shapes of a knowledge base: articles of sections and blocks, and the chunks searched."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    QUOTE = "quote"  # block quotes and admonitions


@dataclass(frozen=True, slots=True)
class Block:
    """One thing a reader sees as a unit."""

    kind: BlockKind
    markdown: str  # cleaned: no raw HTML, no MDX or Vue leftovers; images as `image_marks` has them
    plain: str  # what is read: no Markdown marks, no images; cells and items on their own
    line: int  # of the file, from 1
    parts: tuple["Block", ...] = ()  # a list's items, an item's or quote's blocks; none in a chunk


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the blocks up to the next heading; the first may have no heading."""

    heading_path: tuple[str, ...]  # outermost first, its own heading last; () before the first
    anchor: str | None  # unique in its article; None before the first heading
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Article:
    path: str  # below the ingested folder, `/` separators
    title: str
    locale: str  # "zh" or "en"
    sections: tuple[Section, ...]
    audience: str = "public"  # or "internal"
    module: str | None = None
    lifecycle: str | None = None
    tiers: tuple[str, ...] = ()
    owner: str | None = None
    reviewed: date | None = None
    review_by: date | None = None
    questions: tuple[str, ...] = ()
    translation_of: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file (or a part of it) is not in the snapshot."""

    path: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded and found: neighbouring blocks of one section, within the token budget."""

    path: str
    ordinal: int  # position in the article, from 0
    anchor: str | None
    title: str
    heading_path: tuple[str, ...]
    locale: str
    audience: str
    line: int
    blocks: tuple[Block, ...]
    questions: tuple[str, ...] = field(default=())  # the article's, on its first chunk only
    review_by: date | None = None
    translation_of: str | None = None  # path of the article this one is the twin of

    @property
    def markdown(self) -> str:
        return "\n\n".join(block.markdown for block in self.blocks)

    @property
    def plain(self) -> str:
        return "\n".join(block.plain for block in self.blocks if block.plain)
