"""Hand-written stand-ins for the ports, with the behaviour their contracts state."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.adapters.memory_agents import MemoryAgents
from bot.bootstrap import build_hand_over, build_service_levels
from bot.domain.agent import CodesUnreadable
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.customer import Customer, IdentityRefused, RefusalReason
from bot.domain.errors import BotError, KnowledgeBaseUnavailable, StoreError
from bot.domain.feedback import Feedback
from bot.domain.knowledge import (
    ArticleImage,
    ArticlePage,
    Block,
    Citation,
    Evidence,
    Passage,
)
from bot.domain.outbox import Delivery
from bot.domain.reply import Answer, Delta, Reply, ReplyEvent, Stage, StageStarted
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.domain.understanding import Intent, Understanding
from bot.ports import Escalation, IndexStatus, Prompts, Query, Turn, TurnTrace
from bot.services.escalation import PlainPackets
from bot.services.feedback import FeedbackCollector
from bot.services.person_requests import PersonRequests
from bot.services.searching import Searcher
from bot.services.sessions import Sessions
from bot.services.sla import ServiceLevels
from bot.services.staff import Staff
from bot.services.turns import TurnLimits, TurnRunner
from bot.settings import Settings, Sla, Support, Web

SNAPSHOT = "20260101-000000"
ANSWER = "Open **Settings** and choose *Teams* [1]."


def reply_to(message: Message, text: str = ANSWER) -> Reply:
    citation = Citation(
        n=1,
        path="en/administration/teams.md",
        anchor="create-a-team",
        title="Teams",
        url="/kb/en/administration/teams.md#create-a-team",
        excerpt="Open **Settings** and choose Teams.",
    )
    return Reply(
        act=Answer(text, (citation,)),
        locale=Locale.EN,
        snapshot=SNAPSHOT,
        message=f"{int(message.id, 16) ^ 1:032x}",
        conversation=message.conversation,
    )


def trace_of(message: Message) -> TurnTrace:
    return TurnTrace(message.id, "answer", None, 0.9, SNAPSHOT)


class FakeStore:
    """Everything in dictionaries; `broken` makes every method raise StoreError."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.customers: dict[str, Customer] = {}
        self.log: list[Message] = []
        self.closing: set[str] = set()  # ids of messages that ask for nothing more
        self.given: dict[str, Feedback] = {}
        self.turns: dict[str, Turn] = {}
        self.leases: dict[str, tuple[str, datetime]] = {}
        self.claims: list[tuple[str, str]] = []
        self.broken = False
        self.closed = False

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the database is out of reach")

    async def add_conversation(self, conversation: Conversation) -> None:
        self._check()
        self.conversations[conversation.id] = conversation

    async def conversation(self, conversation_id: str) -> Conversation | None:
        self._check()
        return self.conversations.get(conversation_id)

    async def save_customer(self, customer: Customer) -> None:
        self._check()
        self.customers[customer.id] = customer

    async def customer(self, customer_id: str) -> Customer | None:
        self._check()
        return self.customers.get(customer_id)

    async def identify(
        self, conversation: Conversation, customer: Customer, token_digest: str
    ) -> bool:
        self._check()
        known = self.conversations[conversation.id]
        if known.token_digest != conversation.token_digest:
            return False
        if known.customer not in (None, customer.id):
            return False
        self.customers[customer.id] = customer
        self.conversations[known.id] = replace(
            known, customer=customer.id, token_digest=token_digest
        )
        return True

    async def messages(self, conversation_id: str, after: str | None = None) -> Sequence[Message]:
        self._check()
        messages = [m for m in self.log if m.conversation == conversation_id]
        ids = [m.id for m in messages]
        return messages[ids.index(after) + 1 :] if after in ids else messages

    async def message(self, message_id: str) -> Message | None:
        self._check()
        return next((m for m in self.log if m.id == message_id), None)

    async def save_feedback(self, feedback: Feedback) -> None:
        self._check()
        self.given[feedback.message] = feedback

    async def feedback(self, message_ids: Sequence[str]) -> Mapping[str, Feedback]:
        self._check()
        return {id: self.given[id] for id in message_ids if id in self.given}

    async def replies(self, message_ids: Sequence[str]) -> Mapping[str, Reply]:
        self._check()
        replies = [turn.reply for turn in self.turns.values() if turn.reply]
        return {r.message: r for r in replies if r.message and r.message in message_ids}

    async def accept(self, message: Message, *, closes: bool = False) -> Turn:
        self._check()
        for turn in self.turns.values():
            known = turn.message
            if known.client_message_id is not None and (
                (known.conversation, known.client_message_id)
                == (message.conversation, message.client_message_id)
            ):
                return turn
        self.log.append(message)
        self.closing |= {message.id} if closes else set()
        self.turns[message.id] = Turn(message)
        return self.turns[message.id]

    async def turn(self, message_id: str) -> Turn | None:
        self._check()
        return self.turns.get(message_id)

    async def claim(self, message_id: str, worker: str, until: datetime) -> bool:
        self._check()
        self.claims.append((message_id, worker))
        owner, lease_until = self.leases.get(message_id, (worker, now()))
        finished = self.turns[message_id].reply is not None
        if finished or (owner != worker and lease_until > now()):
            return False
        self.leases[message_id] = (worker, until)
        return True

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        self._check()
        owner, _ = self.leases.get(message_id, (None, None))
        turn = self.turns[message_id]
        if owner != worker or turn.reply is not None:
            return None
        assert reply.message is not None
        self.turns[message_id] = Turn(turn.message, reply)
        self.log.append(Message(turn.message.conversation, Author.BOT, reply.text, reply.message))
        return reply

    # No conversation of this store ever goes to a person.

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        self._check()
        return ()

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        self._check()
        return ()

    async def last_event(self) -> int:
        self._check()
        return 0

    async def events_after(self, sequence: int, limit: int = 100) -> Sequence[TicketEvent]:
        self._check()
        return ()

    async def lease_deliveries(
        self,
        worker: str,
        until: datetime,
        desks: Collection[str],
        channels: Collection[str],
        limit: int,
    ) -> Sequence[Delivery]:
        self._check()
        return ()

    async def unfinished(self) -> Sequence[Message]:
        self._check()
        return [
            turn.message
            for turn in self.turns.values()
            if turn.reply is None
            and (turn.message.id not in self.leases or self.leases[turn.message.id][1] <= now())
        ]

    async def check_writable(self) -> None:
        self._check()

    async def close(self) -> None:
        self.closed = True


