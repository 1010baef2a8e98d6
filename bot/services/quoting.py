"""Which parts of the evidence answer: a share of the belief for each, by a small linear model.

Its weights come from `python -m evals.fit_quoting`, which states the data it used.
"""

import json
import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from bot.domain.errors import ConfigurationError
from bot.domain.knowledge import Evidence, Passage
from bot.services.parts import KEPT, Part
from bot.services.question_kind import QuestionKind
from bot.services.wording import content_words

FEATURES = (
    "nearness",  # relevance, in deviations from the mean of all parts
    "gap",  # relevance below the greatest
    "rank",  # 1 / place of its passage
    "passage",  # log of the passage's score as a share of the best one's
    "article",  # the same for all passages of its article together
    "topic",  # share of the question's words there or in its headings, the rarer count more
    "early",  # 1 / place in its passage
    "item",  # of a list
    "row",  # of a table
    "quantity",  # holds a number where one is asked for
    "permits",  # says what can, cannot or must be
    "verdict",  # ... where that is asked
    "instructs",  # says what to do where that is asked
    "reason",  # says on what it depends where the reason is asked
    "length",  # log of its words
    "short",
    "leads_in",
    "points_back",
    "before",  # nearness of the part before
    "after",  # ... and behind
)
FIT = "python -m evals.fit_quoting"
WEIGHTS = Path(__file__).with_name("quoting_weights.json")
FLOOR = -6.0  # of logarithms
SHORT = 5  # words

_NUMBER = re.compile(
    r"\d|[一二两三四五六七八九十百]+[个天次小分种位]|不限|无限"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twice|unlimited)\b",
    re.IGNORECASE,
)
_PERMISSION = re.compile(
    r"\b(?:can|cannot|only|not|never|no|without|must|may|always|unable|impossible|allow(?:s|ed)?)\b"
    r"|n['’]t\b|不|只|仅|无法|没有|可以|能够|支持|允许|必须|需要",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"^\W*(?:click|open|select|choose|go|enter|press|type|navigate|use|set|add|drag|tick|turn"
    r"|in the|on the|under|to)\b|点击|选择|进入|打开|勾选|输入|设置",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:because|since|due to|only|unless|therefore|if|when|requires?|needs?)\b"
    r"|因为|由于|所以|因此|如果|需要|必须|除非|只有",
    re.IGNORECASE,
)

Row = tuple[float, ...]  # the values of FEATURES


@dataclass(frozen=True, slots=True)
class Weights:
    scale: Row  # of each feature, so that the weights can be compared
    weights: Row

    def score(self, row: Row) -> float:
        return sum(w * x / s for w, x, s in zip(self.weights, row, self.scale, strict=True))


