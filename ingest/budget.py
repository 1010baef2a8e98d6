"""How much text an encoder takes in: tokens estimated without its tokenizer."""

import re
from collections.abc import Iterator

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[^\W{_HAN}]{{1,12}}")
_CHARACTER = re.compile(rf"[{_HAN}]")
_SYMBOL = re.compile(r"[^\w\s]")
_UNIT = re.compile(rf"([^\W{_HAN}]{{1,12}})|([{_HAN}])|[^\w\s]")
_UNBROKEN = re.compile(r"\[[^\[\]\n]{1,300}\]\([^()\n]{1,500}\)|`[^`\n]{1,300}`")  # links, code
TOKEN = 20  # weights are twentieths of a token, so that sums are exact
WORD, CHARACTER, SYMBOL = 26, 20, 5


def count_tokens(text: str) -> int:
    """1 for a Chinese character, 1.3 for a word, a quarter for a symbol, rounded up.

    A run of letters without a space counts as a word every 12 characters.
    """
    return -(-_weigh(text) // TOKEN)


def cut(text: str, budget: int) -> list[str]:
    """Pieces of at most `budget` tokens each, cut between words where there are any."""
    pieces: list[str] = []
    start, size = 0, 0
    for position, weight in _units(text, budget * TOKEN):
        if size and size + weight > budget * TOKEN:
            pieces.append(text[start:position])
            start, size = position, 0
        size += weight
    pieces.append(text[start:])
    return [piece for piece in pieces if piece.strip()]


def _weigh(text: str) -> int:
    weight = WORD * len(_WORD.findall(text)) + SYMBOL * len(_SYMBOL.findall(text))
    return weight if text.isascii() else weight + CHARACTER * len(_CHARACTER.findall(text))


def _units(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """(position, weight) of what is not cut: words, characters, and links and code that fit."""
    position = 0
    for match in _UNBROKEN.finditer(text):
        weight = _weigh(match[0])
        if weight <= limit:
            yield from _small_units(text, position, match.start())
            yield match.start(), weight
            position = match.end()
    yield from _small_units(text, position, len(text))


def _small_units(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for unit in _UNIT.finditer(text, start, end):
        yield unit.start(), WORD if unit[1] else CHARACTER if unit[2] else SYMBOL
