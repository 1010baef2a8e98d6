"""Guessing is slow, and yet no stranger keeps an agent out. On a clock of our own."""

import pytest

from bot.domain.agent import CredentialsRefused, TooManyAttempts
from bot.services.agents import SignedIn
from bot.services.pacing import OF_ACCOUNT, OF_ADDRESS, OF_CODE, OF_DEVICE, OF_PAIR, OF_SESSION
from bot.services.proving import Proof, Visit
from tests.channels.office import PASSWORD, Office

LI = "li@example.com"
HOME, ATTACKER = Visit("10.0.0.1"), Visit("203.0.113.9")


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add(LI)
    return office


async def sign_in(
    office: Office, visit: Visit, password: str = PASSWORD, code: str | None = None, email: str = LI
) -> SignedIn:
    return await office.staff.sessions.sign_in(email, Proof(password, code, visit))


async def fail(office: Office, visit: Visit, email: str = LI, code: str | None = None) -> bool:
    """Whether the attempt was looked at."""
    try:
        await sign_in(office, visit, PASSWORD if code else "wrong", code, email)
    except CredentialsRefused:
        return True
    except TooManyAttempts:
        return False
    raise AssertionError("that was not wrong")


async def fail_for(office: Office, visit: Visit, minutes: int) -> int:
    """Guesses of an attacker who tries every ten seconds."""
    looked_at = 0
    for _ in range(minutes * 6):
        looked_at += await fail(office, visit)
        office.clock.advance(seconds=10)
    return looked_at


async def wait_of(office: Office, visit: Visit) -> int:
    with pytest.raises(TooManyAttempts) as refused:
        await sign_in(office, visit)
    return refused.value.wait_s


async def enrol(office: Office) -> None:
    session = (await sign_in(office, HOME)).session
    await office.staff.accounts.enrol(session, Proof(PASSWORD))
    await office.staff.accounts.confirm_enrolment(session, office.code_of("secret-1"))
    office.clock.advance(minutes=1)


async def test_attacker_elsewhere_does_not_keep_the_agent_out(office: Office) -> None:
    await fail_for(office, ATTACKER, minutes=60)
    assert not await fail(office, ATTACKER)
    await sign_in(office, HOME)


async def test_known_browser_passes_an_attack_from_everywhere_its_own_address_included(
    office: Office,
) -> None:
    known = Visit(HOME.address, (await sign_in(office, HOME)).device)
    for n in range(OF_ACCOUNT.free + 20):
        await fail(office, Visit(f"203.0.113.{n}"))
    for n in range(OF_ADDRESS.free + 20):
        await fail(office, HOME, f"nobody{n}@example.com")
    for stranger in (HOME, ATTACKER, Visit("198.51.100.1")):
        assert not await fail(office, stranger)
    await sign_in(office, known)


async def test_new_browser_is_let_in_a_moment_after_an_attack_from_everywhere(
    office: Office,
) -> None:
    for n in range(OF_ACCOUNT.free + 20):
        await fail(office, Visit(f"203.0.113.{n}"))
    office.clock.advance(seconds=await wait_of(office, HOME))
    await sign_in(office, HOME)


async def test_waits_of_one_address_grow_and_count_nothing_while_they_last(
    office: Office,
) -> None:
    for _ in range(OF_PAIR.free):
        assert await fail(office, ATTACKER)
    waits = []
    for _ in range(10):
        waits.append(await wait_of(office, ATTACKER))
        assert not await fail(office, ATTACKER)
        assert await wait_of(office, ATTACKER) == waits[-1]
        office.clock.advance(seconds=waits[-1])
        assert await fail(office, ATTACKER)
    assert waits[:7] == [5, 10, 20, 40, 80, 160, 320]
    assert all(320 <= wait <= 900 for wait in waits[7:])  # one is forgotten in a quarter of an hour


async def test_guesses_of_a_day_are_few(office: Office) -> None:
    assert await fail_for(office, ATTACKER, minutes=24 * 60) < 150


async def test_unknown_account_is_slowed_down_like_a_known_one(office: Office) -> None:
    looked_at = [
        [await fail(office, Visit(address), email) for _ in range(OF_PAIR.free + 3)]
        for address, email in (("10.0.0.7", LI), ("10.0.0.8", "nobody@example.com"))
    ]
    assert looked_at[0] == looked_at[1]


