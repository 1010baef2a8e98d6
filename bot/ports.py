"""Every seam of the bot on one page; adapters implement these, services know nothing else."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent, AgentSession, Confirmation, Credentials
from bot.domain.audit import AuditEntry, AuditEvent, AuditHead
from bot.domain.conversation import Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.knowledge import ArticleImage, ArticlePage, Evidence, Passage
from bot.domain.outbox import Delivery
from bot.domain.reply import Reply
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_change import TicketChange, TicketNote
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.domain.understanding import Understanding
from bot.domain.wrong_answer import WrongAnswer


@dataclass(frozen=True, slots=True)
class Query:
    text: str  # the question, stand-alone
    own_text: str = ""  # of a follow-up: the message alone, without the turns it leans on
    background: str = ""  # what was said last; the question may be about that
    reliance: float = 0.0  # how likely it is that it is, 0..1
    locale: Locale = Locale.EN  # of the reply; preferred among equals
    foreign: bool = False  # the question is in a third language
    audience: frozenset[str] = frozenset({"public"})
    limit: int = 10  # distinct articles
    passages_per_article: int = 1
    whole_sections: bool = False  # with the neighbouring chunks of the same section

    @classmethod
    def of(
        cls,
        understanding: Understanding,
        limit: int,
        audience: frozenset[str] = frozenset({"public"}),
        passages_per_article: int = 1,
        *,
        whole_sections: bool = False,
    ) -> "Query":
        """Looks up what was understood."""
        return cls(
            text=understanding.question,
            own_text=understanding.own_text,
            background=understanding.background,
            reliance=understanding.reliance,
            locale=understanding.locale,
            foreign=understanding.foreign,
            audience=audience,
            limit=limit,
            passages_per_article=passages_per_article,
            whole_sections=whole_sections,
        )

    @property
    def own(self) -> str:
        return self.own_text or self.text


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Which snapshot answers questions, and why a newer one does not."""

    snapshot: str | None  # None: there is no index that could be searched
    refused: str | None = None  # the reason why the published snapshot is not the one in use


class Retriever(Protocol):
    async def search(self, query: Query) -> Evidence:
        """Passages best first; raises KnowledgeBaseUnavailable."""
        ...

    async def article(self, path: str) -> ArticlePage | None:
        """The public article at a path, None where there is none; raises KnowledgeBaseUnavailable.

        An internal article and one that does not exist look the same.
        """
        ...

    async def image(self, name: str) -> ArticleImage | None:
        """An image that a public article shows; raises KnowledgeBaseUnavailable."""
        ...

    async def refresh(self) -> IndexStatus:
        """Take over a newly published snapshot if there is one; never raises."""
        ...

    async def watch(self) -> None:
        """Refresh again and again, until cancelled."""
        ...

    def status(self) -> IndexStatus:
        """Known without input or output; never raises."""
        ...


class Reranker(Protocol):
    async def rerank(self, question: str, passages: Sequence[Passage]) -> Sequence[Passage]:
        """The same passages, those that answer best first; raises ModelUnavailable."""
        ...


class ChatModel(Protocol):
    @property
    def name(self) -> str: ...

    def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """Pieces of the model's text; raises ModelUnavailable."""
        ...


class Similarity(Protocol):
    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        """Cosines in a space that all languages share, -1..1: a row a text, a column an other.

        Computes, so call it in a thread; raises ModelUnavailable.
        """
        ...


class Prompts(Protocol):
    def names(self, act: str, locale: Locale) -> Sequence[str]:
        """The entries of `prompts/<act>.<locale>.toml`, in its order."""
        ...

    def text(self, act: str, locale: Locale, name: str, **values: str) -> str:
        """Entry `name` of `prompts/<act>.<locale>.toml` with its `$names` filled in."""
        ...


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """One line per turn: how it came about. Never the texts."""

    message: str
    decision: str
    reason: str | None
    answerability: float | None
    snapshot: str | None
    passages: tuple[str, ...] = ()
    stage_ms: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None  # the chat model whose words were used
    fallback: str | None = None  # why the bot's own words stand instead
    rewriting: str | None = None  # who made the question stand alone: "wording", "model", or why
    # the wording did and not the model; None where nothing had to be done


@dataclass(frozen=True, slots=True)
class Turn:
    """An accepted message and, once it is finished, the reply to it."""

    message: Message
    reply: Reply | None = None


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


class IdentityVerifier(Protocol):
    def verify(self, token: str) -> Customer:
        """The customer whom the company's own token proves; raises IdentityRefused."""
        ...


