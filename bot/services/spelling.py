"""Writes a message the way its words are usually spelt, so that patterns stay plain."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from bot.services.language import HAN, simplify

_STRETCHED = re.compile(r"([a-z])\1{2,}")
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) +(?=[{HAN}])")
_SPELT_OUT = re.compile(rf"(?<![{HAN}])[{HAN}](?:[\s!?.~…、·-]+[{HAN}](?![{HAN}]))+")
_NOT_HAN = re.compile(rf"[^{HAN}]+")
_WORD = re.compile(r"[a-z']+")
_QUOTE = re.compile(r"“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"|```.*?(?:```|\Z)", re.DOTALL)
ERASED = "□"  # stands where something was taken out, so that its neighbours do not touch


class Spelling:
    """Corrects slips in a few words that matter; every other word is left alone."""

    def __init__(
        self, words: Iterable[str], variants: Mapping[str, str], exceptions: Iterable[str]
    ) -> None:
        words = tuple(words)
        self._known = {*words, *exceptions}
        self._variants = variants
        self._words = {slip: word for word in reversed(words) for slip in _slips(word)}

    def correct(self, text: str) -> str:
        return _WORD.sub(lambda match: self._correct(match[0]), text)

    def _correct(self, word: str) -> str:
        if word in self._known or word.removesuffix("s") in self._known:
            return word
        if word in self._variants:
            return self._variants[word]
        return next((self._words[slip] for slip in _slips(word) if slip in self._words), word)


def normalise(text: str) -> str:
    """Lower case, half width, Simplified; stretched letters and spelt-out words closed up."""
    plain = simplify(unicodedata.normalize("NFKC", text)).lower().replace("’", "'")
    plain = _STRETCHED.sub(r"\1", plain)
    plain = _SPELT_OUT.sub(lambda match: _NOT_HAN.sub("", match[0]), plain)
    plain = plain.replace("w/ ", "with ").replace(" 2 ", " to ")
    return _SPACE_BETWEEN_HAN.sub("", plain)


def without_quotes(text: str) -> str:
    """What somebody else said, taken out; a message that is one quotation stays."""
    rest = _QUOTE.sub(ERASED, text)
    return rest if re.search(r"\w", rest) else text


def _slips(word: str) -> Iterator[str]:
    """Two words that share one of these differ by a slip: a letter too few, too many or wrong,
    neighbours swapped, or the same letters in another order after the first."""
    if len(word) < 4:
        return
    yield word
    if len(word) == 4:  # too short to be anything but a longer word with a letter missing
        return
    yield f"{word[0]}*{''.join(sorted(word[1:]))}"
    yield from (word[:i] + word[i + 1 :] for i in range(1, len(word)))
