"""A chat program of no vendor and all that answers in it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import AnswerWriter
from bot.channels.chat.asking import Asking
from bot.channels.chat.courier import ChatCourier
from bot.channels.chat.listening import Listening
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.presenter import Presenter
from bot.channels.chat.program import LivePost, PostGone, Program, Said
from bot.channels.chat.sheet import Markdown, Sheet
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.inbound import InboundEvent, Post
from bot.domain.reply import Reply, Stage, StageStarted
from bot.domain.ticket import Ticket
from bot.services.casework import Casework
from bot.services.running_turn import RunningTurn
from bot.services.turns import TurnRunner
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import opened
from tests.channels.chat.program import (
    CHANNEL,
    ROOM,
    TEAM,
    FakeProgram,
    FakeWall,
    Standing,
    said_at,
)
from tests.fakes import FakeDialogue, FakeRetriever, reply_to, trace_of

ANN, BEN = "ann", "ben"
GROUP, PRIVATE = Place(TEAM, ROOM, "m-root"), Place(TEAM, "private-ann")
SITE = "https://help.example.com"
TEXT = "Open **Settings** [1].\n\nThen choose *Teams* [1]."
WORKER = "worker"


@dataclass
class FakeLive:
    """Remembers what it showed; where it `completes`, its end shows the whole sheet."""

    wall: FakeWall
    place: Place
    reference: str
    locale: Locale
    changes: asyncio.Queue[str]
    completes: bool = False
    is_withdrawn: bool = False
    failure: Exception | None = None  # of the next step

    async def step(self, words: str) -> None:
        self._fail()
        self.changes.put_nowait(f"step {words}")

    async def show(self, markdown: str) -> None:
        self._fail()
        if markdown:
            self.changes.put_nowait(f"show {markdown}")

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        if self.wall.at(self.reference) is None:
            raise PostGone("it is not there")
        if self.completes:
            await self.wall.change(self.place, self.reference, sheet, facts)
        return self.completes

    async def withdraw(self) -> None:
        self.is_withdrawn = True
        await self.wall.remove(self.place, self.reference)
        self.changes.put_nowait("withdraw")

    def _fail(self) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure


@dataclass
class FakeScreen:
    wall: FakeWall
    completes: bool = False
    changes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    posts: list[FakeLive] = field(default_factory=list)

    async def begin(
        self, key: str, place: Place, user: str, words: str, locale: Locale
    ) -> LivePost:
        reference = await self.wall.put(key, place, Sheet(words))
        return self._live(place, reference, locale)

    async def find(self, begun: Post) -> LivePost | None:
        reference = begun.reference or await self.wall.find(begun)
        return self._live(Place.parse(begun.place), reference, Locale.EN) if reference else None

    async def until(self, change: str) -> list[str]:
        """The changes up to it."""
        seen: list[str] = []
        while not seen or not seen[-1].startswith(change):
            seen.append(await self.changes.get())
        return seen

    def _live(self, place: Place, reference: str, locale: Locale) -> FakeLive:
        live = FakeLive(self.wall, place, reference, locale, self.changes, self.completes)
        self.posts.append(live)
        self.changes.put_nowait("begin")
        return live


@dataclass
class FakeSigns:
    shown: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self, place: Place, question: str, locale: Locale) -> None:
        self.shown.append(("begin", question))

    async def end(self, place: Place) -> None:
        self.shown.append(("end", ""))


@dataclass
class Talk:
    fake: FakeProgram = field(default_factory=FakeProgram)
    clock: Clock = field(default_factory=Clock)
    internal: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.store, self.prompts = MemoryStore(self.clock), PromptFiles()
        self.wall, self.signs = self.fake.wall, FakeSigns()
        self.screen = FakeScreen(self.wall)
        self.program: Program = replace(self.fake.program, screen=self.screen, signs=self.signs)
        self.retriever = FakeRetriever()
        self.poster = Poster(CHANNEL, self.wall, self.store, self.clock)
        self.presenter = self.new_presenter()
        self.courier = self.new_courier()
        self.dialogue = FakeDialogue(self.store)  # type: ignore[arg-type]
        self.turns = TurnRunner(self.store, self.dialogue)  # type: ignore[arg-type]
        self.casework = Casework(self.store, self.prompts, clock=self.clock)
        self.listening = self.new_listening()
        self.asking = Asking(
            self.program, self.store, self.turns, self.presenter, self.prompts, self.internal
        )
        if self.fake.has_threads:
            self.wall.posts.append(Standing("", GROUP.around, "m-root", Sheet("Hi"), {}))

    def new_presenter(self) -> Presenter:
        return Presenter(self.program, self.store, self.prompts, Locale.EN, self.clock)

    def new_courier(self) -> ChatCourier:
        return ChatCourier(
            self.program,
            self.store,
            self.poster,
            self.presenter,
            AnswerWriter(self.prompts, SITE),
            self.name_of,
            self.retriever,
            Locale.EN,
        )

    def new_listening(self, **parts: object) -> Listening:
        return Listening(
            self.program,
            self.store,
            self.turns,
            self.casework,
            self.prompts,
            Locale.EN,
            self.internal,
            clock=self.clock,
            **parts,  # type: ignore[arg-type]
        )

    async def name_of(self, agent: str) -> str | None:
        return {"agent-1": "Lee"}.get(agent)

    # What people say.

    def said(self, place: Place, user: str, text: str, key: str = "1", **more: object) -> Said:
        said = said_at(place, user, text, key, **more)
        return replace(said, at=self.clock())

    async def hear(self, said: Said, kind: str = "message") -> None:
        """Twice, as after a crash."""
        event = InboundEvent(CHANNEL, said.key, kind, said.place.address, {"said": said})
        hear = {
            "message": self.listening.hear,
            "edited": self.listening.hear_edit,
            "deleted": self.listening.hear_deletion,
        }
        for _ in range(2):
            await hear[kind](event)
        await self.turns.close()

    async def held(self, place: Place) -> Conversation | None:
        found = await self.store.thread(CHANNEL, place.address)
        return await self.store.conversation(found) if found is not None else None

    async def asked(self, place: Place) -> list[str]:
        """In the conversation that is held there."""
        held = await self.held(place)
        said = await self.store.messages(held.id) if held is not None else ()
        return [one.text for one in said if one.author is Author.CUSTOMER]

    async def hand_over(self, place: Place) -> Ticket:
        """What is held there, to a person."""
        conversation = await self.held(place)
        assert conversation is not None
        await self.store.save_customer(Customer(conversation.customer or ""))
        return await opened(self.store, conversation)

    # What answers.

    async def begin(self, place: Place = GROUP, internal: bool = False) -> Conversation:
        conversation = Conversation(
            CHANNEL, address=place.address, internal=internal, created_at=self.clock()
        )
        await self.store.begin_thread(CHANNEL, place.address, conversation)
        return conversation

    async def ask(
        self, conversation: Conversation, text: str = "How do I create a team?", key: str = "1"
    ) -> Message:
        message = Message(
            conversation.id,
            Author.CUSTOMER,
            text,
            client_message_id=key,
            created_at=self.clock(),
        )
        await self.store.accept(message)
        return message

    async def answer(self, message: Message, reply: Reply | None = None) -> Reply:
        """As a turn ends: with the reply in the store, and in the outbox."""
        reply = reply or reply_to(message, TEXT)
        await self.store.claim(message.id, WORKER, self.clock())
        stored = await self.store.finish(message.id, WORKER, reply, trace_of(message))
        assert stored is not None
        return stored

    def follow(self, message: Message, place: Place = GROUP) -> RunningTurn:
        turn = RunningTurn(message)
        self.presenter.follow(turn, place, ANN)
        return turn

    async def at_work(self) -> tuple[Conversation, Message, RunningTurn]:
        """A question whose turn looks up what it needs, with its post."""
        conversation = await self.begin()
        question = await self.ask(conversation)
        turn = self.follow(question)
        turn.publish(StageStarted(Stage.RETRIEVE))
        await self.screen.until("begin")
        return conversation, question, turn

    async def deliver(self, conversation: Conversation, reply: Reply) -> None:
        message = await self.store.message(reply.message or "")
        assert message is not None
        await self.courier.deliver(conversation, message)

    @property
    def answers(self) -> list[str]:
        """The texts of what stands on the wall in Markdown."""
        return [
            part.text
            for post in self.wall.posts
            for part in post.sheet.parts
            if isinstance(part, Markdown)
        ]


@asynccontextmanager
async def talk(fake: FakeProgram | None = None, **more: tuple[str, ...]) -> AsyncIterator[Talk]:
    held = Talk(fake or FakeProgram(), **more)
    try:
        yield held
    finally:
        await held.turns.close()
        await held.presenter.close()
