"""BM25 over English stems and Chinese character bigrams, scored when it is built.

A term's impact on a document does not depend on the question (Robertson & Zaragoza 2009, with the
fields weighted before saturation as in BM25F), so the index holds impacts, and a query only adds
them up.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import Stemmer
from numpy.typing import NDArray
from opencc import OpenCC

TOKENISER_VERSION = "5"
K1 = 1.2
B = 0.75

WORD = re.compile(
    r"[a-z0-9]+(?:[_'’][a-z0-9]+)*|[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W_\u3400-\u9fff]+"
)
FUNCTION_WORDS = """
a an the is are was were be been being do does did to of in on at for with and or i we you he she it
they my our your me us this that these those can could would should how what where when why which
who there here not if so as by from have has had will just but am
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())
# Bigrams that carry no topic; a question is mostly made of them.
QUESTION_BIGRAMS = """
怎么 怎样 么办 么弄 么样 如何 什么 为什 为啥 可以 能不
不能 能否 是否 是不 有没 没有 哪里 哪个 哪儿 请问 麻烦
帮我 我想 想要 需要 应该 一下 一个 这个 那个 这里 那里
这样 那样 现在 然后 但是 可是 不过 因为 所以 如果 就是
还是 都是 不是 不会 不了 的话 时候 之后 以后 之前 以前
我们 你们 他们 大家 自己 别人 已经 刚才 刚刚 突然 总是
老是 每次 一直 还有 另外 其他 是什 多少
"""
STOP_BIGRAMS = frozenset(QUESTION_BIGRAMS.split())
# What is written together, apart or with a hyphen, is written together: `logged in`, `e-mail`.
PARTICLE_VERB = re.compile(
    r"\b(log|sign|set|back|roll|drop|shut|break)(?:s|ed|ged|ing|ging|ting)?"
    r"[ -](in|on|out|off|up|down|back)(?:to)?\b"
)
PREFIX = re.compile(r"\b(e|re|pre|sub|multi|to|add|plug)-(?=[a-z]{2})")
AMERICAN_ENDINGS = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e[drs]?|ing|ations?)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})our(?=(?:s|ed|ful|ing|ites?)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z]{3})logue(?=s?$)"), "log"),
    (re.compile(r"(?<=licen|defen|offen)c(?=es?$)"), "s"),
)

_stemmer = Stemmer.Stemmer("english")


def tokenise(text: str) -> list[str]:
    """Terms in reading order: English stems without stop words, Chinese bigrams, others bare."""
    plain = PARTICLE_VERB.sub(r"\1\2", fold(text))
    return list(_terms(PREFIX.sub(r"\1", plain)))


def surface(text: str) -> list[str]:
    """Terms as they stand: Chinese characters one by one, words unstemmed, no stop words."""
    return [
        piece
        for match in WORD.finditer(fold(text))
        for piece in (match[0] if is_chinese(match[0]) else (match[0],))
        if piece not in STOP_WORDS
    ]


