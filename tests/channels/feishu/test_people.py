"""Who writes in Feishu, as far as the app sees them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.known_people import KNOWN_S
from bot.channels.chat.program import Member
from bot.channels.feishu.calls import App, FeishuCalls
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.people import FeishuPeople
from bot.domain.conversation import Locale
from bot.domain.outbox import DeskUnavailable
from tests.feishu_server import (
    ANN,
    APP_ID,
    APP_SECRET,
    BROKEN,
    TEAM,
    FeishuServer,
    feishu_server,
)

ID = f"feishu/{TEAM}/{ANN}"


@dataclass
class Lobby:
    feishu: FeishuServer
    people: FeishuPeople
    chats: Chats
    store: MemoryStore
    now: list[float] = field(default_factory=lambda: [0.0])


@pytest.fixture
async def lobby() -> AsyncIterator[Lobby]:
    async with feishu_server() as feishu:
        calls, store, now = FeishuCalls(App(APP_ID, APP_SECRET, feishu.url)), MemoryStore(), [0.0]
        chats = Chats(calls)
        people = FeishuPeople(store, calls, chats, TEAM, Locale.ZH, lambda: now[0])
        yield Lobby(feishu, people, chats, store, now)
        await calls.close()


async def test_they_are_known_as_the_company_s_contacts_know_them(lobby: Lobby) -> None:
    person = await lobby.people.person(TEAM, ANN)
    assert (person.customer.id, person.customer.name) == (ID, "Ann Lee")
    assert person.customer.email == "ann@example.com"
    assert person.timezone == "Asia/Shanghai"
    assert await lobby.store.customer(ID) == person.customer
    await lobby.people.person(TEAM, ANN)
    assert len(lobby.feishu.called("user")) == 1
    lobby.now[0] = KNOWN_S + 1
    await lobby.people.person(TEAM, ANN)
    assert len(lobby.feishu.called("user")) == 2


async def test_who_is_not_seen_is_known_by_an_id(lobby: Lobby) -> None:
    person = await lobby.people.person(TEAM, "ou_other")
    assert (person.customer.id, person.customer.name) == (f"feishu/{TEAM}/ou_other", None)


async def test_a_name_that_was_known_stays(lobby: Lobby) -> None:
    await lobby.people.person(TEAM, ANN)
    lobby.now[0] = KNOWN_S + 1
    lobby.feishu.fail("user", BROKEN)
    assert (await lobby.people.person(TEAM, ANN)).customer.name == "Ann Lee"


async def test_members(lobby: Lobby) -> None:
    assert await lobby.people.member(TEAM, ANN) == Member("Ann Lee", "ann@example.com")
    assert await lobby.people.member(TEAM, "ou_other") is None
    for name in ("is_frozen", "is_resigned", "is_exited"):
        lobby.feishu.users[ANN]["status"] = {name: True}
        assert await lobby.people.member(TEAM, ANN) is None
    lobby.feishu.users[ANN] |= {"status": {}, "enterprise_email": "", "email": "a@b.example"}
    assert await lobby.people.member(TEAM, ANN) == Member("Ann Lee", "a@b.example")


async def test_of_who_is_not_seen_feishu_told_the_company(lobby: Lobby) -> None:
    lobby.feishu.scopes.discard("contact:contact.base:readonly")
    assert await lobby.people.member(TEAM, ANN) is None
    lobby.chats.meet(ANN, is_colleague=True)
    assert await lobby.people.member(TEAM, ANN) == Member(ANN)
    lobby.chats.meet(ANN, is_colleague=False)
    assert await lobby.people.member(TEAM, ANN) is None


async def test_what_is_not_known_now_is_asked_again(lobby: Lobby) -> None:
    lobby.feishu.fail("user", BROKEN)
    with pytest.raises(DeskUnavailable):
        await lobby.people.member(TEAM, ANN)


async def test_whose_program_it_is_and_what_it_does_not_tell(lobby: Lobby) -> None:
    assert await lobby.people.own_team() == TEAM
    assert await lobby.people.locale(TEAM, ANN) is Locale.ZH
