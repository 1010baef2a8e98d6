"""Which language a message is in: scripts decide, then function words, then statistics."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from opencc import OpenCC
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.domain.conversation import Locale

_READ_CHARS = 2_000  # what follows only takes time

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LETTER = re.compile(r"[^\W\d_]")
_ACCENTED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_QUOTED_AS_IS = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+\.\w+"
    r"|“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"",
    re.DOTALL,
)
_PLAIN_WORD = re.compile(r"(?<![\w./\\@#-])[^\W\d_]+(?:'[^\W\d_]+)?(?![\w/\\@]|\.\w)")

_OUTPUT = re.compile(r"\b(?:\w*(?:Error|Exception)|ERROR|FATAL|WARN(?:ING)?|Traceback)\b")
_WORDS = {
    name: words.split()
    for name, words in tomllib.loads(
        files("bot.services").joinpath("language.toml").read_text("utf-8")
    ).items()
}
_CHINESE_SPEECH = re.compile("|".join(_WORDS["chinese_speech"]))
_ENGLISH_SPEECH = frozenset(_WORDS["english_speech"])
_ENGLISH_FUNCTION_WORDS = frozenset(_WORDS["english_function_words"])
_FOREIGN_OPENINGS = frozenset(_WORDS["foreign_openings"])
_FOREIGN_FUNCTION_WORDS = frozenset(_WORDS["foreign_function_words"])
_ENGLISH_SHARE = 0.15  # of function words: enough to call a text English without statistics
_ENGLISH_DOUBT_PLAIN, _ENGLISH_DOUBT_ACCENTED = 0.01, 0.05  # probability of English at most
_ENGLISH_DOUBT_PHRASED = 0.1  # of a text that begins and goes on like a foreign question
_FEWEST_PLAIN, _FEWEST_ACCENTED = 3, 2  # words; below this it may as well be a name


@dataclass(frozen=True, slots=True)
class Language:
    """`locale` is None when the text shows none of ours; then `foreign` tells a third language."""

    locale: Locale | None
    foreign: bool = False
    doubtful: bool = False  # a single word, a name, pasted output: anybody may write that


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional characters become Simplified ones; everything else stays."""
    return str(_converter().convert(text)) if _HAN.search(text) else text


def clean(text: str) -> str:
    """The text without control and invisible characters, on single spaces; lines stay lines."""
    visible = _INVISIBLE.sub("", text)
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in visible.splitlines())
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


class LanguageDetector:
    def load(self) -> None:
        """Read the statistical model now (a second) and not at the first doubtful message."""
        _ = self._identifier

    def detect(self, text: str) -> Language:
        whole = unicodedata.normalize("NFKC", text[:_READ_CHARS]).replace("’", "'")
        spoken = _QUOTED_AS_IS.sub(" ", whole)
        return self._detect(spoken if _LETTER.search(spoken) else whole)

    def _detect(self, text: str) -> Language:
        letters = len(_LETTER.findall(text))
        han, kana, latin = (len(p.findall(text)) for p in (_HAN, _KANA, _LATIN))
        other = letters - han - latin
        speech = sum(word in _ENGLISH_SPEECH for word in text.lower().split())
        if not letters:
            return Language(None)
        if kana >= 2 and kana > 0.2 * (han + kana):
            return Language(None, foreign=True)
        if other > han and (other > latin or (other > 0.25 * letters and not speech)):
            return Language(None, foreign=True)
        if han:
            return Language(Locale.EN if speech > _chinese_speech(text) else Locale.ZH)
        words = [word for word in _PLAIN_WORD.findall(text) if not _is_name(word)]
        if self._is_foreign(words):
            return Language(None, foreign=True)
        doubtful = not speech and (len(words) < _FEWEST_ACCENTED or bool(_OUTPUT.search(text)))
        return Language(Locale.EN, doubtful=doubtful)

    def _is_foreign(self, words: Sequence[str]) -> bool:
        accented = any(_ACCENTED.search(word) for word in words)
        if len(words) < (_FEWEST_ACCENTED if accented else _FEWEST_PLAIN):
            return False
        english = sum(word.lower() in _ENGLISH_FUNCTION_WORDS for word in words)
        if english >= _ENGLISH_SHARE * len(words):
            return False
        doubt = _ENGLISH_DOUBT_ACCENTED if accented else _ENGLISH_DOUBT_PLAIN
        if _is_phrased_foreign(words):
            doubt = _ENGLISH_DOUBT_PHRASED
        return self._english_probability(" ".join(words)) <= doubt

    def _english_probability(self, text: str) -> float:
        ranking: dict[str, float] = dict(self._identifier.rank(text.lower()))
        return float(ranking[Locale.EN])

    @cached_property
    def _identifier(self) -> LanguageIdentifier:
        known = LanguageIdentifier.from_model_file(MODEL_FILE)
        known.set_languages(_WORDS["latin_languages"])
        return LanguageIdentifier(  # a new one, which lets the weights of other languages go
            known.nb_ptc,
            known.nb_pc,
            known.nb_classes,
            known.tk_nextmove,
            known.tk_output,
            norm_probs=True,
            tk_row=known.tk_row,
        )


def _chinese_speech(text: str) -> int:
    """Words of Chinese speech; to begin in Chinese counts as one, pasted text comes later."""
    first = _LETTER.search(text)
    begins = first is not None and _HAN.match(first[0]) is not None
    return begins + len(_CHINESE_SPEECH.findall(simplify(text)))


def _is_phrased_foreign(words: Sequence[str]) -> bool:
    first, *others = (word.lower() for word in words)
    return first in _FOREIGN_OPENINGS and not _FOREIGN_FUNCTION_WORDS.isdisjoint(others)


def _is_name(word: str) -> bool:
    """camelCase and CAPITALS name things; they say nothing about the language around them."""
    return len(word) > 1 and not word[1:].islower() and not word[1:].replace("'", "").islower()
