"""How an image stands in a block's Markdown: `![words](address)`, in one form that is easily found.

Readers of articles see images; what is searched and quoted leaves them out.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

LONGEST_ADDRESS = 2000
LONGEST_WORDS = 300

_WORDS_NOT_KEPT = re.compile(r"[\[\]\\`*~<>|\s\x00]+")
_KEPT_IN_ADDRESS = "/:?#@!$&+,;=%~"
_CODE_OR_IMAGE = re.compile(
    r"(?<!`)(?P<run>`+)(?!`).+?(?<!`)(?P=run)(?!`)"
    r"|(?<!\\)!\[[^\[\]\\`]*\]\((?P<address>[^()\s`\\]*)\)",
    re.DOTALL,
)
_GONE = "\x00"  # stands for an image that was there; no text that is read holds one
# One of the spaces around an image goes with it; after an opening mark the one behind.
_GONE_INLINE = re.compile(rf"(?<=[*_\[(]){_GONE} ?| ?{_GONE}")
_EMPTY = re.compile(rf"[\s>{_GONE}]*")
_GONE_ITEM = re.compile(
    rf"^[ >]*(?:[-*+]|\d{{1,9}}[.)]) {_GONE}[ {_GONE}]*(?:\n(?![ \n])|\Z)", re.MULTILINE
)


def write_image(words: str, address: str) -> str:
    """The mark; its address is percent-encoded, and empty for one that is not worth keeping."""
    words = _WORDS_NOT_KEPT.sub(" ", words).strip()[:LONGEST_WORDS]
    if len(address) > LONGEST_ADDRESS or "{" in address:
        address = ""
    address = quote(address, safe=_KEPT_IN_ADDRESS, errors="replace")
    return f"![{words}]({address})" if words or address else ""


def images_in(markdown: str) -> list[str]:
    """The marks, in reading order."""
    return [match[0] for match in _matches(markdown)]


def addresses_in(markdown: str) -> list[str]:
    return [match["address"] for match in _matches(markdown)]


def without_images(markdown: str) -> str:
    """Lines that hold nothing else go too; code stays as it is."""
    if "![" not in markdown:
        return markdown
    marked = _CODE_OR_IMAGE.sub(lambda m: m[0] if m["address"] is None else _GONE, markdown)
    if _GONE not in marked:
        return markdown
    return "\n".join(_lines_left(_GONE_ITEM.sub("", marked).split("\n"))).rstrip("\n")


def _matches(markdown: str) -> Iterator[re.Match[str]]:
    if "![" in markdown:
        yield from (m for m in _CODE_OR_IMAGE.finditer(markdown) if m["address"] is not None)


def _lines_left(lines: list[str]) -> list[str]:
    """Where an image had a paragraph of its own, one blank line stays between its neighbours."""
    kept: list[str] = []
    gap: list[str] = []  # empty lines since the last one with text
    for line in lines:
        if _EMPTY.fullmatch(line):
            gap.append(line)
            continue
        if any(_GONE in empty for empty in gap):
            blank = [empty for empty in gap if _GONE not in empty]
            gap = blank[:1] if kept and _GONE not in gap[-1] else []
        kept += [*gap, _GONE_INLINE.sub("", line)]
        gap = []
    return kept
