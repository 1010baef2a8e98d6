"""Proof of who somebody is; how often it may be tried is in test_pacing.py."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentSession,
    CodeNeeded,
    CodesUnreadable,
    CodeUsed,
    CredentialsRefused,
    TooManyAttempts,
    WeakPassword,
)
from bot.domain.audit import AuditEvent
from bot.ports import AgentChange
from bot.services.pacing import OF_CODE
from bot.services.proving import Proof, Prover, Visit, check_password
from bot.services.recovery_codes import HOW_MANY
from tests.channels.office import PASSWORD, Office

LI = "li@example.com"
FAR = Visit("203.0.113.9")


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add(LI)
    return office


@pytest.fixture
def prover(office: Office) -> Prover:
    return Prover(office.agents, office.audit, office.passwords, office.codes, office.clock)


async def fail(prover: Prover, email: str, proof: Proof | None = None) -> None:
    with pytest.raises(CredentialsRefused):
        await prover.prove(email, proof or Proof("wrong"))


async def li_of(office: Office) -> Agent:
    agent = await office.agents.agent_by_email(LI)
    assert agent is not None
    return agent


async def session_of(office: Office) -> AgentSession:
    return (await office.staff.sessions.sign_in(LI, Proof(PASSWORD))).session


async def enrol(office: Office) -> list[str]:
    """Gives the recovery codes."""
    session = await session_of(office)
    await office.staff.accounts.enrol(session, Proof(PASSWORD))
    code = office.code_of("secret-1")
    codes = list(await office.staff.accounts.confirm_enrolment(session, code))
    office.clock.advance(minutes=1)
    return codes


async def test_right_password_proves_the_agent(prover: Prover) -> None:
    assert (await prover.prove(" Li@Example.com", Proof(PASSWORD))).agent.email == LI


async def test_code_is_asked_for_and_counts_once(office: Office, prover: Prover) -> None:
    await enrol(office)
    with pytest.raises(CodeNeeded):
        await prover.prove(LI, Proof(PASSWORD))
    await fail(prover, LI, Proof("wrong", office.code_of("secret-1")))
    proof = Proof(PASSWORD, office.code_of("secret-1"))
    results = await asyncio.gather(
        *(prover.prove(LI, proof) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, CodeUsed) for result in results) == 3
    assert "code-used" in repr(office.audit.log[-1])


async def test_asking_for_the_code_is_no_failure(office: Office, prover: Prover) -> None:
    await enrol(office)
    for _ in range(30):
        with pytest.raises(CodeNeeded):
            await prover.prove(LI, Proof(PASSWORD))
    await prover.prove(LI, Proof(PASSWORD, office.code_of("secret-1")))


async def test_recovery_code_stands_in_for_the_app_once(office: Office, prover: Prover) -> None:
    codes = await enrol(office)
    proof = Proof(PASSWORD, codes[0].upper().replace("-", " "), FAR)
    results = await asyncio.gather(
        *(prover.prove(LI, proof) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, CredentialsRefused) for result in results) == 3
    assert office.actions().count("recovery-code.used") == 1
    agent = await li_of(office)
    used = next(e.event for e in office.audit.log if e.event.action == "recovery-code.used")
    assert (used.actor, used.object, used.details) == (agent.id, agent.id, {"address": FAR.address})
    assert await office.agents.count_recovery_codes(agent.id) == HOW_MANY - 1
    assert not any(code in repr(vars(office.agents)) for code in codes)


async def test_recovery_code_needs_the_password_and_is_one_s_own(
    office: Office, prover: Prover
) -> None:
    codes = await enrol(office)
    await fail(prover, LI, Proof("wrong", codes[0]))
    await office.add("wang@example.com")
    # Without an app no code is looked at, and none is used up.
    await prover.prove("wang@example.com", Proof(PASSWORD, codes[0]))
    await prover.prove(LI, Proof(PASSWORD, codes[0]))


async def test_recovery_codes_cannot_be_guessed_more_often_than_others(
    office: Office, prover: Prover
) -> None:
    await enrol(office)
    for n in range(OF_CODE.free):
        visit = Visit(f"203.0.113.{n}")
        await fail(prover, LI, Proof(PASSWORD, "0000-0000-0000-0000", visit))
    with pytest.raises(TooManyAttempts):
        await prover.prove(LI, Proof(PASSWORD, office.code_of("secret-1"), FAR))


async def test_secret_that_cannot_be_read_is_told_to_who_knows_the_password(
    office: Office, prover: Prover
) -> None:
    codes = await enrol(office)
    agent = await li_of(office)
    seen = await office.agents.credentials(agent.id)
    assert seen is not None
    lost = replace(seen, totp_secret="lost")
    event = AuditEvent("operator", "key lost")
    await office.agents.apply(AgentChange(agent, agent, event, lost, seen))
    await fail(prover, LI, Proof("wrong", "000000"))
    with pytest.raises(CodesUnreadable):
        await prover.prove(LI, Proof(PASSWORD, "000000"))
    await prover.prove(LI, Proof(PASSWORD, codes[0]))  # those are hashed, not encrypted


async def test_refusal_stands_in_the_audit_log_without_what_was_typed(
    office: Office, prover: Prover
) -> None:
    await fail(prover, LI, Proof("wrong", visit=FAR))
    await fail(prover, "secret-typed-here@example.com")
    known, unknown = (entry.event for entry in office.audit.log[-2:])
    assert known.object is not None
    assert known.details == {"what": "password", "address": FAR.address}
    assert unknown.object is None
    assert "typed" not in repr(office.audit.log)


async def test_one_password_is_compared_for_everybody(office: Office, prover: Prover) -> None:
    await office.add("gone@example.com", active=False)
    for email in (LI, "gone@example.com", "nobody@example.com", "no address"):
        await fail(prover, email)
    assert office.passwords.verified == [f"hash of {PASSWORD}", None, None, None]


async def test_agent_proves_itself_again_as_at_sign_in(office: Office, prover: Prover) -> None:
    session = await session_of(office)
    await prover.prove_again(session, Proof(PASSWORD))
    with pytest.raises(CredentialsRefused):
        await prover.prove_again(session, Proof("wrong"))
    codes = await enrol(office)
    with pytest.raises(CodeNeeded):
        await prover.prove_again(session, Proof(PASSWORD))
    with pytest.raises(CredentialsRefused):
        await prover.prove_again(session, Proof(PASSWORD, "000000"))
    proof = Proof(PASSWORD, office.code_of("secret-1"))
    await prover.prove_again(session, proof)
    with pytest.raises(CodeUsed):
        await prover.prove_again(session, proof)
    await prover.prove_again(session, Proof(PASSWORD, codes[0]))


async def test_proof_of_a_password_that_is_taken_away_meanwhile_begins_nothing(
    office: Office, prover: Prover
) -> None:
    proven = await prover.prove(LI, Proof(PASSWORD))
    event = AuditEvent("operator", "reset")
    reset = replace(proven.credentials, password_hash=None)
    await office.agents.apply(
        AgentChange(proven.agent, proven.agent, event, reset, proven.credentials)
    )
    signed_in = office.staff.sessions.begin(proven.agent)
    with pytest.raises(AgentChanged):
        await office.agents.start_session(signed_in.session, proven.credentials, event)


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
