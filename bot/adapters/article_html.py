"""Markdown of an article as HTML for a browser: raw HTML off, links checked, then an allow-list."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from bot.domain.conversation import Locale
from bot.domain.knowledge import OWN_PAGES

MAX_NESTING = 60
SPANS = {"a", "br", "code", "em", "img", "s", "strong"}
BLOCKS = {"blockquote", "div", "hr", "li", "ol", "p", "pre", "ul"}
TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
# How articles name each other: with and without the ending, and by their folder.
ENDINGS = ("", ".md", ".mdx", "/index.md", "/README.md")

_SAFE = {
    "href": re.compile(r"https?://[^/\\@\s]|/kb/[^/\\]|#."),
    "src": re.compile(r"/images/[0-9a-f]{64}\.[a-z]{3,4}\Z"),
}
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\]|\s")
_RESERVED = "!#$%&'()*+,/:;=?@[]~"

Resolve = Callable[[str], str | None]
Address = Callable[[str, str], str]  # of an article, by its path and an anchor


def no_image(_: str) -> None:
    return None


def own_page(path: str, anchor: str) -> str:
    return OWN_PAGES.url(path, anchor, Locale.EN)


def render_html(markdown: str, resolve: Resolve, resolve_image: Resolve = no_image) -> str:
    """Sanitised HTML; `resolve` gives the address of a link, or None to leave only its words.

    `resolve_image` gives that of an image of ours; one on the web is a link, never loaded.
    """
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.children:
            token.children = list(_resolve(token.children, resolve, resolve_image))
    return _CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})).strip()


def resolve_link(
    href: str, path: str, known: Collection[str], address: Address = own_page
) -> str | None:
    """Where a link of the article at `path` leads: to the web or to one of the `known` articles."""
    try:
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return href_of_web(href, parts)
    except ValueError:  # no such host or port can be
        return None
    target, fragment = unquote(parts.path), unquote(parts.fragment)
    if not target:
        return f"#{quote(fragment)}" if fragment else None
    folder = "" if target.startswith("/") else posixpath.dirname(path)
    joined = posixpath.normpath(posixpath.join(folder, target.lstrip("/")))
    found = next((joined + end for end in ENDINGS if joined + end in known), None)
    return found and address(found, fragment)


def href_of_web(href: str, parts: SplitResult) -> str | None:
    """A web address without anything that browsers and people read differently."""
    is_web = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not is_web or parts.port == 0 or _NOT_IN_URL.search(href):
        return None
    return quote(href, safe=_RESERVED)


class _Markdown(MarkdownIt):
    """Links stay as written: `resolve` decides, and it must see what a browser would see."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url


def _resolve(tokens: Sequence[Token], resolve: Resolve, resolve_image: Resolve) -> Iterator[Token]:
    href: str | None = None  # of the link at hand; links do not nest
    for token in tokens:
        if token.type == "link_open":
            href = resolve(str(token.attrGet("href") or ""))
            token.attrs = {"href": href or ""}
        if token.type == "image":
            yield from _resolve_one_image(token, resolve_image, is_linked=href is not None)
        elif href is not None or token.type not in ("link_open", "link_close"):
            yield token
        if token.type == "link_close":
            href = None


def _resolve_one_image(token: Token, resolve: Resolve, *, is_linked: bool) -> Iterator[Token]:
    """An image of ours; one on the web as a link, because to load it would tell that host who
    reads here; words for all others."""
    address = str(token.attrGet("src") or "")
    token.attrs = {"src": resolve(address) or ""}
    href = None if token.attrs["src"] or is_linked else _address_on_web(address)
    if href is None:
        yield token
        return
    yield Token("link_open", "a", 1, attrs={"href": href})
    name = unquote(urlsplit(href).path).rpartition("/")[2] or urlsplit(href).netloc
    yield token if token.children else Token("text", "", 0, content=name)
    yield Token("link_close", "a", -1)


def _address_on_web(address: str) -> str | None:
    try:
        return href_of_web(address, urlsplit(address))
    except ValueError:
        return None


def _render_image(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    words = escapeHtml(renderer.renderInlineAsText(tokens[index].children, options, env))
    src = escapeHtml(str(tokens[index].attrGet("src") or ""))
    return f'<img src="{src}" alt="{words}">' if src else words


def _render_code(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    # What scrolls must be within reach of the keyboard.
    return f'<pre tabindex="0"><code>{escapeHtml(tokens[index].content)}</code></pre>\n'


def _build_markdown() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    # Headings are the sections' own; indented code and references were resolved on the way in.
    markdown.disable(["heading", "lheading", "reference", "code", "html_block", "html_inline"])
    markdown.add_render_rule("image", _render_image)
    markdown.add_render_rule("fence", _render_code)
    markdown.add_render_rule("table_open", lambda *_: '<div class="table" tabindex="0"><table>\n')
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return markdown


def _filter_attribute(_: str, attribute: str, value: str) -> str | None:
    safe = _SAFE.get(attribute)
    return value if safe is None or safe.match(value) else None


_MARKDOWN = _build_markdown()
_CLEANER = nh3.Cleaner(
    tags=SPANS | BLOCKS | TABLES,
    attributes={"a": {"href"}, "img": {"alt", "src"}, "ol": {"start"}},
    tag_attribute_values={
        "div": {"class": {"table"}, "tabindex": {"0"}},
        "pre": {"tabindex": {"0"}},
    },
    attribute_filter=_filter_attribute,
    url_schemes={"http", "https"},
    link_rel="noopener nofollow",
)
