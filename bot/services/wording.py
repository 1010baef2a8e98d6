"""How far a sentence keeps to the words of its sources: shared words, names, negation."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from Stemmer import Stemmer

from bot.domain.conversation import Locale
from bot.services.language import HAN, simplify

# Below these shares of its own words in the sources, a sentence says something else.
FEWEST_SHARED = {Locale.EN: 0.45, Locale.ZH: 0.3}
SAME_CLAUSE = 0.8  # share of a clause's words at which two clauses speak of the same thing
FEWEST_TO_COMPARE = 2  # words
FOREIGN_LETTERS = 0.1  # of other scripts: at most
FEWEST_TO_TELL = 4  # Han characters and Latin words
CHINESE_SHARE = 0.2  # Han characters among them: product names are often Latin
ENGLISH_RUNS = 0.5  # Han runs among runs and words: a name is one run
ENGLISH_WORDS = 8  # of which at least one is a very common one

_STEM = Stemmer("english")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’]*")
_HAN_RUN = re.compile(f"[{HAN}]+")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_STOP_WORDS = """
a an the and or but if then than so as at by for from in into of on onto to with within up out off
over under about after before during until while when where which who whom whose what why how that
this these those there here it its they them their he she his her we us our you your yours i me my
is are was were be been being am do does did done doing have has had having can could may might
must shall should will would also just only very too more most some any all each every both other
another such same yes no not nor never none cannot without neither please note tip important
warning need want use using via again already still yet however because since once either instead
therefore first next
finally let follow following step steps
"""
# Compared as dates.
_CALENDAR_WORDS = """
january february march april june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec v
"""
STOP = frozenset(_STOP_WORDS.split()) | frozenset(_CALENDAR_WORDS.split())
_HAN_STOP = re.compile(
    "可以|需要|如果|那么|然后|因为|所以|但是|不过|并且|而且|或者|以及|就是|这个|那个|这些|那些|"
    "即可|步骤|如下|以下|方法|操作|之后|以后|之前|以前|时候|之时|您|你|我|们|它|的|了|着|在|是|和|与|及|或|把|被|将|就|也|都|"
    "会|能|要|请|再|先|让|使|由|从|到|对|为|于|以|而|并|但|其|该|此|这|那|时|后|前|中|里|上|下|个|吗|呢|吧"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|cannot|without|neither|nor|nobody|nothing|unable|impossible)\b|n['’]t\b"
    r"|[不没无未勿]|禁止|请别|别再",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"([\u4e00-\u9fff])[不没]\1|不同|不过|不仅|不但|不断|不久|不少|不论|不管|无论|未来|没关系|是否|"
    r"不妨|不如|不止|不超过|不多于|不少于|不低于|not only(?=.*\bbut\b)|"
    r"no longer than|no later than|no more than|at no cost|no matter",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[。！？；，,;!?:：\n|]|\.(?!\S)|\b(?:but|although|though|while|whereas|unless|so|because|"
    r"otherwise|if|when|once)\b|但是|但|否则|因此|所以|而(?!且)"
)
_BOLD_OR_QUOTED = re.compile(
    r"\*\*([^*\n]{1,80})\*\*|“([^”\n]{1,80})”|「([^」\n]{1,80})」|【([^】\n]{1,80})】|\"([^\"\n]{1,80})\""
)
_QUOTED_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_MARKS = re.compile(r"[*`_#>]")
_CAPITALISED = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Clause:
    words: frozenset[str]
    negations: int

    @property
    def negative(self) -> bool:
        return self.negations > 0


@dataclass(frozen=True, slots=True)
class Wording:
    """Words and clauses of one source or of several together."""

    words: frozenset[str]
    clauses: tuple[Clause, ...]

    @classmethod
    def of(cls, text: str) -> "Wording":
        return cls(frozenset(content_words(text)), clauses(text))

    @classmethod
    def merge(cls, parts: Iterable["Wording"]) -> "Wording":
        parts = tuple(parts)
        words = frozenset[str]().union(*(part.words for part in parts))
        return cls(words, tuple(clause for part in parts for clause in part.clauses))


def stem(word: str) -> str:
    return str(_STEM.stemWord(word))


def content_words(text: str) -> list[str]:
    """Stems of Latin words and pairs of Han characters, without words that say little."""
    folded = simplify(unicodedata.normalize("NFKC", text)).replace("’", "'")
    latin = [word.lower().rstrip("'").removesuffix("'s") for word in _LATIN_WORD.findall(folded)]
    stems = _STEM.stemWords([w for w in latin if w not in STOP and "'" not in w])
    runs = _HAN_RUN.findall(_HAN_STOP.sub(" ", folded))
    pairs = [run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1))]
    return [*stems, *pairs]


def without_function_words(text: str) -> str:
    """Chinese words that say little become white space."""
    return _HAN_STOP.sub(" ", text)


def clauses(text: str) -> tuple[Clause, ...]:
    """Code names things; a "not" in it negates nothing."""
    parts = _CLAUSE_END.split(_MARKS.sub("", _QUOTED_CODE.sub(" ", text)))
    return tuple(
        Clause(words, count_negations(part))
        for part in parts
        if part and len(words := frozenset(content_words(_NEGATION.sub(" ", part)))) > 0
    )


def is_negative(text: str) -> bool:
    return count_negations(text) > 0


def count_negations(text: str) -> int:
    return len(_NEGATION.findall(_NO_NEGATION.sub(" ", simplify(text))))


def keeps_to(text: str, source: Wording, locale: Locale) -> bool:
    """Of a text in its source's language: the words and names are the source's, none negated."""
    words = content_words(text)
    shared = sum(word in source.words for word in words)
    if words and shared < FEWEST_SHARED[locale] * len(words):
        return False
    return names_occur(text, source) and not is_contradicted(text, source)


def names_occur(text: str, source: Wording) -> bool:
    """Labels (bold, quoted) and capitalised words inside a sentence are names of something."""
    labels = ["".join(groups) for groups in _BOLD_OR_QUOTED.findall(text)]
    for label in labels:
        words = content_words(label)
        if sum(word in source.words for word in words) * 2 < len(words):
            return False
    capitalised = content_words(" ".join(_CAPITALISED.findall(text)))
    return all(word in source.words for word in capitalised)


def foreign_names_occur(text: str, source: Wording, locale: Locale) -> bool:
    """Of a text in another language than its source: what is left untranslated names something."""
    foreign = [w for w in content_words(text) if bool(_HAN_RUN.match(w)) is (locale is Locale.EN)]
    return all(word in source.words for word in foreign)


def is_contradicted(text: str, source: Wording) -> bool:
    """A clause that the source has too, only there with the opposite polarity."""
    for clause in clauses(text):
        if len(clause.words) < FEWEST_TO_COMPARE:
            continue
        alike = [
            other.negative
            for other in source.clauses
            if len(clause.words & other.words) >= SAME_CLAUSE * len(clause.words)
        ]
        if alike and clause.negative not in alike:
            return True
    return False


def is_in(text: str, locale: Locale) -> bool:
    """Labels and code stay in the language of the product and say nothing about the text's own."""
    whole = unicodedata.normalize("NFKC", text)
    spoken = _QUOTED_CODE.sub(" ", _BOLD_OR_QUOTED.sub(" ", whole))
    han, runs = len(_HAN_CHARACTER.findall(spoken)), len(_HAN_RUN.findall(spoken))
    latin = _LATIN_WORD.findall(spoken)
    other = len(_LETTER.findall(spoken)) - han - len(_LETTER.findall(" ".join(latin)))
    if other > FOREIGN_LETTERS * (han + len(latin) + other):
        return False
    if han + len(latin) < FEWEST_TO_TELL:
        return True
    if locale is Locale.ZH:
        return han >= CHINESE_SHARE * (han + len(latin))
    has_english = len(latin) < ENGLISH_WORDS or any(word.lower() in STOP for word in latin)
    return has_english and runs < ENGLISH_RUNS * (runs + len(latin))
