"""What is looked at in the text of an answer; everything compares without layout."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from bot.domain.text import HAN, count_words, strip_links

MARKER = re.compile(r"\[\d+\]")
MARKDOWN = re.compile(r"[*_`#>|~\\]|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)|<(\w+:[^>\s]+)>")
ADDRESS = re.compile(r"https?://\w[^\s<>()\[\]\"'`，。；、）]+")
IMAGE = re.compile(r"!\[|<img\b", re.IGNORECASE)
SENTENCE = re.compile(r".+?(?:[。！？；]+|[.!?]+(?=\s|$)|$)", re.MULTILINE)
WORDS_AT_MOST, CHARACTERS_AT_MOST = 130, 220
HAN_SHARE = 0.15  # from here on a text reads as Chinese
NAMED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|《[^》\n]+》|“[^”\n]+”", re.DOTALL)
OWN_WORDS_SHARE = 0.6  # of the pieces of a written sentence that a source has too
LONG_LINE = 25  # characters of a prompt that nobody says by chance


def normalise(text: str) -> str:
    """Without Markdown, citation numbers, case, width and white space."""
    return "".join(unicodedata.normalize("NFKC", _plain(text)).casefold().split())


def _plain(text: str) -> str:
    return MARKDOWN.sub("", strip_links(MARKER.sub("", text)))


def holds(text: str, span: str) -> bool:
    return bool(span) and normalise(span) in normalise(text)


def sentences(text: str) -> list[str]:
    lines = (line.strip() for line in _plain(text).split("\n"))
    found = (s.strip() for line in lines for s in SENTENCE.findall(line))
    return [sentence for sentence in found if len(normalise(sentence)) > 1]


def begins_with(text: str, span: str) -> bool:
    """The first sentence is part of the span, or holds it or its beginning."""
    first = next(iter(sentences(text)), "")
    if not first or not span:
        return False
    opening = normalise(next(iter(sentences(span)), span))
    return opening in normalise(first) or normalise(first) in normalise(span)


def is_brief(text: str) -> bool:
    plain = MARKER.sub("", text)
    return length(plain) <= (CHARACTERS_AT_MOST if reads_as(plain) == "zh" else WORDS_AT_MOST)


def length(text: str) -> int:
    """Words; a Chinese character counts as one."""
    return count_words(MARKER.sub("", text))


def reads_as(text: str) -> str:
    """The language of the words around code and titles, which stay as they are in every one."""
    said = NAMED.sub("", text)
    letters = [character for character in said if character.isalpha()]
    return "zh" if len(HAN.findall(said)) > HAN_SHARE * max(len(letters), 1) else "en"


def ungrounded(text: str, sources: Iterable[str], *, verbatim: bool = True) -> tuple[str, ...]:
    """Sentences that stand in no source; written in own words they may only use a source's."""
    known = [normalise(source) for source in sources]
    words = set() if verbatim else {word for source in known for word in _pieces(source)}
    return tuple(
        sentence
        for sentence in sentences(text)
        if not any(normalise(sentence) in source for source in known)
        and (verbatim or _is_new(sentence, words))
    )


def _is_new(sentence: str, words: set[str]) -> bool:
    said = _pieces(normalise(sentence))
    return sum(piece in words for piece in said) < OWN_WORDS_SHARE * len(said)


def _pieces(normalised: str) -> list[str]:
    """Overlapping runs of three characters, which need no word boundaries."""
    return [normalised[place : place + 3] for place in range(max(len(normalised) - 2, 1))]


def leaks(text: str, prompts: Sequence[str]) -> tuple[str, ...]:
    """Lines of the model's orders that the text repeats."""
    said = normalise(text)
    lines = [line.strip() for prompt in prompts for line in prompt.split("\n")]
    bare = {line: normalise(line).rstrip(".。") for line in lines}
    return tuple(line for line, told in bare.items() if len(told) >= LONG_LINE and told in said)


def stray_links(text: str, cited: Iterable[str], sources: Iterable[str]) -> tuple[str, ...]:
    """Links to what was not cited, and images whatever they show.

    An address in plain text, such as a product's own, may be one that stands in a source.
    """
    allowed, known = set(cited), " ".join(sources)
    links = [link for groups in LINK.findall(text) for link in groups if link]
    named = (address.rstrip(".,;:!?") for address in ADDRESS.findall(LINK.sub("", text)))
    plain = [address for address in named if address not in known]
    strays = [link for link in links if link not in allowed and _is_address(link)]
    return (*strays, *plain, *IMAGE.findall(text))


def _is_address(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc or link.startswith("/"))
