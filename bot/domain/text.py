"""Small facts about text that several services need."""

import re

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
WORD = re.compile(r"[^\W_\u3400-\u9fff]+(?:['’.:/@-][^\W_\u3400-\u9fff]+)*")
FENCE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", re.DOTALL)
LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
AUTOLINK = re.compile(r"<((?:https?|mailto):[^>\s]+)>")


def count_words(text: str) -> int:
    """A Chinese character counts as one word."""
    return len(HAN.findall(text)) + len(WORD.findall(text))


def strip_links(markdown: str) -> str:
    """Links become their text, outside of code: an answer links only to what it cites."""
    parts = FENCE.split(markdown)
    return "".join(part if odd else _unlink(part) for odd, part in _alternate(parts))


def _unlink(text: str) -> str:
    return AUTOLINK.sub(r"\1", LINK.sub(r"\1", text))


def _alternate(parts: list[str]) -> list[tuple[bool, str]]:
    return [(bool(number % 2), part) for number, part in enumerate(parts)]
