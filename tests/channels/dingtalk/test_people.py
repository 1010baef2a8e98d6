"""Who writes: by the directory where it may be asked, else by what they call themselves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.program import Member, customer_id
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.people import USER, DingTalkPeople
from bot.channels.dingtalk.place import private
from bot.domain.conversation import Locale
from bot.domain.outbox import DeskUnavailable
from tests.dingtalk_server import (
    ANN,
    BROKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    UNKNOWN,
    DingTalkServer,
    Failure,
    dingtalk_server,
)

OUTSIDER = "$:LWCP_v1:$x"


@dataclass
class Company:
    dingtalk: DingTalkServer
    store: MemoryStore
    people: DingTalkPeople

    def meet(self, user: str, nick: str) -> None:
        data = {"senderStaffId": user, "senderNick": nick}
        self.people.meet(private(CORP, user), data)


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with dingtalk_server() as dingtalk:
        calls = DingTalkCalls(Credentials(CLIENT_ID, CLIENT_SECRET), dingtalk.url)
        store = MemoryStore()
        yield Company(dingtalk, store, DingTalkPeople(store, calls, Locale.ZH))
        await calls.close()


async def test_a_customer_by_the_directory(company: Company) -> None:
    person = await company.people.person(CORP, ANN)
    assert (person.customer.name, person.customer.email) == ("Ann Lee", "ann@example.com")
    assert await company.people.name(CORP, ANN) == "Ann Lee"
    assert await company.store.customer(customer_id(CHANNEL, CORP, ANN)) == person.customer
    await company.people.person(CORP, ANN)
    assert len(company.dingtalk.called(USER)) == 1


async def test_the_companys_own_mail_goes_first(company: Company) -> None:
    company.dingtalk.add_person(ANN, "Ann", "private@a.test", org_email="ann@firm.test")
    assert (await company.people.person(CORP, ANN)).customer.email == "ann@firm.test"


@pytest.mark.parametrize("failure", [UNKNOWN, BROKEN, Failure("60011", 403)])
async def test_without_the_directory_by_their_nick(company: Company, failure: Failure) -> None:
    company.dingtalk.fail(USER, failure, failure)
    assert (await company.people.person(CORP, ANN)).customer.name is None
    assert await company.people.name(CORP, ANN) == ANN
    company.meet(ANN, "Annie")
    assert (await company.people.person(CORP, ANN)).customer.name == "Annie"
    assert await company.people.name(CORP, ANN) == "Annie"


async def test_people_of_other_companies_are_not_looked_up(company: Company) -> None:
    company.meet(OUTSIDER, "Guest")
    assert (await company.people.person(CORP, OUTSIDER)).customer.name == "Guest"
    assert await company.people.member(CORP, OUTSIDER) is None
    assert company.dingtalk.calls == []


async def test_members(company: Company) -> None:
    member = await company.people.member(CORP, ANN)
    assert member is not None
    assert (member.name, member.email) == ("Ann Lee", "ann@example.com")
    company.dingtalk.add_person(ANN, "Ann Lee", active=False)
    assert await company.people.member(CORP, ANN) is None
    assert await company.people.member(CORP, "nobody") is None
    company.dingtalk.fail(USER, BROKEN)
    with pytest.raises(DeskUnavailable):
        await company.people.member(CORP, ANN)


@pytest.mark.parametrize("failure", [UNKNOWN, Failure("60011", 403)])
async def test_without_the_directory_people_of_the_company_are_members_by_their_nick(
    company: Company, failure: Failure
) -> None:
    company.dingtalk.fail(USER, failure, failure)
    assert await company.people.member(CORP, ANN) == Member("", "")  # their id is no name
    company.meet(ANN, "Annie")
    assert await company.people.member(CORP, ANN) == Member("Annie", "")
    assert await company.people.member(CORP, OUTSIDER) is None


async def test_the_company_is_known_once_somebody_has_written(company: Company) -> None:
    with pytest.raises(DeskUnavailable, match=r"dingtalk\.corp_id"):
        await company.people.own_team()
    company.meet(ANN, "Annie")
    assert await company.people.own_team() == CORP
    assert await company.people.locale(CORP, ANN) is Locale.ZH
