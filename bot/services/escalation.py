"""What an escalation is made from, and the two parts that help to make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.customer import Customer, Tier
from bot.domain.knowledge import Evidence
from bot.domain.packet import Packet, Requester, TranscriptLine
from bot.domain.reply import HandoffReason, Reply
from bot.domain.sla import Clocks
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_queue import ResolvedTicket
from bot.domain.understanding import CALM, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a conversation goes to a person, as the turn or the agent knows it."""

    reason: HandoffReason
    locale: Locale
    question: str = ""  # of this turn, standing alone
    tone: Tone = CALM
    evidence: Evidence | None = None  # of this turn
    urgency: str | None = None  # what cannot wait, as understood: "outage", "data_loss", ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a packet is built from."""

    occasion: Occasion
    conversation: Conversation
    customer: Customer | None  # verified; None for a visitor
    messages: Sequence[Message]  # all of the conversation, the one of this turn included
    replies: Mapping[str, Reply] = field(default_factory=dict)  # by the bot's message
    resolved: Sequence[ResolvedTicket] = ()  # the latest first


class Packets(Protocol):
    def load(self) -> None:
        """Blocks while it reads the models, so that the first hand-over does not wait for them;
        raises BotError."""
        ...

    async def build(self, case: Case) -> Packet:
        """Raises BotError where it cannot; the hand-over then goes on with a plain packet."""
        ...


class Deadlines(Protocol):
    def first_response_due(self, tier: Tier, urgent: bool, opened_at: datetime) -> datetime: ...

    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks: ...

    def word_deadline(
        self, due: datetime, now: datetime, locale: Locale, timezone: str | None
    ) -> str:
        """As the customer would say it, in their time zone."""
        ...


class PlainPackets:
    """Who asks, what was said, and what was asked last."""

    def load(self) -> None:
        """There is no model in it."""

    async def build(self, case: Case) -> Packet:
        return plain_packet(case)


def plain_packet(case: Case) -> Packet:
    asked = [message.text for message in case.messages if message.author is Author.CUSTOMER]
    return Packet(
        requester=Requester.of(case.customer, case.conversation.address),
        locale=case.occasion.locale,
        channel=case.conversation.channel,
        reason=case.occasion.reason,
        summary=case.occasion.question or (asked[-1] if asked else ""),
        page=case.conversation.page,
        transcript=transcript_of(case),
    )


def transcript_of(case: Case) -> tuple[TranscriptLine, ...]:
    tones = _tones(case)
    return tuple(
        TranscriptLine(
            message=message.id,
            author=message.author,
            text=message.text,
            at=message.created_at,
            outcome=message.outcome,
            citations=case.replies[message.id].citations if message.id in case.replies else (),
            tone=tones.get(message.id),
        )
        for message in case.messages
    )


def _tones(case: Case) -> Mapping[str, Tone]:
    """By the customer's messages: each was judged in the turn that replied to it."""
    tones: dict[str, Tone] = {}
    asked: str | None = None
    for message in case.messages:
        reply = case.replies.get(message.id)
        if message.author is Author.CUSTOMER:
            asked = message.id
        elif asked is not None and reply is not None:
            tones[asked] = reply.tone
            asked = None
    if asked is not None:
        tones[asked] = case.occasion.tone
    return tones
