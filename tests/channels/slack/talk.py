"""A thread in Slack and all that answers in it, against a server that is Slack."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import AnswerWriter
from bot.channels.chat.courier import ChatCourier
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.presenter import Presenter
from bot.channels.chat.program import Program
from bot.channels.slack import CHANNEL, TITLE
from bot.channels.slack.assistant import Assistant
from bot.channels.slack.calls import OneToken, SlackCalls
from bot.channels.slack.events import read_event
from bot.channels.slack.forms import SlackForms
from bot.channels.slack.people import SlackPeople
from bot.channels.slack.private import PrivatePlaces
from bot.channels.slack.reader import SlackReader
from bot.channels.slack.responses import Responses
from bot.channels.slack.screen import SlackScreen
from bot.channels.slack.wall import SlackWall
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.reply import Reply, Stage, StageStarted
from bot.services.outbox import Outbox
from bot.services.running_turn import RunningTurn
from tests.adapters.stores import Clock
from tests.fakes import FakeRetriever, reply_to, trace_of
from tests.slack_server import ANN, BOT_TOKEN, TEAM, SlackServer, slack_server
from tests.slack_server import CHANNEL as HELP

SITE = "https://help.example.com"
TEXT = "Open **Settings** [1].\n\nThen choose *Teams* [1]."
WORKER = "worker"
SLACK_TIME = datetime.fromtimestamp(1_700_000_000, UTC)  # as the server has it


class WatchedCalls(SlackCalls):
    """Says of each call that it was answered, so that a test can wait for it."""

    def __init__(self, url: str) -> None:
        super().__init__(OneToken(BOT_TOKEN), url)
        self.made: asyncio.Queue[str] = asyncio.Queue()

    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        try:
            return await super().call(team, method, **arguments)
        finally:
            self.made.put_nowait(method)

    async def until(self, method: str) -> None:
        while await self.made.get() != method:
            pass


@dataclass
class Talk:
    server: SlackServer
    store: MemoryStore = field(default_factory=lambda: MemoryStore(Clock()))
    prompts: PromptFiles = field(default_factory=PromptFiles)
    retriever: FakeRetriever = field(default_factory=FakeRetriever)
    seconds: float = 0.0  # since the start, as the presenter knows it

    def __post_init__(self) -> None:
        self.calls = WatchedCalls(self.server.url)
        self.wall = SlackWall(self.calls)
        self.poster = Poster(CHANNEL, self.wall, self.store, lambda: SLACK_TIME)
        self.writer = AnswerWriter(self.prompts, SITE)
        self.responses = Responses(self.server.url)
        self.private = PrivatePlaces(
            self.store,
            self.calls,
            self.wall,
            self.poster,
            self.responses,
            self.writer,
            Locale.EN,
        )
        self.people = SlackPeople(self.store, self.calls)
        self.assistant = Assistant(self.calls, self.store, self.prompts, self.people)
        self.program = self.new_program()
        self.presenter = self.new_presenter()
        self.courier = self.new_courier()
        self.outbox = Outbox(self.store, clock=Clock())
        self.outbox.connect(CHANNEL, self.courier)

    def new_program(self) -> Program:
        screen = SlackScreen(
            self.calls, self.wall, self.store, self.prompts, Locale.EN, lambda: self.seconds
        )
        return Program(
            channel=CHANNEL,
            title=TITLE,
            read_event=read_event,
            reader=SlackReader(self.calls, self.people.bot_user),
            people=self.people,
            wall=self.wall,
            screen=screen,
            forms=SlackForms(self.calls),
            signs=self.assistant,
        )

    def new_presenter(self) -> Presenter:
        return Presenter(self.program, self.store, self.prompts, Locale.EN)

    def new_courier(self) -> ChatCourier:
        return ChatCourier(
            self.program,
            self.store,
            self.poster,
            self.presenter,
            self.writer,
            self.name_of,
            self.retriever,
            Locale.EN,
            self.private,
        )

    async def name_of(self, agent: str) -> str | None:
        return {"agent-1": "Lee"}.get(agent)

    def place(self, channel: str = HELP) -> Place:
        """Of a thread that somebody begins."""
        said = self.server.say("How do I create a team?", channel)
        return Place(TEAM, channel, said["event"]["ts"])

    async def begin(self, place: Place, internal: bool = False) -> Conversation:
        conversation = Conversation(CHANNEL, address=place.address, internal=internal)
        await self.store.begin_thread(CHANNEL, place.address, conversation)
        return conversation

    async def ask(
        self, conversation: Conversation, text: str = "How do I create a team?", key: str = "1"
    ) -> Message:
        message = Message(conversation.id, Author.CUSTOMER, text, client_message_id=key)
        await self.store.accept(message)
        return message

    async def answer(self, message: Message, reply: Reply | None = None) -> Reply:
        """As a turn ends: with the reply in the store, and in the outbox."""
        reply = reply or reply_to(message, TEXT)
        await self.store.claim(message.id, WORKER, Clock()())
        stored = await self.store.finish(message.id, WORKER, reply, trace_of(message))
        assert stored is not None
        return stored

    def follow(self, message: Message, place: Place) -> RunningTurn:
        turn = RunningTurn(message)
        self.presenter.follow(turn, place, ANN)
        return turn

    async def at_work(self) -> tuple[Conversation, Message, RunningTurn]:
        """A question whose turn looks up what it needs."""
        place = self.place()
        conversation = await self.begin(place)
        question = await self.ask(conversation)
        turn = self.follow(question, place)
        turn.publish(StageStarted(Stage.RETRIEVE))
        return conversation, question, turn

    async def deliver(self, conversation: Conversation, reply: Reply) -> None:
        message = await self.store.message(reply.message or "")
        assert message is not None
        await self.courier.deliver(conversation, message)


@asynccontextmanager
async def talk() -> AsyncIterator[Talk]:
    async with slack_server() as server:
        held = Talk(server)
        try:
            yield held
        finally:
            await held.presenter.close()
            await held.calls.close()
