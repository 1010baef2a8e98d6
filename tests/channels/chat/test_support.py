"""A person by the button below an answer: for whoever asked, once."""

from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import CANCEL, PERSON
from bot.channels.chat.place import Place
from bot.channels.chat.program import customer_id
from bot.channels.chat.support import PersonButtons
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.services.person_requests import PersonRequests
from tests.adapters.stores import Clock
from tests.channels.chat.program import CHANNEL, TEAM, FakeProgram, Turns, refused

ASKER, OTHER = "asker", "other"
THREAD = Place(TEAM, "C7", "m0")


class Room:
    def __init__(self) -> None:
        self.parley, self.store, self.turns = FakeProgram(), MemoryStore(Clock()), Turns()
        turns: Any = self.turns
        requests = PersonRequests(self.store, turns, PromptFiles(), Locale.EN)
        self.cancelled: list[tuple[str, str]] = []
        self.ticket: Any = None  # what there is to take back
        program = self.parley.program
        self.buttons = PersonButtons(program, self.store, requests, self._cancel, PromptFiles())

    async def _cancel(self, conversation: str, ticket: str) -> Any:
        self.cancelled.append((conversation, ticket))
        return self.ticket

    async def asked(self, channel: str = CHANNEL) -> Conversation:
        customer = customer_id(CHANNEL, TEAM, ASKER)
        conversation = Conversation(channel, customer=customer, address=THREAD.address)
        await self.store.begin_thread(channel, THREAD.address, conversation)
        await self.store.accept(Message(conversation.id, Author.CUSTOMER, "How?"))
        return conversation

    async def click(self, conversation: str, user: str = ASKER) -> None:
        await self.buttons.ask(self.parley.clicked(PERSON, conversation, user, THREAD))

    async def take_back(self, conversation: str, user: str = ASKER) -> None:
        await self.buttons.cancel(self.parley.clicked(CANCEL, f"{conversation}.t1", user, THREAD))


@pytest.fixture
def room() -> Room:
    return Room()


async def test_it_asks_for_a_person_in_its_conversation_once(room: Room) -> None:
    conversation = await room.asked()
    for value in (conversation.id, conversation.id, "0" * 32):
        await room.click(value)
    (message,) = room.turns.messages
    assert (message.conversation, message.wants_human) == (conversation.id, True)


async def test_somebody_else_is_told_that_it_is_not_theirs(room: Room) -> None:
    conversation = await room.asked()
    room.parley.wall.failures["whisper"] = refused()
    for _ in range(2):
        await room.click(conversation.id, OTHER)
    ((user, text),) = room.parley.wall.told()
    assert user == OTHER
    assert "Only whoever asked" in text
    assert room.turns.messages == []


async def test_a_conversation_of_another_channel_is_left_alone(room: Room) -> None:
    conversation = await room.asked("another")
    await room.click(conversation.id)
    assert room.turns.messages == []


async def test_who_asked_takes_it_back(room: Room) -> None:
    conversation = await room.asked()
    room.ticket = object()
    await room.take_back(conversation.id)
    assert room.cancelled == [(conversation.id, "t1")]
    assert not room.parley.wall.told()


async def test_nobody_else_takes_it_back(room: Room) -> None:
    conversation = await room.asked()
    await room.take_back(conversation.id, OTHER)
    ((user, text),) = room.parley.wall.told()
    assert (user, room.cancelled) == (OTHER, [])
    assert "can take that back" in text


async def test_where_nothing_is_left_to_take_back_they_are_told(room: Room) -> None:
    conversation = await room.asked()
    await room.take_back(conversation.id)
    ((user, text),) = room.parley.wall.told()
    assert (user, text) == (ASKER, "There was nothing left to cancel.")
