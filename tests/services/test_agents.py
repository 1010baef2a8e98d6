"""Sessions of agents."""

import pytest

from bot.domain.agent import CredentialsRefused
from bot.services.agents import IDLE, LONGEST, SignedIn
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office

LI = "li@example.com"


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add(LI)
    return office


async def sign_in(office: Office, former: str = "") -> SignedIn:
    return await office.staff.sessions.sign_in(LI, Proof(PASSWORD), former)


async def test_token_opens_the_session_and_its_digest_does_not(office: Office) -> None:
    signed_in = await sign_in(office)
    assert await office.staff.sessions.find(signed_in.token) == signed_in.session
    assert await office.staff.sessions.find(signed_in.session.digest) is None
    assert signed_in.session.ends_at == office.clock() + LONGEST


async def test_use_keeps_a_session_alive_and_is_written_once_a_minute(office: Office) -> None:
    signed_in = await sign_in(office)
    sessions = office.staff.sessions
    office.clock.advance(seconds=59)
    assert await sessions.find(signed_in.token) == signed_in.session
    office.clock.advance(seconds=1)
    found = await sessions.find(signed_in.token)
    assert found is not None
    assert found.seen_at == office.clock()
    office.clock.advance(seconds=IDLE.seconds)
    assert await sessions.find(signed_in.token) is None


async def test_looking_whether_a_session_is_over_does_not_keep_it_alive(office: Office) -> None:
    signed_in = await sign_in(office)
    for _ in range(IDLE.seconds // 60 - 1):
        office.clock.advance(minutes=1)
        assert await office.staff.sessions.current(signed_in.session) is not None
    office.clock.advance(minutes=1)
    assert await office.staff.sessions.current(signed_in.session) is None


async def test_failed_sign_in_leaves_the_former_session(office: Office) -> None:
    first = await sign_in(office)
    with pytest.raises(CredentialsRefused):
        await office.staff.sessions.sign_in(LI, Proof("wrong"), first.token)
    assert await office.staff.sessions.find(first.token) is not None
    second = await sign_in(office, first.token)
    assert await office.staff.sessions.find(first.token) is None
    assert await office.staff.sessions.find(second.token) is not None
