"""How much text an encoder takes in: tokens estimated without its tokenizer."""

import math
import re

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[^\W{_HAN}]{{1,12}}")
_CHARACTER = re.compile(rf"[{_HAN}]")
_SYMBOL = re.compile(r"[^\w\s]")
_UNIT = re.compile(rf"([^\W{_HAN}]{{1,12}})|([{_HAN}])|[^\w\s]")
WORD, CHARACTER, SYMBOL = 1.3, 1.0, 0.25


def count_tokens(text: str) -> int:
    """1 for a Chinese character, 1.3 for a word, a quarter for a symbol, rounded up.

    A run of letters without a space counts as a word every 12 characters.
    """
    words = len(_WORD.findall(text))
    if text.isascii():
        return math.ceil(WORD * words + SYMBOL * len(_SYMBOL.findall(text)) - 1e-6)
    characters = CHARACTER * len(_CHARACTER.findall(text))
    return math.ceil(WORD * words + characters + SYMBOL * len(_SYMBOL.findall(text)) - 1e-6)


def cut(text: str, budget: int) -> list[str]:
    """Pieces of at most `budget` tokens each, cut between words where there are any."""
    pieces: list[str] = []
    start, tokens = 0, 0.0
    for unit in _UNIT.finditer(text):
        weight = WORD if unit[1] else CHARACTER if unit[2] else SYMBOL
        if tokens + weight > budget and tokens:
            pieces.append(text[start : unit.start()])
            start, tokens = unit.start(), 0.0
        tokens += weight
    pieces.append(text[start:])
    return [piece for piece in pieces if piece.strip()]