def fold(text: str) -> str:
    """Lower case, half width, Simplified."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", _converter().convert(text))
    return plain.lower()


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def is_chinese(word: str) -> bool:
    """A match of WORD is Chinese as a whole or not at all."""
    return "\u3400" <= word[0] <= "\u9fff"


def _terms(text: str) -> Iterator[str]:
    for match in WORD.finditer(text):
        word = match[0]
        if is_chinese(word):
            yield from _bigrams(word)
        elif word not in STOP_WORDS:
            yield _stem(word)


def _bigrams(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for start in range(len(run) - 1):
        bigram = run[start : start + 2]
        if bigram not in STOP_BIGRAMS:
            yield bigram


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    word = word.replace("’", "'").removesuffix("'s")
    for british, american in AMERICAN_ENDINGS:
        word = british.sub(american, word)
    return str(_stemmer.stemWord(word))


@dataclass(frozen=True, slots=True)
class Matches:
    """The scores of all documents for a query, and how high a score could be."""

    scores: NDArray[np.float32]  # (documents,), 0 where nothing matches
    ceiling: float  # sum of the query's own greatest impacts; unknown terms count as rare ones


class Postings(NamedTuple):
    """Where a term stands."""

    documents: NDArray[np.int32]
    impacts: NDArray[np.float32]


class LexicalIndex:
    def __init__(
        self,
        terms: Mapping[str, int],
        offsets: NDArray[np.int64],
        documents: NDArray[np.int32],
        impacts: NDArray[np.float32],
        count: int,
    ) -> None:
        """Term t's postings are `documents[offsets[t]:offsets[t + 1]]` with their impacts."""
        self._terms = terms
        self._offsets = offsets
        self._documents = documents
        self._impacts = impacts
        self._count = count
        self._rarest = float(idf(1, count))

    @classmethod
    def build(cls, frequencies: Iterable[Mapping[str, float]]) -> "LexicalIndex":
        """From the weighted term frequencies of each document."""
        terms: dict[str, int] = {}
        columns: list[int] = []
        rows: list[int] = []
        weights: list[float] = []
        lengths: list[float] = []
        for row, document in enumerate(frequencies):
            lengths.append(sum(document.values()))
            for term, frequency in document.items():
                columns.append(terms.setdefault(term, len(terms)))
                rows.append(row)
                weights.append(frequency)
        order = np.argsort(np.asarray(columns, np.int64), kind="stable")
        counts = np.bincount(np.asarray(columns, np.int64), minlength=len(terms)).astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        documents = np.asarray(rows, np.int32)[order]
        impacts = _impacts(
            np.asarray(weights, np.float32)[order],
            np.asarray(lengths, np.float32)[documents],
            float(np.mean(lengths)) if lengths else 1.0,
            np.repeat(idf(counts, len(lengths)), counts),
        )
        return cls(terms, offsets, documents, impacts, len(lengths))

    def __contains__(self, term: str) -> bool:
        return term in self._terms

    def idf(self, terms: Iterable[str]) -> dict[str, float]:
        """How rare each term is, for the terms that occur at all."""
        numbers = {term: self._terms[term] for term in terms if term in self._terms}
        counts = {t: int(self._offsets[n + 1] - self._offsets[n]) for t, n in numbers.items()}
        return {term: float(idf(count, self._count)) for term, count in counts.items()}

    def match(self, query: Iterable[str], synonyms: Mapping[str, float] | None = None) -> Matches:
        """Score all documents; synonyms add their weighted impacts and leave the ceiling as is."""
        own = dict.fromkeys(query)
        postings = [(self._postings(term), 1.0) for term in own]
        ceiling = sum(float(p.impacts.max()) if p else self._rarest for p, _ in postings)
        postings += [(self._postings(term), weight) for term, weight in (synonyms or {}).items()]
        known = [(p, weight) for p, weight in postings if p]
        if not known:
            return Matches(np.zeros(self._count, np.float32), ceiling)
        scores = np.bincount(
            np.concatenate([p.documents for p, _ in known]),
            np.concatenate([p.impacts * np.float32(weight) for p, weight in known]),
            minlength=self._count,
        )
        return Matches(scores.astype(np.float32), ceiling)

    def _postings(self, term: str) -> "Postings | None":
        number = self._terms.get(term)
        if number is None:
            return None
        span = slice(self._offsets[number], self._offsets[number + 1])
        return Postings(self._documents[span], self._impacts[span])

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ordered = sorted(self._terms, key=self._terms.__getitem__)
        (folder / "terms.txt").write_text("\n".join(ordered), "utf-8")
        np.save(folder / "offsets.npy", self._offsets)
        np.save(folder / "documents.npy", self._documents)
        np.save(folder / "impacts.npy", self._impacts)
        (folder / "count.txt").write_text(str(self._count), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        text = (folder / "terms.txt").read_text("utf-8")
        terms = {term: number for number, term in enumerate(text.split("\n") if text else [])}
        mode: Literal["r"] | None = "r" if terms else None  # nothing cannot be mapped
        # As plain arrays: every slice of a `memmap` costs more than what it is sliced for.
        offsets, documents, impacts = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False))
            for name in ("offsets", "documents", "impacts")
        )
        count = int((folder / "count.txt").read_text("utf-8"))
        return cls(terms, offsets, documents, impacts, count)


def idf(frequency: NDArray[np.int64] | int, documents: int) -> NDArray[np.float32]:
    """Never negative (the form of Lucene)."""
    return np.log1p((documents - frequency + 0.5) / (np.asarray(frequency) + 0.5)).astype(
        np.float32
    )


def _impacts(
    frequency: NDArray[np.float32],
    length: NDArray[np.float32],
    mean_length: float,
    term_idf: NDArray[np.float32],
) -> NDArray[np.float32]:
    norm = K1 * (1 - B + B * length / mean_length)
    return (term_idf * frequency * (K1 + 1) / (frequency + norm)).astype(np.float32)


def weigh(
    fields: Sequence[tuple[float, str]], tokens: Callable[[str], list[str]] = tokenise
) -> Counter[str]:
    """Term frequencies over weighted fields: (weight, text) pairs."""
    frequencies: Counter[str] = Counter()
    for weight, text in fields:
        for term in tokens(text):
            frequencies[term] += weight  # type: ignore[assignment]  # counts need not be whole
    return frequencies
