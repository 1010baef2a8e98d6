"""What site generators add to Markdown (MDX, Vue, Hugo, Jekyll, Kramdown), taken out of the source.

Everything keeps its line, so that what is found later can still be pointed at. Code is left alone.
"""

import re
from collections.abc import Iterator

from ingest.html import ATTRIBUTES, is_markup

_HIDDEN = re.compile(  # control, zero-width, direction and tag characters; emoji joiners stay
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=]{200,}")
_STACKED = re.compile(r"\*{4,}")
_TRIGGER = re.compile(
    r"\{|\*{4}|^[ \t]*+<[a-z]|^[ \t]++\|[ \t]*:?-|^(?:im|ex)port\b|^<<<|^@\[code"
    r"|^[ \t]*+(?:[*-][ \t]++)?\[\[?_?toc",
    re.M | re.I,
)
_FENCE = re.compile(r"^[ \t>]*+(`{3,}|~{3,})(.*)$")
_CODE_SPAN = re.compile(r"(`+)(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_STATEMENT = re.compile(
    r"import\s+(?:[\w*{][^'\"\n]*\sfrom\s+)?['\"][^'\"\n]+['\"];?\s*$"
    r"|import\s+\{\s*$"
    r"|export\s+(?:default\b|(?:const|let|var)\s+[\w{\[]+.*=|class\s+\w+.*\{|[{*])"
    r"|export\s+(?:async\s+)?function\s*\*?\s*\w+\s*\("
)
_COMPONENT = re.compile(rf"^([ \t]*+)</?([A-Z][\w.]*)({ATTRIBUTES})>", re.M)
_MDX_COMMENT = re.compile(r"\{/\*.{0,5000}?\*/\}", re.S)
_REFERENCE = re.compile(r"\{\{[<%]\s*(?:rel)?ref\s+\"?([^\"\s>%]+)\"?\s*[>%]\}\}")
_SHORTCODE = re.compile(r"\{\{[<%].{0,1000}?[>%]\}\}|\{%.{0,1000}?%\}", re.S)
_ATTRIBUTE_LIST = re.compile(r"\{::?[ \t]?/?[^{}\n]*\}")
_TOC = re.compile(r"^[ \t]*+(?:[*-][ \t]++)?\[\[?_?toc_?\]\]?[ \t]*+$", re.M | re.I)
_KRAMDOWN_TOC = re.compile(r"^[ \t]*+(?:[*+-]|1\.)[ \t][^\n]*\n[ \t]*+\{:[ \t]*toc[^{}\n]*\}", re.M)
_INCLUDE = re.compile(r"^(?:<<< ?\S+|@\[code[^\n]*)$", re.M)
_SHIFTED_RULER = re.compile(  # a formatter's fault: indented like code, the table would be lost
    r"^([ \t]*+)(\|[^\n]*+)\n[ \t]++(\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*)$", re.M
)
_TABLE_START = re.compile(r"<table\b", re.I)
_TABLE_END = re.compile(r"</table\s*>", re.I)
_BLANK_LINE = re.compile(r"^[ \t]*+$", re.M)


def strip_dialects(text: str) -> str:
    """Plain Markdown with as many lines as before."""
    text = _DATA_URI.sub("data:,", _HIDDEN.sub("", text))
    if not _TRIGGER.search(text):
        return text
    return "".join(part if is_code else _strip(part) for is_code, part in _split_code(text))


def _split_code(text: str) -> Iterator[tuple[bool, str]]:
    """The text in stretches: fenced code, and what lies between."""
    if "```" not in text and "~~~" not in text:
        yield False, text
        return
    fence = ""
    stretch: list[str] = []
    for line in text.splitlines(keepends=True):
        match = _FENCE.match(line)
        if fence:
            stretch.append(line)
            if match and match[1].startswith(fence) and not match[2].strip():
                yield True, "".join(stretch)
                fence, stretch = "", []
            continue
        if match and not (match[1][0] == "`" and "`" in match[2]):
            yield False, "".join(stretch)
            fence, stretch = match[1], []
        stretch.append(line)
    yield bool(fence), "".join(stretch)


def _strip(text: str) -> str:
    spans: list[str] = []

    def hide(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"\0{len(spans) - 1}\0"

    text = _CODE_SPAN.sub(hide, text)
    # `**one****two**` as editors export it: the inner marks close and open the same emphasis.
    text = _STACKED.sub(lambda match: "*" * (len(match[0]) % 4), text)
    text = _REFERENCE.sub(r"\1", text)
    for pattern in (_MDX_COMMENT, _SHORTCODE, _KRAMDOWN_TOC, _ATTRIBUTE_LIST, _TOC, _INCLUDE):
        text = pattern.sub(_blank, text)
    text = _SHIFTED_RULER.sub(r"\1\2\n\1\3", text)
    text = _COMPONENT.sub(_strip_component, text)
    text = _strip_statements(_join_tables(text))
    return re.sub("\0(\\d+)\0", lambda match: spans[int(match[1])], text)


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _strip_component(match: re.Match[str]) -> str:
    return match[1] + _blank(match) if is_markup(match[2], match[3]) else match[0]


def _join_tables(text: str) -> str:
    """A blank line would end an HTML table in the eyes of Markdown; a comment does not."""
    parts: list[str] = []
    position = 0
    while (start := _TABLE_START.search(text, position)) and (
        end := _TABLE_END.search(text, start.end())
    ):
        parts.append(text[position : start.start()])
        parts.append(_BLANK_LINE.sub("<!-- -->", text[start.start() : end.end()]))
        position = end.end()
    return "".join((*parts, text[position:]))


def _strip_statements(text: str) -> str:
    """`import` and `export` of MDX: from their first line to the next blank one."""
    if "import" not in text and "export" not in text:
        return text
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines):
        inside = bool(line.strip()) and (inside or bool(_STATEMENT.match(line)))
        if inside:
            lines[number] = ""
    return "\n".join(lines)
