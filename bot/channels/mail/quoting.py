"""What a sender wrote now: without what their program quoted, and without a signature.

The programs of the Chinese-speaking world are known by `quoting.toml`, the others by the library.
Every pattern sees lines of a bounded length, so that no mail can make one slow.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from mailparser_reply import EmailMessage

PATTERNS = Path(__file__).with_name("quoting.toml")
LANGUAGES = ("en", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh")
LONGEST_TEXT = 20_000  # characters that are looked at
LONGEST_LINE = 300
LONGEST_SIGNATURE = 8  # lines, for what is only known by its closing
LONGEST_SIGNATURE_LINE = 60  # characters

_WRAP = "\ue000\n\ue000"  # of a character that no text has: joined again afterwards
_LONG = re.compile(rf"([^\n]{{{LONGEST_LINE}}})(?=[^\n])")
_BLANK = re.compile(r"\n[ \t\u3000\xa0]*(?:\n[ \t\u3000\xa0]*)+\n")
_ASKS = re.compile(r"[?？]")


def own_words(text: str) -> str:
    """Empty where everything is quoted."""
    lines = _wrap(_normal(text))
    for pattern in _patterns("begins"):
        if found := pattern.search(lines):
            lines = lines[: found.start()]
    written = [line for line in _unwrap(lines).split("\n") if not line.startswith(">")]
    unquoted = _wrap("\n".join(written))
    replies = (
        EmailMessage(text=unquoted, languages=list(LANGUAGES), keep_hyphen_lists=True)
        .read()
        .replies
    )
    latest = _unwrap(replies[0].content if replies else "")
    return _without_signature(_before_ending(latest)).strip()


def _normal(text: str) -> str:
    text = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\ue000", "")
    text = "\n".join(line.strip(" \t\u3000\xa0\u200b\ufeff") for line in text.split("\n"))
    return _BLANK.sub("\n\n", text).strip()


def _before_ending(text: str) -> str:
    for pattern in _patterns("endings"):
        if found := pattern.search(text):
            text = text[: found.start()]
    return text.strip()


def _without_signature(text: str) -> str:
    """A closing ends the letter where what follows is short and asks nothing: "Thanks, but how?"
    is no closing, and somebody who says thanks first writes on."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if place == 0 or not _is_closing(line):
            continue
        rest = [one for one in lines[place + 1 :] if one]
        if len(rest) <= LONGEST_SIGNATURE and all(map(_fits_signature, rest)):
            return "\n".join(lines[:place]).strip()
    return text


def _fits_signature(line: str) -> bool:
    return len(line) <= LONGEST_SIGNATURE_LINE and _ASKS.search(line) is None


def _is_closing(line: str) -> bool:
    return any(pattern.fullmatch(line) for pattern in _patterns("closings"))


def _wrap(text: str) -> str:
    return _LONG.sub(rf"\1{_WRAP}", text)


def _unwrap(text: str) -> str:
    return text.replace(_WRAP, "").replace("\ue000", "")


@cache
def _patterns(name: str) -> Sequence[re.Pattern[str]]:
    found = tomllib.loads(PATTERNS.read_text("utf-8"))[name]
    return tuple(re.compile(one, re.MULTILINE | re.IGNORECASE) for one in found)
