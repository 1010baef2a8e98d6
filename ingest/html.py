"""HTML inside of Markdown, turned into Markdown: tables, lists, headings, code; other tags go."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it.common.html_blocks import block_names
from nh3 import ALLOWED_TAGS

from ingest.image_marks import write_image

NAMES = frozenset(ALLOWED_TAGS | set(block_names)) | {
    *("applet", "audio", "big", "button", "canvas", "datalist", "embed", "font", "input", "label"),
    *(
        "marquee",
        "math",
        "meta",
        "meter",
        "nobr",
        "noscript",
        "object",
        "output",
        "path",
        "picture",
    ),
    *("progress", "script", "select", "slot", "source", "style", "svg", "template", "textarea"),
    "video",
}
HIDDEN = frozenset(
    {"script", "style", "svg", "template", "noscript", "iframe", "object", "video"}
) | {
    *("audio", "canvas", "head", "math")  # what is inside is not text for readers
}
LINES = frozenset(block_names) - {"link", "base", "basefont", "param", "track", "col", "colgroup"}
MARKS = {"b": "**", "strong": "**", "code": "`", "kbd": "`", "samp": "`", "tt": "`"}

# A quoted or braced value may hold `<` and `>`; possessive, so that nothing is tried twice.
ATTRIBUTES = (
    r"(?![\w.:-])"
    r"(?:[^<>\"'{]++|\"[^\"]*+\"|'[^']*+'|\{(?:[^{}]|\{[^{}]*+\})*+\}|[\"'{])*+"
)
TAG = re.compile(rf"<(/?)([A-Za-z][\w.:-]*)({ATTRIBUTES})>")
MAX_SPAN = 100
MAX_SPANNED = 10_000  # cells that a table may add by spans, all together

_COMMENT = re.compile(r"<!--|<!\[CDATA\[|<[!?]")
_COMMENT_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<!": ">", "<?": ">"}
_SPACE = re.compile(r"[ \t\r\n\f]+")
_ATTRIBUTES = {
    name: re.compile(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.I)
    for name in ("alt", "href", "src")
}
_CELL_SPAN = re.compile(r"\b(row|col)span\s*=\s*[\"']?(\d{1,4})", re.I)


def is_markup(name: str, attributes: str) -> bool:
    """False for a placeholder such as `<version>` or `<Your Name>`, which readers have to see."""
    if name.lower() in NAMES or "-" in name or ":" in name:
        return True
    attributes = attributes.strip().removesuffix("/").strip()
    is_component = name[0].isupper() and not name.isupper()
    return is_component and (not attributes or "=" in attributes or "{" in attributes)


def attribute_of(attributes: str, name: str) -> str:
    match = _ATTRIBUTES[name].search(attributes)
    return html.unescape(next(filter(None, match.groups()), "")) if match else ""


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    pending: dict[int, tuple[int, str]] = field(default_factory=dict)  # column: rows left, text
    cell: list[str] | None = None
    spans: tuple[int, int] = (1, 1)  # rows, columns
    spanned: int = 0

    def open_row(self) -> None:
        self.close_cell()
        self.rows.append([])
        self._fill()

    def open_cell(self, attributes: str) -> None:
        self.close_cell()
        if not self.rows:
            self.open_row()
        spans = {kind.lower(): int(n) for kind, n in _CELL_SPAN.findall(attributes)}
        rows, columns = (min(max(spans.get(kind, 1), 1), MAX_SPAN) for kind in ("row", "col"))
        self.spanned += rows * columns - 1
        self.cell = []
        self.spans = (rows, columns) if self.spanned <= MAX_SPANNED else (1, 1)

    def close_cell(self) -> None:
        if self.cell is None:
            return
        text = _SPACE.sub(" ", "".join(self.cell)).strip().replace("|", "\\|")
        row, (rows, columns) = self.rows[-1], self.spans
        self.cell = None
        for offset in range(columns):
            shown = text if offset == 0 else ""
            if rows > 1:  # repeated in every row that it spans: each row can be read alone
                self.pending[len(row)] = (rows - 1, shown)
            row.append(shown)
        self._fill()

    def _fill(self) -> None:
        row = self.rows[-1]
        while len(row) in self.pending:
            column = len(row)
            left, text = self.pending.pop(column)
            if left > 1:
                self.pending[column] = (left - 1, text)
            row.append(text)

    def markdown(self) -> str:
        self.close_cell()
        rows = [row for row in self.rows if any(row)]
        width = max(map(len, rows), default=0)
        if len(rows) < 2 or width < 2:
            return "\n\n".join(" ".join(filter(None, row)).replace("\\|", "|") for row in rows)
        lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


class _Writer:
    """Collects Markdown while tags pass by."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lists: list[int | None] = []  # the next number, or None for bullets
        self.table: _Table | None = None
        self.tables = 0  # how deep: only the outermost is drawn
        self.links: list[str] = []
        self.hidden = ""
        self.is_code = False

    def write(self, text: str) -> None:
        if self.table is None:
            self.parts.append(text)
        elif self.table.cell is not None:
            self.table.cell.append(text)

    def text(self, source: str) -> None:
        if self.hidden:
            return
        source = html.unescape(source)
        if self.is_code and self.table is None:
            self.write(source)
        else:
            self.write(_SPACE.sub(" ", source).replace("<", "&lt;"))

    def tag(self, closes: bool, name: str, attributes: str) -> None:
        if self.hidden:
            if closes and name == self.hidden:
                self.hidden = ""
        elif name in HIDDEN:
            self.hidden = "" if closes or attributes.endswith("/") else name
        elif name in ("http:", "https:", "mailto:"):
            self.text(name + attributes)
        elif name in ("table", "tr", "td", "th", "caption"):
            self._table_tag(closes, name, attributes)
        elif name in ("ul", "ol", "li"):
            self._list_tag(closes, name)
        elif name == "a":
            self._link_tag(closes, attributes)
        elif name == "pre":
            self._code_tag(closes)
        elif name in MARKS:
            if not self.is_code:
                self.write(MARKS[name])
        elif name == "br":
            self.write("  \n" if self.table is None else " ")
        elif name == "img":
            words, address = (attribute_of(attributes, name) for name in ("alt", "src"))
            self.write("" if self.is_code else write_image(words, address))
        elif name in LINES:
            self._line_tag(closes, name)
        elif not is_markup(name, attributes):
            self.write(f"`<{'/' * closes}{name}{attributes}>`")

    def _line_tag(self, closes: bool, name: str) -> None:
        if self.table is not None:
            self.write(" ")
        elif name[0] == "h" and name[1:].isdigit() and not self.lists:
            self.write("\n\n" if closes else "\n\n" + "#" * int(name[1:]) + " ")
        elif name == "summary":
            self.write("**\n\n" if closes else "\n\n**")
        elif not self.lists:
            self.write("\n\n")

    def _list_tag(self, closes: bool, name: str) -> None:
        if self.table is not None:
            self.write(" " if closes or name != "li" else " • ")
        elif name == "li" and not closes:
            indent = "    " * (len(self.lists) - 1)
            number = self.lists[-1] if self.lists else None
            self.write(f"\n{indent}" + ("- " if number is None else f"{number}. "))
            if number is not None:
                self.lists[-1] = number + 1
        elif name != "li" and not closes and len(self.lists) < 8:
            self.lists.append(1 if name == "ol" else None)
            self.write("\n\n" if len(self.lists) == 1 else "")
        elif name != "li" and closes and self.lists:
            self.lists.pop()
            self.write("" if self.lists else "\n\n")

    def _link_tag(self, closes: bool, attributes: str) -> None:
        if closes and self.links:
            href = self.links.pop()
            self.write(f"](<{href}>)" if href else "")
        elif not closes:
            href = attribute_of(attributes, "href")
            self.links.append("" if re.search(r"[<>\n]", href) else href)
            self.write("[" if self.links[-1] else "")

    def _code_tag(self, closes: bool) -> None:
        if self.is_code != closes:
            return
        self.write(" " if self.table is not None else "\n```\n" if closes else "\n\n```\n")
        self.is_code = not closes

    def _table_tag(self, closes: bool, name: str, attributes: str) -> None:
        if name == "table":
            self.tables = max(self.tables + (-1 if closes else 1), 0)
            if self.tables == 1 and not closes and self.table is None:
                self.table = _Table()
            elif self.tables == 0:
                self.close_table()
        elif self.table is None or self.tables > 1:
            self.write(" ")
        elif name == "tr" and not closes:
            self.table.open_row()
        elif name in ("td", "th") and not closes:
            self.table.open_cell(attributes)
        elif name in ("td", "th"):
            self.table.close_cell()

    def close_table(self) -> None:
        if self.table is not None:
            table, self.table = self.table, None
            self.write(f"\n\n{table.markdown()}\n\n")


def html_to_markdown(source: str) -> str:
    """Markdown without a single tag; scripts, styles and comments are gone with their content."""
    writer = _Writer()
    for closes, name, attributes, text in _scan(source):
        if name:
            writer.tag(closes, name if name[0].isupper() else name.lower(), attributes)
        else:
            writer.text(text)
    writer.close_table()
    if writer.is_code:
        writer.write("\n```\n")
    return "".join(writer.parts).strip("\n")


def _scan(source: str) -> Iterator[tuple[bool, str, str, str]]:
    """(closes, name, attributes, "") for a tag, (False, "", "", text) for what is between."""
    position = start = 0
    while (position := source.find("<", position)) >= 0:
        if comment := _COMMENT.match(source, position):
            yield False, "", "", source[start:position]
            ends = _COMMENT_ENDS[comment[0]]
            end = source.find(ends, comment.end())
            start = position = len(source) if end < 0 else end + len(ends)
        elif tag := TAG.match(source, position):
            yield False, "", "", source[start:position]
            yield bool(tag[1]), tag[2], tag[3], ""
            start = position = tag.end()
        else:
            position += 1
    yield False, "", "", source[start:]
