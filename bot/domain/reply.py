"""What the bot does in a turn (an act), the reply that carries it, the events a channel pulls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.conversation import Locale, Outcome
from bot.domain.knowledge import Citation, Evidence
from bot.domain.understanding import CALM, Tone, ToneLabel


class DecisionKind(StrEnum):
    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"
    SILENT = "silent"


class AbstainReason(StrEnum):
    NO_SOURCE = "no_source"
    WEAK_SOURCE = "weak_source"
    CONFLICTING_SOURCES = "conflicting_sources"
    STALE_SOURCE = "stale_source"
    NEEDS_ACCOUNT_DATA = "needs_account_data"
    OUT_OF_SCOPE = "out_of_scope"


class HandoffReason(StrEnum):
    ASKED_FOR_HUMAN = "asked_for_human"
    FRUSTRATED = "frustrated"
    REPEATED_FAILURE = "repeated_failure"
    URGENT = "urgent"
    SENSITIVE_TOPIC = "sensitive_topic"
    AGENT_TOOK_OVER = "agent_took_over"


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("an answer needs a citation")

    @classmethod
    def grounded(cls, text: str, citations: tuple[Citation, ...], evidence: Evidence) -> "Answer":
        """An answer whose citations each point into a passage of its own evidence."""
        sources = {(p.path, p.anchor) for p in evidence.passages}
        strays = [c for c in citations if (c.path, c.anchor) not in sources]
        if strays:
            raise ValueError(f"citation outside of the evidence: {strays[0].path}")
        return cls(text, citations)


@dataclass(frozen=True, slots=True)
class Clarification:
    text: str
    question: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Abstention:
    text: str
    reason: AbstainReason
    citations: tuple[Citation, ...] = ()  # the closest articles, offered as reading


@dataclass(frozen=True, slots=True)
class Handoff:
    """A request for a person. Without a ticket the text promises nobody."""

    text: str
    reason: HandoffReason
    ticket: str | None = None
    number: str | None = None
    first_response_due: str | None = None  # RFC 3339


@dataclass(frozen=True, slots=True)
class SmallTalk:
    text: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A person has the conversation."""

    text: str = ""


Act = Answer | Clarification | Abstention | Handoff | SmallTalk | Silence

KIND_OF: Mapping[type[Act], DecisionKind] = {
    Answer: DecisionKind.ANSWER,
    Clarification: DecisionKind.CLARIFY,
    Abstention: DecisionKind.ABSTAIN,
    Handoff: DecisionKind.HANDOFF,
    SmallTalk: DecisionKind.SMALLTALK,
    Silence: DecisionKind.SILENT,
}

OUTCOME_OF: Mapping[DecisionKind, Outcome | None] = {
    DecisionKind.ANSWER: Outcome.ANSWERED,
    DecisionKind.CLARIFY: Outcome.CLARIFIED,
    DecisionKind.ABSTAIN: Outcome.ABSTAINED,
    DecisionKind.HANDOFF: Outcome.HANDED_OFF,
    DecisionKind.SMALLTALK: None,
    DecisionKind.SILENT: None,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One finished turn, as every channel and file shows it (the reply object of the contract)."""

    act: Act
    locale: Locale
    tone: Tone = CALM
    wants_human: bool = False
    offer_human: bool = False
    suggestions: tuple[str, ...] = ()
    snapshot: str | None = None
    latency_ms: float = 0.0
    message: str | None = None
    conversation: str | None = None

    @property
    def text(self) -> str:
        return self.act.text

    @property
    def decision(self) -> DecisionKind:
        return KIND_OF[type(self.act)]

    @property
    def outcome(self) -> Outcome | None:
        return OUTCOME_OF[self.decision]

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.act.citations if isinstance(self.act, Answer | Abstention) else ()

    def silenced(self) -> "Reply":
        """What is left of it where a person has the conversation by now."""
        return replace(self, act=Silence(), offer_human=False, suggestions=())

    def as_json(self) -> dict[str, Any]:
        act = self.act
        handoff, clarify, abstain_reason = None, None, None
        match act:
            case Handoff():
                handoff = {
                    "reason": act.reason.value,
                    "ticket": act.ticket,
                    "number": act.number,
                    "first_response_due": act.first_response_due,
                }
            case Clarification():
                clarify = {"question": act.question, "options": list(act.options)}
            case Abstention():
                abstain_reason = act.reason.value
        return {
            # A silent bot adds no message to the conversation, so there is none to name.
            "message": None if isinstance(act, Silence) else self.message,
            "conversation": self.conversation,
            "decision": self.decision.value,
            "text": self.text,
            "locale": self.locale.value,
            "citations": [asdict(c) for c in self.citations],
            "tone": {
                "label": self.tone.label.value,
                "score": round(self.tone.score, 4),
                "reasons": list(self.tone.reasons),
            },
            "wants_human": self.wants_human,
            "offer_human": self.offer_human,
            "abstain_reason": abstain_reason,
            "handoff": handoff,
            "clarify": clarify,
            "suggestions": list(self.suggestions),
            "snapshot": self.snapshot,
            "latency_ms": round(self.latency_ms, 1),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reply":
        tone = data["tone"]
        return cls(
            act=_act_from_json(data),
            locale=Locale(data["locale"]),
            tone=Tone(ToneLabel(tone["label"]), tone["score"], tuple(tone["reasons"])),
            wants_human=data["wants_human"],
            offer_human=data["offer_human"],
            suggestions=tuple(data["suggestions"]),
            snapshot=data["snapshot"],
            latency_ms=data["latency_ms"],
            message=data["message"],
            conversation=data["conversation"],
        )


def _act_from_json(data: Mapping[str, Any]) -> Act:
    text = data["text"]
    citations = tuple(Citation(**c) for c in data["citations"])
    match DecisionKind(data["decision"]):
        case DecisionKind.ANSWER:
            return Answer(text, citations)
        case DecisionKind.CLARIFY:
            clarify = data["clarify"]
            return Clarification(text, clarify["question"], tuple(clarify["options"]))
        case DecisionKind.ABSTAIN:
            return Abstention(text, AbstainReason(data["abstain_reason"]), citations)
        case DecisionKind.HANDOFF:
            handoff = dict(data["handoff"])
            return Handoff(text, HandoffReason(handoff.pop("reason")), **handoff)
        case DecisionKind.SMALLTALK:
            return SmallTalk(text)
        case DecisionKind.SILENT:
            return Silence(text)


class Stage(StrEnum):
    UNDERSTAND = "understand"
    RETRIEVE = "retrieve"
    DECIDE = "decide"
    ACT = "act"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class StageStarted:
    """The turn entered a stage (the contract's `status` event)."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Delta:
    """A further piece of the reply's text; the pieces joined are the text."""

    text: str


ReplyEvent = StageStarted | Delta | Reply