async def test_address_is_slowed_down_whatever_accounts_it_tries(office: Office) -> None:
    looked_at = [
        await fail(office, ATTACKER, f"nobody{n}@example.com") for n in range(OF_ADDRESS.free + 5)
    ]
    assert looked_at.index(False) == OF_ADDRESS.free
    await sign_in(office, HOME)


async def test_one_who_is_impatient_does_not_slow_down_the_office(office: Office) -> None:
    await office.add("wang@example.com")
    for _ in range(OF_ADDRESS.free * 3):
        await fail(office, HOME)
    await sign_in(office, HOME, email="wang@example.com")


async def test_success_does_not_open_the_address_for_guesses(office: Office) -> None:
    """Somebody with an account of their own does not get more of them for others."""
    for n in range(OF_ADDRESS.free):
        assert await fail(office, HOME, f"nobody{n}@example.com")
        if n < OF_ADDRESS.free - 1:
            await sign_in(office, HOME)
    assert not await fail(office, HOME, "another@example.com")


async def test_success_takes_the_failures_of_the_pair_back(office: Office) -> None:
    for _ in range(5):
        for _ in range(OF_PAIR.free - 1):
            assert await fail(office, HOME)
        await sign_in(office, HOME)


async def test_known_browser_that_was_stolen_guesses_slowly_too(office: Office) -> None:
    stolen = Visit(ATTACKER.address, (await sign_in(office, HOME)).device)
    looked_at = [await fail(office, stolen) for _ in range(OF_DEVICE.free + 5)]
    assert looked_at == [True] * OF_DEVICE.free + [False] * 5
    assert await fail_for(office, stolen, minutes=60) < 20


async def test_new_password_makes_browsers_unknown(office: Office) -> None:
    signed_in = await sign_in(office, HOME)
    stolen = Visit(ATTACKER.address, signed_in.device)
    new = "staple fence orchard"
    await office.staff.accounts.change_password(signed_in.session, Proof(PASSWORD), new)
    for _ in range(OF_PAIR.free):
        assert await fail(office, stolen)
    assert not await fail(office, stolen)  # as a stranger, not by the pace of its own


async def test_codes_are_guessed_slowly_from_everywhere_by_who_knows_the_password(
    office: Office,
) -> None:
    await enrol(office)
    looked_at = [
        await fail(office, Visit(f"203.0.113.{n}"), code="000000") for n in range(OF_CODE.free + 5)
    ]
    assert looked_at == [True] * OF_CODE.free + [False] * 5


async def test_guesses_of_codes_do_not_keep_a_known_browser_out(office: Office) -> None:
    known = Visit(HOME.address, (await sign_in(office, HOME)).device)
    await enrol(office)
    for n in range(OF_CODE.free + 5):
        await fail(office, Visit(f"203.0.113.{n}"), code="000000")
    await sign_in(office, known, code=office.code_of("secret-1"))


async def test_failures_outside_do_not_keep_a_signed_in_agent_from_anything(
    office: Office,
) -> None:
    session = (await sign_in(office, HOME)).session
    for n in range(OF_ACCOUNT.free + 20):
        await fail(office, Visit(f"203.0.113.{n}"))
    await office.staff.accounts.enrol(session, Proof(PASSWORD, visit=HOME))


async def test_stolen_session_guesses_slowly_and_only_for_itself(office: Office) -> None:
    stolen, own = [(await sign_in(office, HOME)).session for _ in range(2)]
    for _ in range(OF_SESSION.free):
        with pytest.raises(CredentialsRefused):
            await office.staff.accounts.enrol(stolen, Proof("wrong"))
    with pytest.raises(TooManyAttempts):
        await office.staff.accounts.enrol(stolen, Proof(PASSWORD))
    await office.staff.accounts.enrol(own, Proof(PASSWORD))


async def test_slowing_down_is_recorded_once(office: Office) -> None:
    for _ in range(OF_PAIR.free + 30):
        await fail(office, ATTACKER)
    slowed = [e.event for e in office.audit.log if e.event.action == "proof.slowed"]
    assert [event.details for event in slowed] == [{"limit": "pair", "address": ATTACKER.address}]
    assert office.actions().count("proof.refused") == OF_PAIR.free


async def test_store_knows_nothing_that_was_typed(office: Office) -> None:
    await fail(office, HOME, "secret-typed-here@example.com")
    assert "typed" not in repr(office.agents._attempts)
