"""The seams of hand-overs: tickets, what has to reach somebody, and who takes it there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import Conversation, Message
from bot.domain.live_conversation import LiveConversation
from bot.domain.outbox import Delivery
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_change import TicketChange, TicketNote
from bot.domain.ticket_queue import QueuedTicket, QueueFilter, ResolvedTicket
from bot.domain.understanding import Tone
from bot.domain.wrong_answer import WrongAnswer


@dataclass(frozen=True, slots=True)
class Escalation:
    """A hand-over, ready to be committed as a whole.

    The ticket's `escalation` is one more than the conversation has had: where it has had that one,
    somebody else was faster and the hand-over is not made again.
    """

    ticket: Ticket
    opened: TicketEvent
    notice: Message  # of the system, in the ticket's conversation


@dataclass(frozen=True, slots=True)
class Notice:
    """What agents are told in the inbox."""

    key: str
    ticket: str
    kind: str
    at: datetime
    sequence: int | None = None  # given by the store, in the order of commits


class TicketStore(Protocol):
    """Tickets, and the conversations' status that follows them. Every method is one transaction.

    An event goes to the ticket's desks and a message to the conversation's channel: the store puts
    both into the outbox itself.
    """

    async def take_number(self) -> int:
        """Never given twice; a number may stay unused."""
        ...

    async def open_ticket(self, escalation: Escalation) -> Ticket:
        """Outside of a turn; where the conversation has an active ticket, that one."""
        ...

    async def ticket(self, ticket_id: str) -> Ticket | None: ...

    async def ticket_by_number(self, number: int) -> Ticket | None: ...

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        """In the order of their escalations; at most one is active."""
        ...

    async def absorbed(self, ticket_id: str) -> Sequence[Ticket]:
        """Those that go on in this one, in the order of their numbers."""
        ...

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        """The latest first. A ticket is to be checked once it was opened, and whenever something
        happened to it."""
        ...

    async def resolved(self, limit: int) -> Sequence[ResolvedTicket]:
        """With what their agents said last; the latest first, those without a word left out."""
        ...

    async def events(self, ticket_id: str) -> Sequence[TicketEvent]:
        """In the order of commits."""
        ...

    async def events_after(self, sequence: int, limit: int = 100) -> Sequence[TicketEvent]:
        """Of all tickets, in the order of commits; what comes later has a higher sequence."""
        ...

    async def last_event(self) -> int:
        """The highest sequence so far, 0 before the first."""
        ...

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]: ...

    async def check_again(self) -> None:
        """Every active ticket is to be checked now."""
        ...

    async def checked(self, ticket_id: str, sequence: int, again_at: datetime | None) -> None:
        """Not before then, unless something happens to it; nothing where an event came after the
        one with this sequence, which was the last that was seen."""
        ...

    async def apply(self, change: TicketChange, *others: TicketChange) -> Ticket:
        """All of them or none; the ticket of the first afterwards.

        Raises IllegalMove, TicketOver, TicketDiffers, ConversationTaken.
        """
        ...


class OutboxStore(Protocol):
    """Deliveries, in order of a ticket and a recipient. Every method is one transaction."""

    async def lease_deliveries(
        self,
        worker: str,
        until: datetime,
        desks: Collection[str],
        channels: Collection[str],
        limit: int,
    ) -> Sequence[Delivery]:
        """To the desks and the channels with these names, of which one may be both: those that are
        due, nobody else's, and not behind an earlier one that has not arrived yet; with the
        reference that an earlier one brought back."""
        ...

    async def settle_delivery(self, key: str, worker: str, reference: str | None) -> bool:
        """It has arrived. False when the lease was lost, as in the next two."""
        ...

    async def retry_delivery(self, key: str, worker: str, due_at: datetime, error: str) -> bool:
        """`error` is empty where it is only put off, which is no attempt."""
        ...

    async def bury_delivery(self, key: str, worker: str, error: str) -> bool: ...

    async def dead_deliveries(self, limit: int = 200) -> Sequence[Delivery]:
        """The latest first."""
        ...

    async def replay_delivery(self, key: str) -> bool:
        """A dead one is due again, with its key and a fresh schedule; False where there is none."""
        ...


class NoticeStore(Protocol):
    async def add_notice(self, notice: Notice) -> bool:
        """False where its key is known."""
        ...

    async def notices(self, after: int = 0, limit: int = 100) -> Sequence[Notice]:
        """Those with a higher sequence, in the order of commits."""
        ...


class CustomerStore(Protocol):
    """What agents know of a verified customer."""

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        """The latest first."""
        ...

    async def labels(self, customer_id: str) -> Sequence[str]: ...

    async def change_labels(
        self, customer_id: str, change: Callable[[Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        """Those that stand afterwards; who changes them at the same time comes before or after.
        Raises StoreError where there is no such customer."""
        ...


class LiveStore(Protocol):
    """How conversations stand, whoever has them."""

    async def with_bot(self, since: datetime, limit: int) -> Sequence[LiveConversation]:
        """Those the bot has where somebody said something since then; the latest first."""
        ...

    async def tones(self, conversation_ids: Collection[str]) -> Mapping[str, Mapping[str, Tone]]:
        """By conversation and message, in the order of messages: how the customer sounded in what
        the bot has heard so far, also where it kept silent."""
        ...


class SurveyStore(Protocol):
    async def conversation(self, conversation_id: str) -> Conversation | None: ...

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        """In the order of their escalations."""
        ...

    async def ticket(self, ticket_id: str) -> Ticket | None: ...

    async def survey(self, conversation_id: str, escalation: int) -> Survey | None: ...

    async def add_survey(self, survey: Survey) -> None:
        """It is asked; nothing where its conversation and escalation were asked before."""
        ...

    async def answer_survey(
        self, conversation_id: str, escalation: int, answer: SurveyAnswer
    ) -> bool:
        """False where it was not asked, or is closed already."""
        ...

    async def surveys_of(self, conversation_id: str) -> Sequence[Survey]:
        """In the order of escalations."""
        ...

    async def surveys_by(self, customer_id: str) -> Sequence[Survey]:
        """In the order in which they were asked."""
        ...


class WrongAnswerStore(Protocol):
    async def save_wrong_answer(self, wrong: WrongAnswer) -> None:
        """In place of what was said of that message before."""
        ...

    async def wrong_answers(
        self, message_ids: Sequence[str] | None = None
    ) -> Mapping[str, WrongAnswer]:
        """By message id, the oldest first; None asks for all of them."""
        ...


class TicketDesk(Protocol):
    """Where tickets are worked on; tests/adapters/desk_contract.py says what each has to keep."""

    @property
    def name(self) -> str: ...

    async def deliver(
        self, delivery: Delivery, ticket: Ticket, message: Message | None
    ) -> str | None:
        """The ticket's reference at the desk, where it has one of its own; a known key changes
        nothing. Raises DeskUnavailable (try again) or DeskRefused (give up)."""
        ...


class Courier(Protocol):
    """What reaches a customer later, in the channel they write in."""

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        """The message is in the store already; a known one changes nothing. Raises as a desk."""
        ...
