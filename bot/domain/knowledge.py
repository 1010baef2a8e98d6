"""What retrieval brings back, and how an answer points at it."""

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter
from urllib.parse import quote

from bot.domain.conversation import Locale

_WEB = re.compile(r"https?://[\w.-]+(?::\d{1,5})?/", re.ASCII)  # no fields in the host, no user


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """Where articles are shown, as a template of `{path}`, `{stem}` (the path without its ending),
    `{anchor}` and `{locale}`; raises ValueError for what makes no web address."""

    template: str = "/kb/{path}#{anchor}"

    def __post_init__(self) -> None:
        fields = set[str]()
        for _, name, form, conversion in Formatter().parse(self.template):
            if form or conversion:
                raise ValueError(f"{{{name}}} takes nothing but its name")
            fields |= {name} if name is not None else set()
        if unknown := fields - {"path", "stem", "anchor", "locale"}:
            raise ValueError(f"knows no {{{min(unknown)}}}; it knows path, stem, anchor, locale")
        if not fields & {"path", "stem"}:
            raise ValueError("needs {path} or {stem}, or all articles had one address")
        if not self.is_own and not _WEB.match(self.template):
            raise ValueError("needs to begin with https://host/ or http://host/")
        if re.search(r"[^!-~]", self.template):
            raise ValueError("needs to be percent-encoded")

    @property
    def is_own(self) -> bool:
        """Shown by this server."""
        return self.template == "/kb/{path}#{anchor}"

    def url(self, path: str, anchor: str | None, locale: Locale) -> str:
        """Percent-encoded; without an anchor it ends before the `#`."""
        stem = path.rpartition(".")[0] if "." in path.rpartition("/")[2] else path
        url = self.template.format_map(
            {
                "path": quote(path),
                "stem": quote(stem),
                "anchor": quote(anchor or "", safe=""),
                "locale": locale.value,
            }
        )
        return url.removesuffix("#")


OWN_PAGES = ArticleAddress()


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
    address: ArticleAddress = OWN_PAGES

    @property
    def id(self) -> str:
        return f"{self.path}#{self.ordinal}"

    @property
    def url(self) -> str:
        return self.address.url(self.path, self.anchor, self.locale)

    @property
    def text(self) -> str:
        """Markdown."""
        return "\n\n".join(block.markdown for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage."""

    passage: Passage
    sentence: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sentences of two articles of which at most one can be right; the better passage first."""

    one: Quote
    two: Quote


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages of one turn, best first, and how likely it is that they answer."""

    passages: tuple[Passage, ...]
    answerability: float  # calibrated probability, 0..1
    snapshot: str  # id of the snapshot that was searched
    terms: int = 0  # of the question, those that carry a topic
    strange: float = 0.0  # share of its words that no article uses, 0..1
    spelt: str = ""  # what was asked, where typing errors had to be put right
    stale: frozenset[str] = frozenset()  # ids of the passages that are past their review
    conflict: Conflict | None = None

    def rivals(self, locale: Locale, share: float) -> tuple[Passage, ...]:
        """The best passage of each article in the language whose score reaches that share of the
        best one's, best first."""
        best: dict[str, Passage] = {}
        for passage in self.passages:
            if passage.locale is locale:
                best.setdefault(passage.path, passage)
        floor = share * max((passage.score for passage in best.values()), default=0.0)
        return tuple(passage for passage in best.values() if passage.score >= floor)

    def is_stale(self, passage: Passage) -> bool:
        return passage.id in self.stale


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
    address: ArticleAddress = OWN_PAGES  # of the translation

    @property
    def translation_url(self) -> str | None:
        if self.translation is None:
            return None
        return self.address.url(self.translation, None, self.locale.other)


@dataclass(frozen=True, slots=True)
class ArticleImage:
    """An image that a public article shows."""

    content: bytes
    media_type: str


def image_url(name: str) -> str:
    """Where an image of the knowledge base is shown; the name is made from its content."""
    return f"/images/{name}"
