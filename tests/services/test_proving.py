"""Proof of who somebody is, as often as is allowed."""

import pytest

from bot.domain.agent import (
    Agent,
    CredentialsRefused,
    TooManyAttempts,
    WeakPassword,
)
from bot.services.proving import (
    MOST_OF_ACCOUNT,
    MOST_OF_ADDRESS,
    Proof,
    Prover,
    check_password,
)
from tests.channels.office import PASSWORD, Office

LI = "li@example.com"


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add(LI)
    return office


@pytest.fixture
def prover(office: Office) -> Prover:
    return Prover(office.agents, office.audit, office.passwords, office.codes, office.clock)


async def fail(prover: Prover, email: str, address: str | None = None) -> None:
    with pytest.raises(CredentialsRefused):
        await prover.prove(email, Proof("wrong", address=address))


async def test_right_password_proves_the_agent(prover: Prover) -> None:
    assert (await prover.prove(" Li@Example.com", Proof(PASSWORD))).email == LI


async def test_account_is_locked_for_all_addresses_and_others_are_not(
    office: Office, prover: Prover
) -> None:
    await office.add("wang@example.com")
    for n in range(MOST_OF_ACCOUNT):
        await fail(prover, LI, f"10.0.0.{n}")
    with pytest.raises(TooManyAttempts) as locked:
        await prover.prove(LI, Proof(PASSWORD, address="10.0.1.1"))
    assert locked.value.wait_s == 900
    await prover.prove("wang@example.com", Proof(PASSWORD, address="10.0.0.1"))
    with pytest.raises(TooManyAttempts):
        await prover.prove(LI, Proof(PASSWORD))
    assert office.actions().count("proof.locked") == 1  # told once, not at every try


async def test_unknown_account_is_locked_like_a_known_one(prover: Prover) -> None:
    for _ in range(MOST_OF_ACCOUNT):
        await fail(prover, "nobody@example.com")
    with pytest.raises(TooManyAttempts):
        await prover.prove("nobody@example.com", Proof("wrong"))


async def test_address_is_locked_before_it_locks_more_accounts(
    office: Office, prover: Prover
) -> None:
    for n in range(MOST_OF_ADDRESS):
        await fail(prover, f"nobody{n}@example.com", "10.0.0.1")
    for _ in range(MOST_OF_ACCOUNT):
        with pytest.raises(TooManyAttempts):
            await prover.prove(LI, Proof("wrong", address="10.0.0.1"))
    await prover.prove(LI, Proof(PASSWORD, address="10.0.0.2"))


async def test_success_takes_the_account_s_failures_back(prover: Prover) -> None:
    for _ in range(3):
        for _ in range(MOST_OF_ACCOUNT - 1):
            await fail(prover, LI)
        await prover.prove(LI, Proof(PASSWORD))


async def test_success_does_not_open_the_address_for_guesses(prover: Prover) -> None:
    """Somebody with an account of their own does not get more of them for others."""
    for n in range(MOST_OF_ADDRESS):
        await fail(prover, f"nobody{n}@example.com", "10.0.0.1")
        if n < MOST_OF_ADDRESS - 1:
            await prover.prove(LI, Proof(PASSWORD, address="10.0.0.1"))
    with pytest.raises(TooManyAttempts):
        await prover.prove("another@example.com", Proof("wrong", address="10.0.0.1"))


async def test_lock_is_over_with_its_time(office: Office, prover: Prover) -> None:
    for _ in range(MOST_OF_ACCOUNT):
        await fail(prover, LI)
    office.clock.advance(minutes=15, seconds=1)
    await prover.prove(LI, Proof(PASSWORD))


async def test_refusal_stands_in_the_audit_log_without_what_was_typed(
    office: Office, prover: Prover
) -> None:
    await fail(prover, LI, "10.0.0.1")
    await fail(prover, "secret-typed-here@example.com")
    known, unknown = (entry.event for entry in office.audit.log[-2:])
    assert known.object is not None
    assert known.details == {"what": "password", "address": "10.0.0.1"}
    assert unknown.object is None
    assert "typed" not in repr(office.audit.log)
    assert "typed" not in repr(office.agents._attempts)


async def test_one_password_is_compared_for_everybody(office: Office, prover: Prover) -> None:
    await office.add("gone@example.com", active=False)
    for email in (LI, "gone@example.com", "nobody@example.com", "no address"):
        await fail(prover, email)
    assert office.passwords.verified == [f"hash of {PASSWORD}", None, None, None]


async def test_agent_proves_itself_again_by_the_password_alone(
    office: Office, prover: Prover
) -> None:
    agent = await office.agents.agent_by_email(LI)
    assert agent is not None
    await prover.prove_again(agent, Proof(PASSWORD))
    with pytest.raises(CredentialsRefused):
        await prover.prove_again(agent, Proof("wrong"))


@pytest.mark.parametrize(
    "password",
    ["", "eleven char", "a" * 12, "abababababab", "li@example.com", "Li@Example.com", "x y" * 100],
)
def test_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, Agent(LI, "Li"))


@pytest.mark.parametrize("password", [PASSWORD, "正确的马电池订书钉在这里吗", "0123456789ab"])
def test_other_passwords_are_taken(password: str) -> None:
    check_password(password, Agent(LI, "Li"))
