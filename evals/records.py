"""What the bot did with one case: all that the figures and the report are made from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it was retrieved; the best one of its article."""

    path: str
    anchor: str | None
    title: str
    score: float
    excerpt: str


@dataclass(frozen=True, slots=True)
class Cited:
    path: str
    anchor: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Heard:
    """How one message of a dialogue was taken, or ought to be."""

    upset: bool
    wants_human: bool = False
    offered: bool | None = None  # a person, or handed over to one; None where nobody said
    handed_over: bool = False
    consoled: bool = False
    score: float = 0.0  # how sure that the customer is not calm
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    dataset: str
    collection: str
    id: str
    locale: str
    pair: str  # languages of question and relevant article, such as "zh-en"
    query: str
    history: tuple[tuple[str, str], ...] = ()  # (role, text)
    relevant: tuple[str, ...] = ()
    answer_span: str = ""
    answerable: bool = True
    kind: str = ""
    ambiguous: bool = False
    hints: tuple[str, ...] = ()
    attack: str = ""
    # What the bot made of it.
    standalone: str = ""
    found: tuple[Found, ...] = ()  # best first, distinct articles
    decision: str = ""
    reason: str | None = None
    text: str = ""
    reply_locale: str = ""
    citations: tuple[Cited, ...] = ()
    options: tuple[str, ...] = ()
    answerability: float | None = None  # None: nothing was looked up
    model: str | None = None  # the chat model whose words were used
    # Of the answer, seen while the passages were at hand.
    frame: str = ""  # the bot's own words around the quoted ones
    ungrounded: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    stray_links: tuple[str, ...] = ()
    stage_ms: Mapping[str, float] = field(default_factory=dict)
    latency_ms: float = 0.0
    timed: bool = False  # made alone, so that its times count
    judged: Mapping[str, float] = field(default_factory=dict)  # by what a judge was asked
    blocked: Mapping[str, float] = field(default_factory=dict)  # share of trials, see `trials`
    # Of a dialogue's turn: which dialogue, what people and what the bot heard.
    dialogue: str = ""
    expected: Heard | None = None
    heard: Heard | None = None
    error: str | None = None

    @property
    def key(self) -> str:
        return f"{self.dataset}/{self.collection}/{self.id}"

    @property
    def is_answered(self) -> bool:
        return self.decision == "answer"

    @property
    def is_clear(self) -> bool:
        """One of the cases that are neither attacks nor ambiguous."""
        return not self.attack and not self.ambiguous

    @property
    def rank(self) -> int | None:
        """Position of the first relevant article, from 1; None when none was found."""
        ranks = (n for n, found in enumerate(self.found, 1) if found.path in self.relevant)
        return next(ranks, None)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Record":
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name in known
        }
        values["found"] = tuple(Found(**found) for found in data["found"])
        values["citations"] = tuple(Cited(**cited) for cited in data["citations"])
        for name in ("expected", "heard"):
            if data.get(name) is not None:
                values[name] = Heard(**data[name])
        values["history"] = tuple((role, text) for role, text in data["history"])
        return cls(**values)
