"""What retrieval brings back, and how an answer points at it."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from bot.domain.conversation import Locale


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or table row, and how near it is to the question."""

    text: str
    relevance: float  # about 0..1, comparable within one search only


@dataclass(frozen=True, slots=True)
class Block:
    """One thing a reader sees as a unit."""

    kind: str  # paragraph, list, table, code, quote
    markdown: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as retrieved."""

    path: str  # as on disk below the ingested folder, `/` separators
    ordinal: int  # position among the chunks of its article
    anchor: str | None  # None before the first heading
    title: str
    heading_path: tuple[str, ...]
    locale: Locale
    line: int  # where the chunk begins in its file, from 1
    score: float  # share of the belief that a passage answers, 0..1; within one search only
    blocks: tuple[Block, ...]
    review_by: date | None = None

    @property
    def id(self) -> str:
        return f"{self.path}#{self.ordinal}"

    @property
    def text(self) -> str:
        """Markdown."""
        return "\n\n".join(block.markdown for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages of one turn, best first, and how likely it is that they answer."""

    passages: tuple[Passage, ...]
    answerability: float  # calibrated probability, 0..1
    snapshot: str  # id of the snapshot that was searched


@dataclass(frozen=True, slots=True)
class Citation:
    n: int
    path: str
    anchor: str | None
    title: str
    url: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class ArticleSection:
    """A heading and what stands below it, up to the next heading."""

    heading: str  # plain; empty before the first heading
    level: int  # 1 for the outermost headings of the article
    anchor: str | None  # as citations name it; None where no citation can point
    html: str  # sanitised; its links lead to the web or to other articles


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as its readers see it."""

    path: str
    title: str
    locale: Locale
    sections: tuple[ArticleSection, ...]
    translation: str | None = None  # path of the same article in the other language


def article_url(path: str, anchor: str | None = None) -> str:
    """Where an article is shown, percent-encoded."""
    return f"/kb/{quote(path)}" + (f"#{quote(anchor)}" if anchor else "")
