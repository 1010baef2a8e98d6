"""What an agent needs to know at a glance: everything about an escalation but the ticket itself."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.conversation import Author, Locale, Outcome
from bot.domain.customer import Tier
from bot.domain.knowledge import Citation
from bot.domain.reply import HandoffReason
from bot.domain.understanding import Tone


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. Unverified: nobody proved it, so nothing private may be told."""

    verified: bool = False
    customer: str | None = None
    name: str | None = None
    email: str | None = None
    organisation: str | None = None
    tier: Tier = Tier.BASIC


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
