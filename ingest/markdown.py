"""Markdown to tokens: the parser's configuration, and limits that keep hostile files harmless."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin

MAX_NESTING = 60
MAX_LINES = 30_000
MAX_MARKS = 200_000
MAX_EFFORT = 20_000_000  # steps: pairing the marks of a paragraph takes their number squared

_MARKS = re.compile(r"[*_~<>\[\]`{&|\\!]")
_INLINE_MARKS = re.compile(r"[\\`*_~\[\]!<&\n]")
_EMPHASIS = re.compile(r"[*_~]")
_HAN = re.compile(
    r"[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


class MarkdownTooComplex(Exception):
    """A document that would take minutes or gigabytes."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class _Markdown(MarkdownIt):
    """Links stay as written; which of them are shown is decided where they are written out."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url

    def normalizeLinkText(self, link: str) -> str:
        return link


def tokenize(text: str, mdx: bool = False, references: dict[str, Any] | None = None) -> list[Token]:
    """Block tokens in document order; raises MarkdownTooComplex.

    `references` are the link targets defined so far; those of the text are added.
    """
    lines = text.count("\n")
    if lines > MAX_LINES:
        raise MarkdownTooComplex(f"more than {MAX_LINES:,} lines; split it into articles", None)
    if len(text) > MAX_MARKS and sum(1 for _ in _MARKS.finditer(text)) > MAX_MARKS:
        raise MarkdownTooComplex(f"more than {MAX_MARKS:,} Markdown marks in one file", None)
    env = {"references": {} if references is None else references}
    tokens = (_MDX if mdx else _MARKDOWN).parse(text, env)
    for token in tokens:
        if token.nesting == 1 and token.level >= MAX_NESTING - 1:
            line = token.map[0] + 1 if token.map else None
            raise MarkdownTooComplex(f"nested deeper than {MAX_NESTING} levels", line)
    return tokens


def tokenize_inline(text: str) -> list[Token]:
    """The tokens of one line or paragraph."""
    return _MARKDOWN.parseInline(text)[0].children or []


def _parse_inline(state: StateCore) -> None:
    """The parser's own rule, with a limit, and a shorter way for text without any mark."""
    effort = 0
    for token in state.tokens:
        if token.type != "inline":
            continue
        content = token.content
        token.children = []
        if not _INLINE_MARKS.search(content):
            token.children.append(Token("text", "", 0, content=content))
            continue
        effort += content.count("[") ** 2 + len(_EMPHASIS.findall(content)) ** 2 // 10
        if effort > MAX_EFFORT:
            line = token.map[0] + 1 if token.map else None
            raise MarkdownTooComplex("too many brackets or emphasis marks in a paragraph", line)
        state.md.inline.parse(content, state.md, state.env, token.children)


def _parse_emphasis(state: StateInline, silent: bool) -> bool:
    """CommonMark's emphasis, except that Chinese has no spaces: `**注意：**请` is strong too."""
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    can_open, can_close = scanned.can_open, scanned.can_close
    if marker == "*":
        can_open = can_open or bool(_HAN.match(before) and not after.isspace())
        can_close = can_close or bool(_HAN.match(after) and not before.isspace())
    for _ in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, -1, can_open, can_close)
        )
    state.pos = end
    return True


def _build(mdx: bool) -> MarkdownIt:
    markdown = _Markdown("commonmark", {"maxNesting": MAX_NESTING}).enable(
        ["table", "strikethrough"]
    )
    # Escapes and entities stay tokens of their own, so that they can be written as they were.
    markdown.disable(["text_join", *(["code"] if mdx else [])])
    markdown.core.ruler.at("inline", _parse_inline)
    markdown.inline.ruler.at("emphasis", _parse_emphasis)
    container_plugin(markdown, "directive", validate=_is_directive)
    admon_plugin(markdown)
    footnote_plugin(markdown, inline=False, move_to_end=False)
    return markdown


def _is_directive(params: str, *_: Any) -> bool:
    return bool(params.strip())


_MARKDOWN = _build(mdx=False)
_MDX = _build(mdx=True)
