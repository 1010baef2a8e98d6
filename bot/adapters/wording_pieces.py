"""The pieces of a message that a tone is read from: words and characters with their neighbours.

Each piece has a place, by its hash, among a fixed number of weights. Words of Latin letters come
alone, in pairs and in parts, so that their endings and slips do not matter; Chinese characters
alone and up to three in a row.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

PLACES = 4096
_TOKEN = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]|[^\w\s]")
_AT_MOST = 400  # tokens
_WHOLE = 3  # letters up to which a word has no parts


@lru_cache(1_000)
def places(spoken: str) -> tuple[int, ...]:
    """0..PLACES - 1, each once; nothing for nothing."""
    return tuple(sorted({crc32(piece.encode()) % PLACES for piece in _pieces(spoken)}))


def _pieces(spoken: str) -> Iterator[str]:
    tokens = ["^", *_TOKEN.findall(spoken)[:_AT_MOST], "$"]
    if len(tokens) == 2:
        return
    for token in tokens:
        yield f"w {token}"
        if token.isascii() and len(token) > _WHOLE:
            yield from (f"c {part}" for part in _parts(f"<{token}>"))
    for start in range(len(tokens) - 1):
        yield f"w {' '.join(tokens[start : start + 2])}"
        three = tokens[start : start + 3]
        if not all(map(str.isascii, three)):
            yield f"w {' '.join(three)}"


def _parts(word: str) -> Iterator[str]:
    for size in (4, 5):
        yield from (word[start : start + size] for start in range(len(word) - size + 1))
