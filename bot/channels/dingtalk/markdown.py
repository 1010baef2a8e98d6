"""Markdown as DingTalk's cards read it, in which nobody's words notify, link or format."""

import re
from collections.abc import Collection, Sequence

from bot.channels.chat.markdown_writer import WEB, ZERO_WIDTH, Dialect, Table, write

BREAK = "  \n"
_MARK = re.compile(r"[\\`*]|~~|(?<!\w)_|_(?!\w)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TARGET = re.compile(r"](?=[(\[:])")
_BEGINS = re.compile(r"^(\s*)(#|>|[-+=](?=\s|$|[-=])|\d+(?=[.)]\s))", re.MULTILINE)
_IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20"})


def escape(text: str) -> str:
    """Words as they are: what would be a mark, a tag or a link is none."""
    shown = _MARK.sub(lambda mark: "".join(f"\\{one}" for one in mark[0]), text)
    shown = _TAG.sub(f"<{ZERO_WIDTH}", shown)
    shown = _TARGET.sub(f"]{ZERO_WIDTH}", shown)
    return _BEGINS.sub(rf"\1{ZERO_WIDTH}\2", shown)


def one_line(text: str) -> str:
    return escape(" ".join(text.split()))


def lines(text: str) -> str:
    """Every line end stays one."""
    return BREAK.join(escape(line.strip()) for line in text.strip().splitlines())


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = one_line(label).replace("[", "\\[").replace("]", "\\]") or escape(url)
    return f"[{shown}]({url.translate(_IN_ADDRESS)})" if url.startswith(WEB) else shown


def mention(user: str, name: str) -> str:
    """Its card has to name them as well."""
    return f"<a atId={user}>@{one_line(name)}</a>"


def quote(text: str) -> str:
    return "\n".join(f"> {escape(line)}{BREAK[:2]}" for line in text.splitlines() or [""])


def render(
    markdown: str, links: Collection[str] | None = (), *, breaks: bool = False
) -> Sequence[str]:
    """Its blocks. `links`: the addresses that may be linked, None for all that people write.
    `breaks`: a new line stays one, as in what people write."""
    return write(markdown, _DIALECT, links, breaks=breaks)


def split(markdown: str, most: int) -> Sequence[str]:
    """Pieces of at most so many bytes: between paragraphs, else between lines, else anywhere."""
    if len(markdown.encode()) <= most:
        return [markdown]
    for gap in ("\n\n", "\n"):
        if gap in markdown.strip():
            return _joined(markdown.split(gap), gap, most)
    pieces, rest = [], markdown
    while len(rest.encode()) > most:
        cut = rest.encode()[:most].decode(errors="ignore")
        end = cut.rfind(" ", len(cut) // 2) + 1 or len(cut)
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def _joined(texts: Sequence[str], gap: str, most: int) -> Sequence[str]:
    pieces: list[str] = []
    for text in texts:
        together = f"{pieces[-1]}{gap}{text}" if pieces else text
        if pieces and len(together.encode()) <= most:
            pieces[-1] = together
        elif text.strip():
            pieces += split(text, most)
    return pieces


def _emphasis(mark: str, text: str) -> str:
    return f"{mark}{text.strip()}{mark}" if mark and text.strip() else text


def _table(table: Table) -> str:
    head, *body = [
        "| " + " | ".join(cell.replace("|", "｜") for cell in row) + " |" for row in table.written
    ]
    return "\n".join((head, "|" + " --- |" * len(table.written[0]), *body))


_DIALECT = Dialect(
    escape=escape,
    link=link,
    table=_table,
    emphasis=_emphasis,
    indent="  ",
    line_end=BREAK,
    quoted_gap="\n\n",
    rule="---",
    links_addresses=False,
)