def shares(evidence: Evidence, parts: Sequence[Part], question: str) -> list[float]:
    """How much of the belief that one of the parts answers goes to each; they sum to one."""
    weights = load()
    scores = [weights.score(row) for row in measure(evidence, parts, question)]
    greatest = max(scores, default=0.0)
    powers = [math.exp(score - greatest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def measure(evidence: Evidence, parts: Sequence[Part], question: str) -> list[Row]:
    """The features of each part, in their order."""
    view = _View.of(evidence, parts, question)
    return [view.row(number) for number in range(len(parts))]


def rarest_word(parts: Sequence[Part], question: str) -> str:
    """Of a yes/no question, among the words that occur, the later of equals: the subject of "do you
    support X" comes last. Empty for another question."""
    if not QuestionKind.of(question).yes_no:
        return ""
    rarity = _rarity(parts, question)
    asked = [word for word in reversed(content_words(question)) if word in rarity]
    return max(asked, key=lambda word: rarity[word], default="")


def has_word(part: Part, word: str) -> bool:
    return word in _words(part.text)


@dataclass(frozen=True, slots=True)
class _View:
    """What the features of a part are relative to."""

    parts: Sequence[Part]
    passages: Sequence[Passage]
    kind: QuestionKind
    nearness: Sequence[float]  # of each part
    best: float  # relevance
    places: Sequence[int]  # of each part in its passage
    rarity: dict[str, float]  # of the question's words that occur
    total_rarity: float
    beliefs: Sequence[tuple[float, float]]  # of each passage: its own and its article's, logs

    @classmethod
    def of(cls, evidence: Evidence, parts: Sequence[Part], question: str) -> "_View":
        relevances = [part.relevance for part in parts]
        mean = statistics.fmean(relevances) if relevances else 0.0
        deviation = statistics.pstdev(relevances) if relevances else 0.0
        rarity = _rarity(parts, question)
        return cls(
            parts,
            evidence.passages,
            QuestionKind.of(question),
            [(relevance - mean) / (deviation + 1e-6) for relevance in relevances],
            max(relevances, default=0.0),
            _places(parts),
            rarity,
            sum(rarity.values()),
            _beliefs(evidence.passages),
        )

    def row(self, number: int) -> Row:
        part = self.parts[number]
        passage, article = self.beliefs[part.passage]
        words = _words(part.text)
        topic = words | _words(_headings(self.passages[part.passage]))
        return (
            self.nearness[number],
            part.relevance - self.best,
            1 / (1 + part.passage),
            passage,
            article,
            self._overlap(topic),
            1 / (1 + self.places[number]),
            float(part.kind == "list"),
            float(part.kind == "table"),
            *self._wording(part.text),
            math.log(1 + part.words),
            float(part.words < SHORT),
            float(part.leads_in),
            float(part.points_back),
            self._near(number - 1, part),
            self._near(number + 1, part),
        )

    def _wording(self, text: str) -> Row:
        kind, signs = self.kind, _signs(text)
        return (
            float(kind.quantity and signs.number),
            float(signs.permission),
            float(kind.yes_no and signs.permission),
            float(kind.how and signs.instruction),
            float(kind.why and signs.condition),
        )

    def _near(self, number: int, part: Part) -> float:
        if not 0 <= number < len(self.parts) or self.parts[number].passage != part.passage:
            return 0.0
        return self.nearness[number]

    def _overlap(self, words: frozenset[str]) -> float:
        if not self.total_rarity:
            return 0.0
        return sum(self.rarity.get(word, 0.0) for word in words) / self.total_rarity


@dataclass(frozen=True, slots=True)
class _Signs:
    """What a text's wording shows."""

    number: bool
    permission: bool
    instruction: bool
    condition: bool


@lru_cache(KEPT)
def _signs(text: str) -> _Signs:
    patterns = (_NUMBER, _PERMISSION, _INSTRUCTION, _CONDITION)
    return _Signs(*(pattern.search(text) is not None for pattern in patterns))


def _places(parts: Sequence[Part]) -> list[int]:
    by_passage = groupby(parts, key=lambda part: part.passage)
    return [place for _, group in by_passage for place, _ in enumerate(group)]


def _rarity(parts: Sequence[Part], question: str) -> dict[str, float]:
    asked = _words(question)
    found = Counter(word for part in parts for word in _words(part.text) & asked)
    return {word: math.log((len(parts) + 1) / (n + 0.5)) for word, n in found.items()}


def _beliefs(passages: Sequence[Passage]) -> list[tuple[float, float]]:
    articles: dict[str, float] = defaultdict(float)
    for passage in passages:
        articles[passage.path] += passage.score
    best = max((passage.score for passage in passages), default=1.0)
    best_article = max(articles.values(), default=1.0)
    return [
        (_log_share(p.score, best), _log_share(articles[p.path], best_article)) for p in passages
    ]


def _log_share(score: float, best: float) -> float:
    return max(math.log(score / best), FLOOR) if score > 0 and best > 0 else FLOOR


def _headings(passage: Passage) -> str:
    return " ".join((passage.title, *passage.heading_path))


@lru_cache(KEPT)
def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


@cache
def load() -> Weights:
    data = json.loads(WEIGHTS.read_text("utf-8"))
    if tuple(data["features"]) != FEATURES:
        raise ConfigurationError(f"{WEIGHTS.name} is of another version; run: {FIT}")
    return Weights(tuple(data["scale"]), tuple(data["weights"]))
