"""Where sentences end, in Chinese and in English."""

import re

_ABBREVIATION = re.compile(  # with its last full stop cut off
    r"(?:e\.g|i\.e|vs|cf|approx|mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|dept|est|u\.s|u\.k|al|ca|resp"
    r"|incl|excl|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[a-z])",
    re.I,
)
_CLOSERS = r"(?:\]\([^()\s]{1,500}\)|[\"'”’」』）)\]】》〉*_`~])*+"
_END = re.compile(
    rf"[。！？｡](?:[。！？｡!?]*){_CLOSERS}"  # Chinese: wherever it stands
    rf"|[.!?…]+{_CLOSERS}(?=\s|$)"  # English: before a space
    rf"|[!?]+{_CLOSERS}(?=[\u3400-\u9fff])"  # Chinese typed with ASCII marks
    r"|\n+"
)
_NUMBERED = re.compile(r"(?:fig|no|sec|vol|ch|pp?)", re.I)  # abbreviations before a number
_NUMBER_NEXT = re.compile(r"\s+\d")
_LAST_WORD = re.compile(r"([^\s(\[\"'“‘（【]+)$")
_MARKER = re.compile(r"[>\s]*(?:\(?(?:\d{1,3}|[a-zA-Z])[.)]|[-*+])$")
_LOWER_NEXT = re.compile(r"\s+[a-z]")
_LOOKBACK = 40


def split_sentences(text: str) -> list[str]:
    """The sentences as they stand in the text, without the white space between them."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence; a line break ends one, a URL or a decimal does not."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match[0][0] in ".!?…" and _continues(text, start, match):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _continues(text: str, start: int, match: re.Match[str]) -> bool:
    """A full stop inside of a sentence: `e.g. Jira`, `Dr. Li`, `1. Open`, `... and`."""
    if _LOWER_NEXT.match(text, match.end()):
        return match[0][0] in ".…"
    if match[0][0] != ".":
        return False
    before = text[max(start, match.start() - _LOOKBACK) : match.start()]
    if match.start() - start <= _LOOKBACK and _MARKER.fullmatch(before.strip() + "."):
        return True
    word = _LAST_WORD.search(before)
    if word is None or match[0] != ".":
        return False
    last = word[1].lstrip("*_`")
    if _NUMBERED.fullmatch(last) and _NUMBER_NEXT.match(text, match.end()):
        return True
    return _ABBREVIATION.fullmatch(last) is not None
