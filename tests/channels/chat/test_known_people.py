"""Who writes is known by what the program tells, and without that by what is known already."""

import asyncio

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat import known_people
from bot.channels.chat.known_people import KNOWN_S, REFUSED_S, KnownPeople
from bot.channels.chat.program import Person
from bot.domain.customer import Customer
from bot.domain.outbox import DeskRefused, DeskUnavailable

ID = "parley/T1/ann"


class Program:
    def __init__(self) -> None:
        self.store, self.seconds, self.asked = MemoryStore(), 0.0, 0
        self.failure: Exception | None = None
        self.hangs, self.knows = False, True
        self.people = KnownPeople("parley", self.store, self.look_up, self.nick, self.clock)

    async def look_up(self, team: str, user: str) -> Person | None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return (
            Person(Customer(ID, "Ann", "ann@example.com"), "Europe/Berlin") if self.knows else None
        )

    def nick(self, team: str, user: str) -> str | None:
        return "annie"

    def clock(self) -> float:
        return self.seconds

    async def ann(self) -> Person:
        return await self.people.person("T1", "ann")


@pytest.fixture
def program() -> Program:
    return Program()


async def test_a_person_is_asked_for_once_in_a_while_and_saved(program: Program) -> None:
    for _ in range(2):
        assert (await program.ann()).timezone == "Europe/Berlin"
    assert program.asked == 1
    assert await program.store.customer(ID) == Customer(ID, "Ann", "ann@example.com")
    program.seconds = KNOWN_S
    await program.ann()
    assert program.asked == 2


@pytest.mark.parametrize("failure", [DeskUnavailable("down"), DeskRefused("no"), None])
async def test_who_is_not_told_is_known_by_an_id_and_what_they_call_themselves(
    program: Program, failure: Exception | None
) -> None:
    program.failure, program.knows = failure, False
    assert await program.ann() == Person(Customer(ID, "annie"))
    await program.store.save_customer(Customer(ID, "Ann", "ann@example.com"))
    assert await program.ann() == Person(Customer(ID, "Ann", "ann@example.com"))


async def test_who_is_refused_is_not_asked_for_at_every_word(program: Program) -> None:
    program.failure = DeskRefused("no")
    for _ in range(3):
        assert await program.ann() == Person(Customer(ID, "annie"))
    assert program.asked == 1
    program.seconds, program.failure = REFUSED_S, None
    assert (await program.ann()).customer.name == "Ann"


@pytest.mark.parametrize("failure", [DeskUnavailable("down"), None])
async def test_who_was_not_told_this_time_is_asked_for_the_next(
    program: Program, failure: Exception | None
) -> None:
    program.failure, program.knows = failure, False
    for _ in range(2):
        await program.ann()
    assert program.asked == 2


async def test_nobody_waits_for_a_name(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_people, "LOOK_UP_S", 0.01)
    program.hangs = True
    assert (await program.ann()).customer.name == "annie"


async def test_not_everybody_is_remembered(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_people, "MOST_KNOWN", 2)
    for user in ("ann", "ben", "cai", "ann"):
        await program.people.person("T1", user)
    assert program.asked == 4