class FakeDialogue:
    """Answers each message with `text` in two pieces; `gate` holds turns back between them."""

    def __init__(self, store: FakeStore, text: str = ANSWER) -> None:
        self.store = store
        self.text = text
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing = 0  # so many turns raise after their first piece
        self.started: list[str] = []
        self.finished: list[str] = []
        self.at_work = 0
        self.most_at_work = 0

    async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        self.started.append(message.id)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            yield StageStarted(Stage.RETRIEVE)
            half = len(self.text) // 2
            yield Delta(self.text[:half])
            await self.gate.wait()
            if self.failing:
                self.failing -= 1
                raise RuntimeError("the dialogue broke")
            yield Delta(self.text[half:])
            yield StageStarted(Stage.RECORD)
            reply = reply_to(message, self.text)
            if await self.store.finish(message.id, worker, reply, trace_of(message)):
                self.finished.append(message.id)
                yield reply
        finally:
            self.at_work -= 1


@dataclass
class FakeRetriever:
    index: IndexStatus = field(default_factory=lambda: IndexStatus(SNAPSHOT))
    queries: list[Query] = field(default_factory=list)
    articles: dict[str, ArticlePage] = field(default_factory=dict)
    images: dict[str, ArticleImage] = field(default_factory=dict)
    failure: BotError | None = None  # of every search

    async def refresh(self) -> IndexStatus:
        return self.index

    async def watch(self) -> None:
        await asyncio.Event().wait()

    def status(self) -> IndexStatus:
        return self.index

    async def search(self, query: Query) -> Evidence:
        self.queries.append(query)
        if self.failure is not None:
            raise self.failure
        if self.index.snapshot is None:
            raise KnowledgeBaseUnavailable("no index")
        passage = Passage(
            path="en/administration/teams.md",
            ordinal=0,
            anchor="create-a-team",
            title="Teams",
            heading_path=("Teams", "Create a team"),
            locale=Locale.EN,
            line=7,
            score=0.912345,
            blocks=(Block("paragraph", "Open **Settings** and choose *Teams*.\n" * 20, ()),),
        )
        return Evidence((passage,), 0.871234, self.index.snapshot)

    async def article(self, path: str) -> ArticlePage | None:
        if self.index.snapshot is None:
            raise KnowledgeBaseUnavailable("no index")
        return self.articles.get(path)

    async def image(self, name: str) -> ArticleImage | None:
        return self.images.get(name)


