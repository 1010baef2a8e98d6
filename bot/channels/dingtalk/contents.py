"""The contents of DingTalk's messages, as plain text: what somebody wrote or said, and what they
quote."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Content = Mapping[str, Any]


def text_of(data: Content) -> str:
    """What they wrote; of a voice message what DingTalk heard."""
    if data.get("msgtype") == "text":
        return str(_mapping(data.get("text")).get("content") or "").strip()
    content = _mapping(data.get("content"))
    if data.get("msgtype") == "richText":
        return "".join(_texts(_pieces(content))).strip()
    return str(content.get("recognition") or "").strip()


def files_of(data: Content) -> Sequence[str]:
    """By name, or by kind where they have none."""
    content, kind = _mapping(data.get("content")), data.get("msgtype")
    if kind == "richText":
        return ["picture" for piece in _pieces(content) if piece.get("downloadCode")]
    if kind in ("text", None) or (kind == "audio" and content.get("recognition")):
        return []
    return [str(content.get("fileName") or kind)]


def quoted_of(data: Content) -> str:
    """The text of the message that this one answers, as far as DingTalk tells."""
    quoted = _mapping(_mapping(data.get("text")).get("repliedMsg"))
    content = quoted.get("content")
    if isinstance(content, str):
        return content.strip()
    told = _mapping(content)
    for name in ("content", "text", "recognition", "title"):
        if isinstance(told.get(name), str):
            return str(told[name]).strip()
    if pieces := _pieces(told):
        return "".join(_texts(pieces)).strip()
    return "\n".join(_drawn(told.get("cardContent"))).strip()


def _pieces(content: Content) -> Sequence[Content]:
    pieces = content.get("richText")
    return [one for one in pieces if isinstance(one, Mapping)] if isinstance(pieces, list) else []


def _texts(pieces: Sequence[Content]) -> Iterator[str]:
    for piece in pieces:
        text = piece.get("text", piece.get("content"))
        if isinstance(text, str):
            yield text
        elif piece.get("type") == "at" and piece.get("atName"):
            yield f"@{piece['atName']} "


def _drawn(element: Any) -> Iterator[str]:
    """The texts of a card, in their order."""
    if isinstance(element, list):
        for one in element:
            yield from _drawn(one)
    elif isinstance(element, Mapping):
        if element.get("elementType") == "TEXT" and isinstance(element.get("value"), str):
            yield element["value"]
        yield from _drawn(element.get("children"))


def _mapping(value: Any) -> Content:
    return value if isinstance(value, Mapping) else {}
