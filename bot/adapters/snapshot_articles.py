"""The public articles of one snapshot as pages, put together again from their chunks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bot.adapters.article_html import render_html, resolve_link
from bot.domain.conversation import Locale
from bot.domain.knowledge import (
    OWN_PAGES,
    ArticleAddress,
    ArticleImage,
    ArticlePage,
    ArticleSection,
    image_url,
)
from ingest.article import Block, BlockKind, Chunk
from ingest.chunk_table import AUDIENCES
from ingest.images import locate
from ingest.snapshot import Snapshot

PUBLIC = AUDIENCES.index("public")
MEDIA_TYPES = {"svg": "image/svg+xml"}  # the other types are called as the files end


class _Entry(NamedTuple):
    number: int  # in the column `articles` of the snapshot
    locale: str
    translation_of: str | None


class SnapshotArticles:
    """Knows the public articles only, so that nothing else can be shown or linked to."""

    def __init__(self, snapshot: Snapshot, address: ArticleAddress = OWN_PAGES) -> None:
        self._chunks = snapshot.chunks
        self._images = snapshot.images
        self._address = address

    def page(self, path: str) -> ArticlePage | None:
        """Reads files: for a thread."""
        entry = self._entries.get(path)
        if entry is None:
            return None
        rows = np.flatnonzero(self._chunks.articles == entry.number)
        chunks = sorted((self._chunks[int(row)] for row in rows), key=lambda c: c.ordinal)
        return ArticlePage(
            path=path,
            title=chunks[0].title,
            locale=Locale(entry.locale),
            sections=tuple(self._sections(path, chunks)),
            translation=self._translations.get(path),
            address=self._address,
        )

    def image(self, name: str) -> ArticleImage | None:
        """Reads a file: for a thread."""
        content = self._images.read(name)
        if content is None:
            return None
        kind = name.rpartition(".")[2]
        return ArticleImage(content, MEDIA_TYPES.get(kind, f"image/{kind}"))

    @cached_property
    def _entries(self) -> Mapping[str, _Entry]:
        numbers, rows = np.unique(self._chunks.articles, return_index=True)
        entries: dict[str, _Entry] = {}
        for number, row in zip(numbers.tolist(), rows.tolist(), strict=True):
            if self._chunks.audiences[row] == PUBLIC:
                chunk = self._chunks[row]
                entries[chunk.path] = _Entry(number, chunk.locale, chunk.translation_of)
        return entries

    @cached_property
    def _translations(self) -> Mapping[str, str]:
        """Both ways, though only one of two articles names the other."""
        pairs: dict[str, str] = {}
        for path, entry in self._entries.items():
            original = entry.translation_of
            if original is None or original not in self._entries:
                continue
            if self._entries[original].locale != entry.locale:
                pairs[path] = original
                pairs.setdefault(original, path)
        return pairs

    def _sections(self, path: str, chunks: Sequence[Chunk]) -> Iterator[ArticleSection]:
        """A section that was cut into several chunks is one again; its heading stands once."""
        above: tuple[str, ...] = ()
        for (anchor, headings), group in groupby(chunks, lambda c: (c.anchor, c.heading_path)):
            yield from _empty_sections(above, headings)
            blocks = [block for chunk in group for block in chunk.blocks]
            html = "\n".join(self._render(markdown, path) for markdown in _rejoin(blocks))
            heading = headings[-1] if headings else ""
            yield ArticleSection(heading, max(len(headings), 1), anchor, html)
            above = headings

    def _render(self, markdown: str, path: str) -> str:
        return render_html(
            markdown,
            lambda href: resolve_link(href, path, self._entries, self._url),
            lambda address: self._image_url(address, path),
        )

    def _url(self, path: str, anchor: str) -> str:
        return self._address.url(path, anchor, Locale(self._entries[path].locale))

    def _image_url(self, address: str, path: str) -> str | None:
        name = self._images.names.get(locate(address, path) or "")
        return name and image_url(name)


def _empty_sections(above: tuple[str, ...], headings: tuple[str, ...]) -> Iterator[ArticleSection]:
    """Headings with nothing but other headings below them have no chunk of their own."""
    shared = 0
    while shared < min(len(above), len(headings)) and above[shared] == headings[shared]:
        shared += 1
    for level in range(shared + 1, len(headings)):
        yield ArticleSection(headings[level - 1], level, None, "")


def _rejoin(blocks: Iterable[Block]) -> list[str]:
    """Markdown of each block; the pieces of one table or of one code block are one again."""
    whole: list[str] = []
    last: Block | None = None
    for block in blocks:
        if last and (block.kind, block.line) == (last.kind, last.line):
            joined = _join(block.kind, whole[-1].split("\n"), block.markdown.split("\n"))
        else:
            joined = None
        if joined:
            whole[-1] = joined
        else:
            whole.append(block.markdown)
        last = block
    return whole


def _join(kind: BlockKind, first: list[str], second: list[str]) -> str | None:
    """Every piece of a table repeats its header, every piece of code its fences."""
    if kind is BlockKind.TABLE and first[:2] == second[:2]:
        return "\n".join(first + second[2:])
    if kind is BlockKind.CODE and (first[0], first[-1]) == (second[0], second[-1]):
        return "\n".join(first[:-1] + second[1:])
    return None
