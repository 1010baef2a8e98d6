"""Every seam of the bot; adapters implement these, services know nothing else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.knowledge import ArticleImage, ArticlePage, Evidence, Passage
from bot.domain.reply import Reply
from bot.domain.understanding import Understanding, Urgency
from bot.ports.desks import (
    AskedDesk,
    DeskInspector,
    DeskListener,
    DeskPlaceStore,
    ReceiptStore,
)
from bot.ports.inbound import InboundStore, InstallationStore, PostStore, ThreadStore
from bot.ports.mail import Mailer, MailStore
from bot.ports.staff import AgentChange, AgentStore, AuditLog, OneTimeCodes, Passwords
from bot.ports.tickets import (
    Courier,
    CustomerStore,
    Escalation,
    LiveStore,
    Notice,
    NoticeStore,
    OutboxStore,
    SurveyStore,
    TicketDesk,
    TicketStore,
    WrongAnswerStore,
)

__all__ = [
    "AgentChange",
    "AgentStore",
    "AskedDesk",
    "AuditLog",
    "ChatModel",
    "Courier",
    "CustomerStore",
    "DeskInspector",
    "DeskListener",
    "DeskPlaceStore",
    "Escalation",
    "IdentityVerifier",
    "InboundStore",
    "IndexStatus",
    "InstallationStore",
    "LiveStore",
    "MailStore",
    "Mailer",
    "Notice",
    "NoticeStore",
    "OneTimeCodes",
    "OutboxStore",
    "Passwords",
    "PostStore",
    "Prompts",
    "Query",
    "ReceiptStore",
    "Reranker",
    "Retriever",
    "Similarity",
    "Storage",
    "Store",
    "SurveyStore",
    "ThreadStore",
    "TicketDesk",
    "TicketStore",
    "Turn",
    "TurnTrace",
    "WrongAnswerStore",
]


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


@dataclass(frozen=True, slots=True)
class Affect:
    """Of the words of one message alone, in log-odds."""

    upset: float  # not calm
    hostile: float  # angry


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of a message in its conversation, each 0..1."""

    upset: float  # how sure that the customer is not calm
    hostile: float  # that they are angry
    need: float  # that a person should be offered now
    reasons: tuple[str, ...]  # names of the signals that spoke for it, strongest first


class ToneModel(Protocol):
    def read(self, spoken: str, signals: Mapping[str, float]) -> Affect:
        """The words of one message, and the named signals of its wording.

        Computes (a millisecond), so call it in a thread; never raises.
        """
        ...

    def judge(self, affect: Affect, circumstances: Mapping[str, float]) -> Judgement:
        """With what is known of the conversation, by name; `signals` of `read` may be among it."""
        ...


@dataclass(frozen=True, slots=True)
class RequestClause:
    """A piece of a message, normalised, and what patterns found there, by name."""

    text: str
    kinds: str  # the same, known words replaced by what kind of word they are
    named: Mapping[str, float]


class RequestModel(Protocol):
    def judge(self, clauses: Sequence[RequestClause]) -> float:
        """Log-odds that a message of these clauses asks for a person; from 0 on it does.

        Computes (milliseconds), so call it in a thread; never raises.
        """
        ...


class UrgencyModel(Protocol):
    def kind(self, spoken: str, found: Mapping[str, float]) -> Urgency | None:
        """What has happened and cannot wait; `found`: what patterns say, by name.

        Computes (a millisecond), so call it in a thread; raises ModelUnavailable.
        """
        ...


class Prompts(Protocol):
    def names(self, act: str, locale: Locale) -> Sequence[str]:
        """The entries of `prompts/<act>.<locale>.toml`, in its order."""
        ...

    def text(self, act: str, locale: Locale, name: str, **values: str) -> str:
        """Entry `name` of `prompts/<act>.<locale>.toml` with its `$names` filled in."""
        ...

    def variants(self, act: str, locale: Locale, name: str, **values: str) -> Sequence[str]:
        """All ways to say that entry."""
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
    # What made the question stand alone: wording, model, option, or why the wording did and not the
    # model; None where nothing had to be done.
    rewriting: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An accepted message and, once it is finished, the reply to it."""

    message: Message
    reply: Reply | None = None


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
        """Give the conversation to the customer and replace its token at once; its open ticket
        follows with who they are, their tier, and an event.

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

    async def accept(self, message: Message, *, closes: bool = False) -> Turn:
        """Commit under (conversation, client_message_id); a known one comes back as it was.

        A message that `closes` asks nothing more of whoever has the conversation's ticket.
        """
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


class Storage(
    Store,
    TicketStore,
    OutboxStore,
    NoticeStore,
    SurveyStore,
    WrongAnswerStore,
    CustomerStore,
    ReceiptStore,
    DeskPlaceStore,
    LiveStore,
    MailStore,
    InboundStore,
    ThreadStore,
    PostStore,
    InstallationStore,
    Protocol,
):
    """One database behind all of these; what belongs together is committed together."""