class Store(Protocol):
    """Conversations and turns. Every method is one transaction; failures raise StoreError."""

    async def add_conversation(self, conversation: Conversation) -> None: ...

    async def conversation(self, conversation_id: str) -> Conversation | None: ...

    async def save_customer(self, customer: Customer) -> None:
        """Known by its id, a customer is as it was saved last."""
        ...

    async def customer(self, customer_id: str) -> Customer | None: ...

    async def identify(
        self, conversation: Conversation, customer: Customer, token_digest: str
    ) -> bool:
        """Give the conversation to the customer and replace its token at once.

        False, and nothing is changed, where its token is not the one of `conversation` any more
        or where it belongs to another customer.
        """
        ...

    async def messages(self, conversation_id: str, after: str | None = None) -> Sequence[Message]:
        """In the order they were committed: a reply stands after its question, and what comes
        later never sorts before what was already read. `after` is the id of the last message read;
        an unknown one starts from the beginning."""
        ...

    async def message(self, message_id: str) -> Message | None: ...

    async def replies(self, message_ids: Sequence[str]) -> Mapping[str, Reply]:
        """The replies these bot messages carry, by message id; other ids are left out."""
        ...

    async def save_feedback(self, feedback: Feedback) -> None:
        """In place of what was given on that message before."""
        ...

    async def feedback(self, message_ids: Sequence[str]) -> Mapping[str, Feedback]:
        """What was given on these messages, by message id."""
        ...

    async def accept(self, message: Message) -> Turn:
        """Commit under (conversation, client_message_id); a known one comes back as it was."""
        ...

    async def turn(self, message_id: str) -> Turn | None: ...

    async def claim(self, message_id: str, worker: str, until: datetime) -> bool:
        """Take the turn unless it is finished or another worker's lease still runs.

        Claiming again renews one's own lease; `until` in the past gives it back.
        """
        ...

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        """Bot message, reply, trace and the whole escalation at once; the reply as it was stored,
        None when the lease was lost, when the turn is finished, and for a silence where no person
        has the conversation any more.

        `message_id` is the customer's message, `reply.message` the id of the bot's own, which is
        added to the conversation unless the bot is silent. Silence is what is stored in place of
        any reply where a person has the conversation by now, and in place of a reply with an
        escalation that there was already.
        """
        ...

    async def unfinished(self) -> Sequence[Message]:
        """Accepted messages without a reply and without a running lease, oldest first."""
        ...

    async def check_writable(self) -> None: ...

    async def close(self) -> None: ...


class AuditLog(Protocol):
    """Entries are added and read, never changed. Every method is one transaction; failures raise
    StoreError."""

    async def append(self, event: AuditEvent) -> AuditEntry: ...

    async def entries(self, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        """Those behind the number `after`, oldest first."""
        ...

    async def head(self) -> AuditHead:
        """Where the log ends by what was written down apart from its entries."""
        ...


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What becomes of one agent, with its line in the audit log."""

    agent: Agent  # as it shall be
    expected: Agent | None  # as it was seen; None adds the agent
    audit: AuditEvent
    credentials: Credentials | None = None  # None leaves them as they are
    ends_sessions: bool = False  # of the agent, all of them
    session: AgentSession | None = None  # begins, after the others ended
    confirmation: Confirmation | None = None  # is used up by this


@dataclass(frozen=True, slots=True)
class Attempts:
    count: int  # with the one just counted
    since: datetime  # when the first of them was


class AgentStore(Protocol):
    """Agents, their sessions and what protects both. Every method is one transaction, with the
    audit entry it was given inside of it; failures raise StoreError."""

    async def apply(self, change: AgentChange) -> None:
        """Raises AgentExists, AgentChanged, LastAdmin, ConfirmationRefused; then nothing is done
        and the confirmation can be used again."""
        ...

    async def agent(self, agent_id: str) -> Agent | None: ...

    async def agent_by_email(self, email: str) -> Agent | None: ...

    async def agents(self) -> Sequence[Agent]:
        """All of them, by name."""
        ...

    async def credentials(self, agent_id: str) -> Credentials | None: ...

    async def invited(self, invitation_digest: str) -> Agent | None:
        """Whoever the invitation is for, whether or not its time is over."""
        ...

    async def use_totp_step(self, agent_id: str, step: int) -> bool:
        """False when that step or a later one was used before."""
        ...

    async def start_session(self, session: AgentSession, audit: AuditEvent) -> None: ...

    async def session(self, digest: str) -> AgentSession | None:
        """With the agent as it is now; its times are not looked at."""
        ...

    async def touch_session(self, digest: str, at: datetime) -> None: ...

    async def end_session(self, digest: str, audit: AuditEvent) -> None:
        """Nothing is recorded where there is no such session."""
        ...

    async def count_attempt(self, key: str, at: datetime, since: datetime) -> Attempts:
        """One more of this key; those before `since` are forgotten."""
        ...

    async def forgive_attempts(self, key: str, most: int) -> None:
        """Takes back up to `most` of the key's attempts."""
        ...

    async def add_confirmation(self, confirmation: Confirmation, ends_at: datetime) -> None: ...

    async def use_confirmation(self, confirmation: Confirmation, audit: AuditEvent) -> None:
        """For what the store itself does not do; raises ConfirmationRefused."""
        ...


class Passwords(Protocol):
    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Takes as long without a hash, and is False then."""
        ...


class OneTimeCodes(Protocol):
    """Codes of an authenticator app, a new one every 30 seconds (RFC 6238)."""

    def new_secret(self) -> str: ...

    def address(self, secret: str, account: str) -> str:
        """What the app reads from a QR code: `otpauth://...`."""
        ...

    def step(self, secret: str, code: str, at: datetime) -> int | None:
        """The number of the half minute whose code this is, of the last, present and next one."""
        ...


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

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        """The latest first."""
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

    async def apply(self, change: TicketChange, *others: TicketChange) -> Ticket:
        """All of them or none; the ticket of the first afterwards.

        Raises IllegalMove, TicketOver, TicketDiffers, ConversationTaken.
        """
        ...


class OutboxStore(Protocol):
    """Deliveries, in order of a ticket and a recipient. Every method is one transaction."""

    async def lease_deliveries(
        self, worker: str, until: datetime, names: Collection[str], limit: int
    ) -> Sequence[Delivery]:
        """To the desks and channels with these names: those that are due, nobody else's, and not
        behind an earlier one that has not arrived yet; with the reference that an earlier one
        brought back."""
        ...

    async def settle_delivery(self, key: str, worker: str, reference: str | None) -> bool:
        """It has arrived. False when the lease was lost, as in the next two."""
        ...

    async def retry_delivery(self, key: str, worker: str, due_at: datetime, error: str) -> bool: ...

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


class Storage(Store, TicketStore, OutboxStore, NoticeStore, WrongAnswerStore, Protocol):
    """One database behind all of these; what belongs together is committed together."""
