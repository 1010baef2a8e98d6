"""From the bot to a person: the ticket that is prepared in a turn, and what its customer can do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.errors import BotError
from bot.domain.outbox import PUSHED_CHANNELS
from bot.domain.packet import Packet
from bot.domain.policy import SENSITIVE
from bot.domain.reply import Handoff, HandoffReason
from bot.domain.ticket import (
    BOT,
    CUSTOMER,
    EVENT_OF,
    IllegalMove,
    Move,
    Priority,
    Ticket,
    TicketEvent,
    TicketEventKind,
)
from bot.domain.ticket_change import TicketChange, TicketOver
from bot.domain.understanding import ToneLabel
from bot.ports import Escalation, Prompts, Storage
from bot.services.escalation import Case, Deadlines, Occasion, Packets, plain_packet

log = logging.getLogger(__name__)

# Where what a person writes later still reaches the customer.
LASTING_CHANNELS = frozenset({"widget", "mail", "slack", "feishu", "dingtalk"})
# Where there is a button by which they take their request back.
CANCELLING_CHANNELS = LASTING_CHANNELS - {"mail"}
PACKET_S = 5.0  # a customer waits for it; a plain packet takes no time
PLACE = "conversation"  # in the details of an event: where it happened
MOST_RESOLVED = 100  # earlier tickets among which similar ones are looked for


class Handoffs:
    def __init__(
        self,
        store: Storage,
        prompts: Prompts,
        packets: Packets,
        deadlines: Deadlines,
        staffed: Callable[[], Awaitable[bool]],
        contact: str = "",
        channels: frozenset[str] = LASTING_CHANNELS,
        desks: tuple[str, ...] = (),
        changed: Callable[[Ticket], None] = lambda _: None,
        clock: Callable[[], datetime] = now,
        packet_s: float = PACKET_S,
    ) -> None:
        """`staffed`: whether there is anybody who could answer; where nobody is, the ticket is
        kept for whoever comes, and nobody is promised. `contact`: how a person is reached apart
        from here. `channels`: the others have no tickets. `changed` is called after each commit.
        """
        self._store = store
        self._prompts = prompts
        self._packets = packets
        self._deadlines = deadlines
        self._staffed = staffed
        self._contact = contact
        self._channels = channels
        self._desks = desks
        self._changed = changed
        self._clock = clock
        self._packet_s = packet_s

    def load(self) -> None:
        """Blocks while it reads what the first hand-over would wait for."""
        try:
            self._packets.load()
        except BotError as error:
            log.warning("hand-overs are made without models: %s", error)

    def takes(self, conversation: Conversation) -> bool:
        """Whether it can be given to a person; an answer would never arrive in other channels."""
        return conversation.channel in self._channels

    async def prepare(
        self, conversation: Conversation, message: Message, occasion: Occasion
    ) -> Escalation | None:
        """For the turn of `message`, to be committed with its reply; None in a channel where no
        answer would ever reach the customer. Raises StoreError."""
        if not self.takes(conversation):
            return None
        escalation = await self._escalation(conversation, occasion, "opened")
        asked = occasion.reason is HandoffReason.ASKED_FOR_HUMAN
        opened = replace(escalation.opened, actor=CUSTOMER if asked else BOT, message=message.id)
        return replace(escalation, opened=opened)

    def committed(self, ticket: Ticket) -> None:
        """The turn's escalation stands in the store."""
        self._changed(ticket)

    async def take_over(self, conversation: Conversation, agent: str, locale: Locale) -> Ticket:
        """An agent steps in unasked; where there is a ticket already, it is that one."""
        occasion = Occasion(reason=HandoffReason.AGENT_TOOK_OVER, locale=locale)
        escalation = await self._escalation(conversation, occasion, "taken_over")
        ticket = await self._store.open_ticket(
            replace(
                escalation,
                ticket=replace(escalation.ticket, assignee=agent),
                opened=replace(escalation.opened, actor=agent),
            )
        )
        self._changed(ticket)
        return ticket

    async def announce(self, ticket: Ticket) -> Handoff:
        """What the customer is told, once the ticket is committed and never before."""
        say = partial(self._prompts.text, "handoff", ticket.packet.locale)
        can_cancel = ticket.packet.channel in CANCELLING_CHANNELS
        if await self._staffed():
            deadline = self.word_deadline(ticket)
            parts = [say("opened", ticket=ticket.label, deadline=deadline)]
            parts.append(say("details" if can_cancel else "added"))
        else:
            parts = [say("kept", ticket=ticket.label)]
            if self._contact:
                parts.append(say("reach", contact=self._contact))
            parts.append(say("go_on" if can_cancel else "added"))
        if ticket.contact is None and ticket.packet.channel not in PUSHED_CHANNELS:
            parts.append(say("contact"))
        due = ticket.first_response_due
        return Handoff(
            "\n\n".join(parts),
            ticket.reason,
            ticket=ticket.id,
            number=ticket.label,
            first_response_due=rfc3339(due) if due else None,
        )

    async def promised(self, ticket: Ticket) -> str:
        """Until when somebody answers, in the customer's words; empty where nobody is there."""
        return self.word_deadline(ticket) if await self._staffed() else ""

    async def is_staffed(self) -> bool:
        """Whether anybody is there who could answer."""
        return await self._staffed()

    def as_due_now(self, ticket: Ticket, events: Sequence[TicketEvent]) -> Ticket:
        """With the first answer due as promised, or sooner where tier or urgency rose since."""
        promised = ticket.first_response_due
        due = self._deadlines.clocks(ticket, events, self._clock()).first_response.due
        if promised is None or due is None:
            return ticket
        return replace(ticket, first_response_due=min(promised, due))

    def word_deadline(self, ticket: Ticket) -> str:
        """When the first answer comes, as the customer would say it; empty where none is due."""
        if ticket.first_response_due is None:
            return ""
        return self._deadlines.word_deadline(
            ticket.first_response_due, self._clock(), ticket.packet.locale, ticket.timezone
        )

    async def active(self, conversation_id: str) -> Ticket | None:
        """The one that is worked on, also where the conversation's own goes on in another."""
        ticket = await self.latest(conversation_id)
        return ticket if ticket is not None and ticket.state.is_active else None

    async def contact_of(self, ticket: Ticket, conversation_id: str) -> str | None:
        """The address that was left in this conversation: one that was left in another whose
        ticket goes on in the same is not for its reader."""
        left = [
            event.details.get(PLACE, ticket.conversation)
            for event in await self._store.events(ticket.id)
            if event.kind is TicketEventKind.CONTACT_LEFT
        ]
        place = left[-1] if left else ticket.conversation
        return ticket.contact if place == conversation_id else None

    async def events(self, ticket_id: str) -> Sequence[TicketEvent]:
        return await self._store.events(ticket_id)

    async def latest(self, conversation_id: str) -> Ticket | None:
        """The one that is worked on, even an earlier one that was reopened; else the last. Where
        that was merged, the one in which it goes on."""
        tickets = await self._store.tickets_of(conversation_id)
        found = max(
            tickets, key=lambda ticket: (ticket.state.is_active, ticket.escalation), default=None
        )
        if found is None or found.merged_into is None:
            return found
        return await self._store.ticket(found.merged_into) or found

    async def cancel(self, conversation_id: str, asked: str | None = None) -> Ticket | None:
        """By the customer, who has the bot again; None where no person has the conversation.
        `asked`: the ticket that is taken back, where that is known; none that came later is."""
        ticket = await self.active(conversation_id)
        if ticket is None or (asked is not None and await self._goes_on(asked) != ticket.id):
            return None
        change = TicketChange(
            ticket=ticket.id,
            events=(self._event(ticket, EVENT_OF[Move.CANCEL]),),
            move=Move.CANCEL,
            messages=(self._notice(ticket, "cancelled"),),
        )
        try:
            cancelled = await self._store.apply(change)
        except IllegalMove:  # over in the meantime, which is what was asked for
            return None
        self._changed(cancelled)
        return cancelled

    async def _goes_on(self, ticket_id: str) -> str:
        """Itself, or that in which it does."""
        ticket = await self._store.ticket(ticket_id)
        return (ticket.merged_into if ticket is not None else None) or ticket_id

    async def leave_contact(self, conversation_id: str, email: str) -> Ticket | None:
        """Where the customer can be reached apart from here; None where no person has it."""
        ticket = await self.active(conversation_id)
        if ticket is None:
            return None
        if ticket.contact == email and ticket.conversation == conversation_id:
            return ticket
        notice = self._notice(ticket, "contact", email=email)
        event = self._event(ticket, TicketEventKind.CONTACT_LEFT)
        change = TicketChange(
            ticket=ticket.id,
            events=(replace(event, details={PLACE: conversation_id}),),
            values={"contact": email},
            while_active=True,
            messages=(replace(notice, conversation=conversation_id),),
        )
        try:
            kept = await self._store.apply(change)
        except TicketOver:
            return None
        self._changed(kept)
        return kept

    async def _escalation(
        self, conversation: Conversation, occasion: Occasion, says: str
    ) -> Escalation:
        earlier = await self._store.tickets_of(conversation.id)
        packet = await self._packet(conversation, occasion)
        opened_at = self._clock()
        priority = priority_of(occasion)
        tier = packet.requester.tier
        ticket = Ticket(
            number=await self._store.take_number(),
            conversation=conversation.id,
            escalation=len(earlier) + 1,
            reason=occasion.reason,
            packet=packet,
            tier=tier,
            priority=priority,
            opened_at=opened_at,
            first_response_due=self._deadlines.first_response_due(
                tier, priority is Priority.URGENT, opened_at
            ),
            contact=packet.requester.email,
            timezone=conversation.timezone,
            desks=self._desks,
        )
        opened = TicketEvent(
            ticket.id, TicketEventKind.OPENED, BOT, opened_at, details={"reason": occasion.reason}
        )
        return Escalation(ticket, opened, self._notice(ticket, says))

    async def _packet(self, conversation: Conversation, occasion: Occasion) -> Packet:
        messages = await self._store.messages(conversation.id)
        said = [message.id for message in messages if message.author is Author.BOT]
        known = conversation.customer
        case = Case(
            occasion=occasion,
            conversation=conversation,
            customer=await self._store.customer(known) if known else None,
            messages=messages,
            replies=await self._store.replies(said),
        )
        # Whatever happens a person comes; what is missing they can read in the conversation.
        try:
            async with asyncio.timeout(self._packet_s):
                resolved = await self._store.resolved(MOST_RESOLVED)
                return await self._packets.build(replace(case, resolved=resolved))
        except TimeoutError:
            log.warning("packet not built in time: conversation=%s", conversation.id)
        except Exception:
            log.exception("packet not built: conversation=%s", conversation.id)
        return plain_packet(case)

    def _event(self, ticket: Ticket, kind: TicketEventKind) -> TicketEvent:
        return TicketEvent(ticket.id, kind, CUSTOMER, self._clock())

    def _notice(self, ticket: Ticket, name: str, **values: str) -> Message:
        locale = ticket.packet.locale
        text = self._prompts.text(
            "handoff", locale, f"notice_{name}", ticket=ticket.label, **values
        )
        return Message(ticket.conversation, Author.SYSTEM, text, created_at=self._clock())


def priority_of(occasion: Occasion) -> Priority:
    cannot_wait = occasion.urgency is not None and occasion.urgency not in SENSITIVE
    if occasion.reason is HandoffReason.URGENT or cannot_wait:
        return Priority.URGENT
    return Priority.HIGH if occasion.tone.label is ToneLabel.ANGRY else Priority.NORMAL


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
