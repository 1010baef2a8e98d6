"""What an agent needs to know at a glance: everything about an escalation but the ticket itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.conversation import Author, Locale, Outcome
from bot.domain.customer import Customer, Tier
from bot.domain.knowledge import Citation
from bot.domain.reply import HandoffReason
from bot.domain.understanding import Tone, ToneLabel


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. Unverified: nobody proved it, so nothing private may be told."""

    verified: bool = False
    customer: str | None = None
    name: str | None = None
    email: str | None = None
    organisation: str | None = None
    tier: Tier = Tier.BASIC

    @classmethod
    def of(cls, customer: Customer | None, address: str | None = None) -> "Requester":
        """`address`: where they write from by mail, which proves nobody."""
        if customer is None:
            return cls(email=address)
        return cls(
            verified=True,
            customer=customer.id,
            name=customer.name,
            email=customer.email,
            organisation=customer.organisation,
            tier=customer.tier,
        )


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    message: str
    author: Author
    text: str
    at: datetime
    outcome: Outcome | None = None  # of what the bot said
    citations: tuple[Citation, ...] = ()  # its sources
    tone: Tone | None = None  # of what the customer said


@dataclass(frozen=True, slots=True)
class UnusedPassage:
    """Retrieved and not cited: what an agent may want to look at next."""

    path: str
    anchor: str | None
    title: str
    excerpt: str
    score: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A suggested reply; empty where the knowledge base has nothing to quote."""

    text: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    id: str
    label: str
    summary: str
    resolution: str  # the agent's last words to the customer
    similarity: float  # cosine, -1..1


@dataclass(frozen=True, slots=True)
class Packet:
    requester: Requester
    locale: Locale
    channel: str
    reason: HandoffReason
    summary: str  # what they want, in one sentence
    page: str | None = None  # where in the product they were, as the widget told
    asks: tuple[str, ...] = ()  # what is still open, in their words
    transcript: tuple[TranscriptLine, ...] = ()
    unused: tuple[UnusedPassage, ...] = ()
    next_step: str = ""
    draft: Draft = field(default_factory=Draft)
    similar: tuple[SimilarTicket, ...] = ()
    summarised_by: str | None = (
        None  # the chat model whose summary passed the check; None: extracted
    )

    def as_json(self) -> dict[str, Any]:
        shape = asdict(self)
        for line, shaped in zip(self.transcript, shape["transcript"], strict=True):
            shaped["at"] = line.at.isoformat()
        return shape

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Packet":
        asker, draft = data["requester"], data["draft"]
        return cls(
            requester=Requester(**{**asker, "tier": Tier(asker["tier"])}),
            locale=Locale(data["locale"]),
            channel=data["channel"],
            reason=HandoffReason(data["reason"]),
            summary=data["summary"],
            page=data["page"],
            asks=tuple(data["asks"]),
            transcript=tuple(map(_line_from_json, data["transcript"])),
            unused=tuple(UnusedPassage(**passage) for passage in data["unused"]),
            next_step=data["next_step"],
            draft=Draft(draft["text"], _citations(draft["citations"])),
            similar=tuple(SimilarTicket(**ticket) for ticket in data["similar"]),
            summarised_by=data["summarised_by"],
        )


def _line_from_json(data: Mapping[str, Any]) -> TranscriptLine:
    outcome, tone = data["outcome"], data["tone"]
    return TranscriptLine(
        message=data["message"],
        author=Author(data["author"]),
        text=data["text"],
        at=datetime.fromisoformat(data["at"]),
        outcome=Outcome(outcome) if outcome else None,
        citations=_citations(data["citations"]),
        tone=_tone_from_json(tone) if tone else None,
    )


def _tone_from_json(data: Mapping[str, Any]) -> Tone:
    return Tone(ToneLabel(data["label"]), data["score"], tuple(data["reasons"]))


def _citations(data: Any) -> tuple[Citation, ...]:
    return tuple(Citation(**citation) for citation in data)
