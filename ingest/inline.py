"""The inside of a paragraph, heading or cell: tokens to clean Markdown and to what is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markdown_it.token import Token

from ingest.html import HIDDEN, LINES, MARKS, TAG, attribute_of, is_markup
from ingest.image_marks import without_images, write_image

_HAN = re.compile(
    r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]"
)
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINE_ENDS = re.compile(r" *\n *")
_DYNAMIC = re.compile(r"\{\{\s+[^{}]*\}\}|\{\{\s*\$[^{}]*\}\}")  # Vue: `{{ page.title }}`
_LITERAL = re.compile(r"\{\{[^{}\s][^{}]*\}\}")  # a template's own syntax: `{{user.name}}`
_STRAY = re.compile(r"(?<!\w)\*{2,}|\*{2,}(?!\w)|^_+\s|\s_+$")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_SHOWN_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_PUNCTUATION_END = re.compile(r"[：:，,。.；;！!？?、…]+$")
_PLAIN_TEXT = re.compile(r"[^{*_\u00a0]*")
_ESCAPED_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


class Inline(NamedTuple):
    markdown: str
    plain: str
    footnotes: tuple[str, ...] = ()  # labels referred to


@dataclass(slots=True)
class _Span:
    """An open link or emphasis: where it began in both texts, and what would close it."""

    markdown: int
    plain: int
    opening: str
    closing: str


@dataclass(slots=True)
class _Writer:
    markdown: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    spans: list[_Span] = field(default_factory=list)
    anchors: list[bool] = field(default_factory=list)  # of raw `<a>`: has it a target
    footnotes: list[str] = field(default_factory=list)
    hidden: str = ""

    def write(self, markdown: str, plain: str) -> None:
        self.markdown.append(markdown)
        self.plain.append(plain)

    def open(self, opening: str, closing: str) -> None:
        if opening == "[" and self.markdown and self.markdown[-1].endswith("!"):
            self.markdown[-1] = self.markdown[-1][:-1] + "\\!"  # a link behind it is no image
        self.spans.append(_Span(len(self.markdown), len(self.plain), opening, closing))
        self.write(opening, "")

    def close(self) -> None:
        """A link or emphasis of nothing but an image is left out around it."""
        if not self.spans:
            return
        span = self.spans.pop()
        content = "".join(self.markdown[span.markdown + 1 :])
        del self.markdown[span.markdown :]
        if not without_images(content).strip():
            self.markdown.append(content)
        elif span.opening in ("**", "*"):
            self.markdown.append(self._emphasise(content, span))
        else:
            self.markdown.append(f"{span.opening}{content}{span.closing}")

    def _emphasise(self, content: str, span: _Span) -> str:
        """Punctuation at the edge goes outside, where every Markdown reader agrees on the marks."""
        start = len(content) - len(content.lstrip())
        inner = content.strip()
        end = content[start + len(inner) :]
        tail = match[0] if (match := _PUNCTUATION_END.search(inner)) else ""
        before = self.markdown[-1][-1:] if self.markdown else ""
        if _HAN.search(inner):
            inner = inner.removesuffix(tail)
            end = tail + end
        if not inner or (before.isalnum() and not inner[0].isalnum()):
            return content
        return f"{content[:start]}{span.opening}{inner}{span.closing}{end}"

    def text(self, text: str) -> None:
        if self.hidden:
            return
        if _PLAIN_TEXT.fullmatch(text):
            self.write(text, text)
            return
        text = _DYNAMIC.sub("", text.replace("\u00a0", " "))
        text = _STRAY.sub("", text)
        self.write(_LITERAL.sub(r"`\g<0>`", text), text)

    def special(self, token: Token) -> None:
        """An escaped character or an entity: Markdown keeps what makes it harmless."""
        char = token.content
        if token.info == "entity":
            char = " " if char == "\u00a0" else char
            self.write(_ESCAPED_ENTITIES.get(char, char), char)
        else:
            self.write(token.markup, char)

    def html(self, source: str) -> None:
        tag = TAG.match(source)
        if tag is None:  # a comment or a declaration
            return
        closes, attributes = bool(tag[1]), tag[3]
        name = tag[2] if tag[2][0].isupper() else tag[2].lower()
        if self.hidden or name in HIDDEN:
            is_open = not closes and not attributes.endswith("/")
            if not self.hidden:
                self.hidden = name if is_open else ""
            elif closes and name == self.hidden:
                self.hidden = ""
        elif name == "br":
            self.write("  \n", "\n")
        elif name == "a":
            self._anchor(closes, attributes)
        elif name == "img":
            words, address = (attribute_of(attributes, name) for name in ("alt", "src"))
            self.write(_image(words, address), "")
        elif name in MARKS:
            self.write(MARKS[name], "")
        elif name in LINES:
            self.write(" ", " ")
        elif not is_markup(name, attributes):
            self.write(f"`{source}`", source)
        elif name[0].isupper() and not closes:
            self.write(" ", " ")  # a badge is not part of the word before it

    def _anchor(self, closes: bool, attributes: str) -> None:
        if not closes:
            href = attribute_of(attributes, "href")
            self.anchors.append(is_shown_link(href))
            if self.anchors[-1]:
                self.open("[", _target(href))
        elif self.anchors and self.anchors.pop():
            self.close()


def render_inline(tokens: Sequence[Token]) -> Inline:
    """One line of clean Markdown, and the same without marks; hard breaks are newlines in both."""
    if len(tokens) == 1 and tokens[0].type == "text" and _PLAIN_TEXT.fullmatch(tokens[0].content):
        text = tokens[0].content.strip()
        return Inline(text, text)
    writer = _Writer()
    for token in tokens:
        _write(writer, token)
    while writer.spans:
        writer.close()
    return Inline(
        _tidy("".join(writer.markdown), hard_break="  \n"),
        _tidy("".join(writer.plain), hard_break="\n"),
        tuple(writer.footnotes),
    )


def _write(writer: _Writer, token: Token) -> None:
    match token.type:
        case "text":
            writer.text(token.content)
        case "html_inline":
            writer.html(token.content)
        case _ if writer.hidden:
            pass
        case "softbreak":
            writer.write("\v", "\v")
        case "hardbreak":
            writer.write("\n", "\n")
        case "code_inline":
            padding = " " if token.content[:1] == "`" or token.content[-1:] == "`" else ""
            code = f"{token.markup}{padding}{token.content}{padding}{token.markup}"
            writer.write(code, token.content)
        case "text_special":
            writer.special(token)
        case "em_open" | "strong_open" | "s_open":
            writer.open(token.markup, token.markup)
        case "link_open":
            _open_link(writer, token)
        case "image":
            writer.write(_image(_words(token), str(token.attrGet("src") or "")), "")
        case "em_close" | "strong_close" | "s_close" | "link_close":
            writer.close()
        case "footnote_ref":
            writer.footnotes.append(token.meta["label"])


def _image(words: str, address: str) -> str:
    return write_image(words, address if is_shown_link(address) else "")


def _words(token: Token) -> str:
    return "".join(" " if "break" in part.type else part.content for part in token.children or ())


def _open_link(writer: _Writer, token: Token) -> None:
    href = str(token.attrGet("href") or "")
    if token.info == "auto" or not is_shown_link(href):
        writer.open("", "")
    else:
        writer.open("[", _target(href))


def is_shown_link(href: str) -> bool:
    """Web, mail and telephone addresses and paths; no scripts, no data, no `//host`."""
    if not href or href.startswith("//") or re.search(r"[\x00-\x1f\\<>]", href):
        return False
    scheme = _SCHEME.match(href)
    return scheme is None or scheme[0].lower() in _SHOWN_SCHEMES


def _target(href: str) -> str:
    return f"](<{href}>)" if re.search(r"[\s()]", href) else f"]({href})"


def _tidy(text: str, hard_break: str) -> str:
    if "\v" in text:
        text = join_lines(text, "\v")
    text = _SPACES.sub(" ", text)
    return _LINE_ENDS.sub(hard_break, text.strip()) if "\n" in text else text.strip()


def join_lines(text: str, separator: str = "\n") -> str:
    """Lines of one paragraph: joined by a space, or by nothing between Chinese characters."""
    head, *lines = text.split(separator)
    parts = [head]
    last = head.rstrip()[-1:]
    for line in lines:
        line = line.lstrip()
        is_chinese = bool(last and line and _HAN.match(last) and _HAN.match(line))
        parts.append(line if is_chinese else " " + line)
        last = line.rstrip()[-1:] or last
    return "".join(parts)