class FakeReader:
    def __init__(self) -> None:
        self.loaded = threading.Event()
        self.loaded_by: int | None = None

    def load(self) -> None:
        self.loaded_by = threading.get_ident()
        self.loaded.set()

    async def understand(
        self,
        text: str,
        history: Sequence[Message],
        asked_locale: Locale | None,
        default_locale: Locale,
    ) -> Understanding:
        locale = asked_locale or (default_locale if text.isascii() else Locale.ZH)
        return Understanding(text, locale, Intent.QUESTION, question=text.removeprefix("hi, "))


@dataclass
class FakeVerifier:
    """Believes the tokens it was given, and says of all others that they are malformed."""

    customers: dict[str, Customer] = field(default_factory=dict)

    def verify(self, token: str) -> Customer:
        if token not in self.customers:
            raise IdentityRefused(RefusalReason.MALFORMED)
        return self.customers[token]


class FakePrompts:
    def names(self, act: str, locale: Locale) -> Sequence[str]:
        return ("somebody", "wait_title", "wait")

    def text(self, act: str, locale: Locale, name: str, **values: str) -> str:
        return f"{act}.{locale.value}.{name}"

    def variants(self, act: str, locale: Locale, name: str, **values: str) -> Sequence[str]:
        return [self.text(act, locale, name)]


class FakePasswords:
    """Hashes that a reader of a failed test can read."""

    def __init__(self) -> None:
        self.verified: list[str | None] = []  # the hashes it compared with

    async def hash(self, password: str) -> str:
        await asyncio.sleep(0)  # others work meanwhile, as they do with a slow hash
        return f"hash of {password}"

    async def verify(self, password_hash: str | None, password: str) -> bool:
        await asyncio.sleep(0)
        self.verified.append(password_hash)
        return password_hash == f"hash of {password}"


class FakeCodes:
    """The code of a secret is its name and the minute, such as `secret-1 30`."""

    def __init__(self) -> None:
        self.secrets = 0

    def new_secret(self) -> str:
        self.secrets += 1
        return f"secret-{self.secrets}"

    def address(self, secret: str, account: str) -> str:
        return f"otpauth://totp/{account}?secret={secret}"

    def seal(self, secret: str) -> str:
        return f"sealed {secret}"

    def reseal(self, kept: str) -> str:
        if kept.startswith("lost"):
            raise CodesUnreadable("the key is lost")
        return self.seal(kept.removeprefix("sealed ").removeprefix("old "))

    def step(self, kept: str, code: str, at: datetime) -> int | None:
        if kept.startswith("lost"):
            raise CodesUnreadable("the key is lost")
        secret = kept.removeprefix("sealed ")
        minute = int(at.timestamp() // 60)
        steps = (step for step in (minute - 1, minute) if code == f"{secret} {step % 60}")
        return next(steps, None)


@dataclass(frozen=True)
class FakeSettings:
    locale: str = "en"
    web: Web = field(default_factory=lambda: Web(rate_limit=0))
    support: Support = field(default_factory=Support)


def service_levels(prompts: Prompts) -> ServiceLevels:
    """A desk that is open all week."""
    return build_service_levels(Settings(sla=Sla(hours="24x7")), prompts)


class FakeBot:
    def __init__(
        self,
        limits: TurnLimits | None = None,
        settings: FakeSettings | None = None,
        store: Any = None,
    ) -> None:
        self.store = FakeStore() if store is None else store
        self.dialogue = FakeDialogue(self.store)
        self.retriever = FakeRetriever()
        self.reader = FakeReader()
        self.searcher = Searcher(self.reader, self.retriever, Locale.EN)
        self.prompts = FakePrompts()
        self.turns = TurnRunner(self.store, self.dialogue, limits)
        self.person_requests = PersonRequests(self.store, self.turns, self.prompts, Locale.EN)
        self.feedback = FeedbackCollector(self.store)
        self.verifier = FakeVerifier()
        self.sessions = Sessions(self.store, self.verifier)
        self.agents = MemoryAgents()
        self.passwords, self.codes = FakePasswords(), FakeCodes()
        self.staff = Staff.of(self.agents, self.agents.audit, self.passwords, self.codes)
        self.settings = settings or FakeSettings()
        self.mail: Any = None
        self.chats: dict[str, Any] = {}
        self.employ(self.staff)

    def employ(self, staff: Staff) -> None:
        settings = Settings(sla=Sla(hours="24x7"))
        self.staff = staff
        self.hand_over = build_hand_over(
            settings, self.store, self.prompts, PlainPackets(), staff, {}
        )
