"""A person by the button below an answer: for whoever asked, once."""

from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import CANCEL, PERSON
from bot.channels.chat.place import Place
from bot.channels.chat.program import customer_id
from bot.channels.chat.support import PersonButtons
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.customer import Customer
from bot.domain.ticket import Move
from bot.services.person_requests import PersonRequests
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import moving, opened
from tests.channels.chat.program import CHANNEL, TEAM, FakeProgram, Turns, refused

ASKER, OTHER = "asker", "other"
THREAD = Place(TEAM, "C7", "m0")
FLAT = (Place(TEAM, "private"), Place(TEAM, "group", "@asker"))


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

    async def asked(self, channel: str = CHANNEL, place: Place = THREAD) -> Conversation:
        customer = customer_id(CHANNEL, TEAM, ASKER)
        conversation = Conversation(channel, customer=customer, address=place.address)
        await self.store.begin_thread(channel, place.address, conversation)
        await self.store.accept(Message(conversation.id, Author.CUSTOMER, "How?"))
        return conversation

    async def asked_anew(self, place: Place) -> Conversation:
        """After a long silence."""
        customer = customer_id(CHANNEL, TEAM, ASKER)
        await self.store.save_customer(Customer(customer))
        later = Conversation(CHANNEL, customer=customer, address=place.address)
        silent_since = now() + timedelta(hours=1)
        await self.store.renew_thread(CHANNEL, place.address, later, silent_since, "later")
        return later

    async def click(self, conversation: str, user: str = ASKER, at: Place = THREAD) -> None:
        await self.buttons.ask(self.parley.clicked(PERSON, conversation, user, at))

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


@pytest.mark.parametrize("place", FLAT)
async def test_an_earlier_talk_leads_to_the_ticket_of_the_one_that_goes_on_there(
    room: Room, place: Place
) -> None:
    former = await room.asked(place=place)
    later = await room.asked_anew(place)
    ticket = await opened(room.store, later)
    await room.click(former.id, at=place)
    assert room.turns.messages == []
    ((user, text),) = room.parley.wall.told()
    assert user == ASKER
    assert ticket.label in text
    await room.click(later.id, at=place)
    await room.store.apply(moving(ticket, Move.RESOLVE))
    await room.click(former.id, at=place)
    assert [one.conversation for one in room.turns.messages] == [later.id, former.id]
    assert len(room.parley.wall.told()) == 1


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
