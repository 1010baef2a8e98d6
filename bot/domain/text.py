"""Small facts about text that several services need."""

import re
from collections.abc import Sequence

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
WORD = re.compile(r"[^\W_\u3400-\u9fff]+(?:['’.:/@-][^\W_\u3400-\u9fff]+)*")
FENCE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", re.DOTALL)
LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
AUTOLINK = re.compile(r"<((?:https?|mailto):[^>\s]+)>")
# NUL and lone surrogates are legal in JSON and impossible in UTF-8 text and in databases.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def replace_unstorable(text: str) -> str:
    """For texts from outside, before anything keeps or prints them."""
    return UNSTORABLE.sub("\ufffd", text)


def count_words(text: str) -> int:
    """A Chinese character counts as one word."""
    return len(HAN.findall(text)) + len(WORD.findall(text))


def join_sentences(sentences: Sequence[str]) -> str:
    """With a space between them, but for those that end in Chinese punctuation."""
    text = ""
    for sentence in sentences:
        gap = "" if not text or text.rstrip("*_`").endswith(("。", "！", "？", "；")) else " "
        text += gap + sentence
    return text


def strip_links(markdown: str) -> str:
    """Links become their text, outside of code: an answer links only to what it cites."""
    parts = FENCE.split(markdown)
    return "".join(part if odd else _unlink(part) for odd, part in _alternate(parts))


def _unlink(text: str) -> str:
    return AUTOLINK.sub(r"\1", LINK.sub(r"\1", text))


def _alternate(parts: list[str]) -> list[tuple[bool, str]]:
    return [(bool(number % 2), part) for number, part in enumerate(parts)]
