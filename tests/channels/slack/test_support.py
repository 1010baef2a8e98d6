"""A person by a command: in the thread that is meant, else in a new one."""

from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.slack import CHANNEL
from bot.channels.slack.people import SlackPeople
from bot.channels.slack.support import RECENT, SupportCommand
from bot.channels.slack.wall import SlackWall
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskUnavailable
from bot.services.person_requests import PersonRequests
from tests.adapters.stores import Clock
from tests.channels.chat.program import Posts, Turns
from tests.channels.slack.workspace import TEAM, FakeSlack, refused

ANN = "UANN"


class Room:
    def __init__(self) -> None:
        self.clock = Clock()
        self.slack, self.store, self.turns = FakeSlack(), MemoryStore(self.clock), Turns()
        self.slack.person(ANN, "Ann", "ann@example.com", tz="Europe/Berlin")
        turns: Any = self.turns
        requests = PersonRequests(self.store, turns, PromptFiles(), Locale.EN)
        wall = SlackWall(self.slack)
        self.command = SupportCommand(
            self.slack,
            wall,
            Poster(CHANNEL, wall, Posts(), self.clock),
            self.store,
            SlackPeople(self.store, self.slack),
            turns,
            requests,
            PromptFiles(),
            self.home,
            self.clock,
        )

    async def home(self, conversation: Conversation) -> Place | None:
        return None

    async def thread(
        self, channel: str = "C7", user: str = ANN, alone: str | None = None
    ) -> Conversation:
        place = Place(TEAM, channel, "1.1", alone)
        conversation = Conversation(
            "slack",
            customer=f"slack/{TEAM}/{user}",
            address=place.address,
            created_at=self.clock(),
        )
        await self.store.begin_thread("slack", place.address, conversation)
        at = self.clock()
        await self.store.accept(Message(conversation.id, Author.CUSTOMER, "How?", created_at=at))
        return conversation

    def typed(self, text: str = "", channel: str = "C7", n: int = 1) -> InboundEvent:
        body = {
            "command": "/support",
            "team_id": TEAM,
            "channel_id": channel,
            "user_id": ANN,
            "text": text,
        }
        at = self.clock()
        return InboundEvent("slack", f"e{n}", "command:/support", "g", body, received_at=at)

    def told(self) -> list[str]:
        return [one["text"] for one in self.slack.called("chat.postEphemeral")]


@pytest.fixture
def room() -> Room:
    return Room()


async def test_without_a_thread_one_begins_in_the_direct_messages(room: Room) -> None:
    for _ in range(3):
        await room.command.handle(room.typed("Exports &lt;fail&gt; since <!here> noon"))
    (starter,) = room.slack.posts
    assert starter["channel"] == f"D{ANN}"
    assert "&lt;fail&gt; since @here noon" in starter["text"]
    (message,) = room.turns.messages
    assert message.wants_human
    assert message.text == "Exports <fail> since @here noon"
    conversation = await room.store.conversation(message.conversation)
    assert conversation is not None
    assert conversation.address == f"{TEAM}/D{ANN}/{starter['ts']}"
    assert (conversation.customer, conversation.timezone) == (
        f"slack/{TEAM}/{ANN}",
        "Europe/Berlin",
    )
    assert "direct messages" in room.told()[0]


async def test_a_second_command_is_another_request(room: Room) -> None:
    for n in (1, 2):
        await room.command.handle(room.typed("Help", n=n))
    assert len(room.slack.posts) == len(room.turns.messages) == 2


async def test_it_means_the_thread_in_which_they_asked_here_just_now(room: Room) -> None:
    conversation = await room.thread()
    for _ in range(2):
        await room.command.handle(room.typed())
    (message,) = room.turns.messages
    assert message.conversation == conversation.id
    assert message.wants_human
    assert room.slack.posts == []
    assert "thread above" in room.told()[0]


async def test_what_was_asked_unseen_by_others_is_meant_as_well(room: Room) -> None:
    conversation = await room.thread(alone=ANN)
    await room.command.handle(room.typed())
    (message,) = room.turns.messages
    assert message.conversation == conversation.id
    assert "comes as a direct message" in room.told()[0]


@pytest.mark.parametrize("case", ["another channel", "somebody else's", "long ago"])
async def test_it_means_no_other_thread(room: Room, case: str) -> None:
    channel = "C8" if case == "another channel" else "C7"
    other = await room.thread(channel, "UBEN" if case == "somebody else's" else ANN)
    if case == "long ago":
        room.clock.advance(RECENT + timedelta(seconds=1))
    await room.command.handle(room.typed())
    (message,) = room.turns.messages
    assert message.conversation != other.id
    assert len(room.slack.posts) == 1


async def test_an_answer_that_was_lost_begins_no_second_thread(room: Room) -> None:
    room.slack.lost = 1
    with pytest.raises(DeskUnavailable):
        await room.command.handle(room.typed("Help"))
    await room.command.handle(room.typed("Help"))
    assert len(room.slack.posts) == len(room.turns.messages) == 1


async def test_where_the_app_is_not_they_find_it_themselves(room: Room) -> None:
    room.slack.failures = [("chat.postEphemeral", refused("not_in_channel"))]
    await room.command.handle(room.typed("Help"))
    assert len(room.turns.messages) == 1
