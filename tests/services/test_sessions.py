import asyncio
import re
from dataclasses import replace

import pytest

from bot.domain.conversation import Conversation, Locale
from bot.domain.customer import Customer, IdentityRefused, RefusalReason
from bot.services.sessions import Session, Sessions, digest
from tests.fakes import FakeStore, FakeVerifier

MEI = Customer("u-1", "Mei Lin", locale=Locale.ZH)
STRANGER = Customer("u-2")


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def sessions(store: FakeStore) -> Sessions:
    return Sessions(store, FakeVerifier({"mei": MEI, "stranger": STRANGER}))


async def test_a_visitor_gets_a_token_whose_digest_is_kept(
    sessions: Sessions, store: FakeStore
) -> None:
    session = await sessions.start(Conversation("widget", locale=Locale.EN))
    assert len(session.token) >= 43  # 256 bits
    assert store.conversations == {session.conversation.id: session.conversation}
    stored = session.conversation
    assert (stored.channel, stored.locale, stored.customer) == ("widget", Locale.EN, None)
    assert stored.token_digest == digest(session.token)
    assert session.token not in repr(stored)


async def test_ids_and_tokens_are_never_given_twice(sessions: Sessions) -> None:
    begun = [await sessions.start(Conversation("widget")) for _ in range(200)]
    assert len({session.token for session in begun}) == 200
    assert len({session.conversation.id for session in begun}) == 200


async def test_a_customer_begins_as_one(sessions: Sessions, store: FakeStore) -> None:
    session = await sessions.start(Conversation("widget"), identity="mei")
    assert store.customers == {"u-1": MEI}
    assert store.conversations[session.conversation.id].customer == "u-1"
    assert session.conversation.locale is Locale.ZH  # the customer's own
    asked = await sessions.start(Conversation("widget", locale=Locale.EN), "mei")
    assert asked.conversation.locale is Locale.EN


async def test_a_refused_identity_begins_nothing(sessions: Sessions, store: FakeStore) -> None:
    with pytest.raises(IdentityRefused):
        await sessions.start(Conversation("widget"), identity="forged")
    assert (store.conversations, store.customers) == ({}, {})


async def test_without_a_verifier_every_identity_is_refused(store: FakeStore) -> None:
    sessions = Sessions(store, None)
    session = await sessions.start(Conversation("widget"))
    for attempt in (
        sessions.start(Conversation("widget"), identity="mei"),
        sessions.identify(session.conversation, "mei"),
    ):
        with pytest.raises(IdentityRefused) as caught:
            await attempt
        assert caught.value.reason is RefusalReason.NOT_CONFIGURED
    assert list(store.conversations) == [session.conversation.id]


async def test_a_token_opens_its_own_conversation_only(sessions: Sessions) -> None:
    one, other = (
        await sessions.start(Conversation("widget")),
        await sessions.start(Conversation("widget")),
    )
    assert await sessions.open(one.conversation.id, one.token) == one.conversation
    assert await sessions.open(one.conversation.id, other.token) is None
    assert await sessions.open(other.conversation.id, one.token) is None


@pytest.mark.parametrize("wrong", ["", " ", "x", "\x00", "\ud800", "🔑", "a" * 100_000])
async def test_a_wrong_token_opens_nothing(sessions: Sessions, wrong: str) -> None:
    session = await sessions.start(Conversation("widget"))
    for token in (wrong, session.token + wrong if wrong else session.token[:-1]):
        assert await sessions.open(session.conversation.id, token) is None


async def test_the_digest_is_not_a_token(sessions: Sessions) -> None:
    session = await sessions.start(Conversation("widget"))
    assert session.conversation.token_digest is not None
    token = session.conversation.token_digest
    assert await sessions.open(session.conversation.id, token) is None


async def test_a_conversation_without_a_token_is_opened_by_none(
    sessions: Sessions, store: FakeStore
) -> None:
    conversation = Conversation("slack")
    await store.add_conversation(conversation)
    for token in ("", "0" * 64):
        assert await sessions.open(conversation.id, token) is None


@pytest.mark.parametrize("wrong", ["", "x", "0" * 32, "A" * 32, "' OR 1=1 --", "\x00", "../x"])
async def test_an_unknown_id_opens_nothing(sessions: Sessions, wrong: str) -> None:
    session = await sessions.start(Conversation("widget"))
    assert await sessions.open(wrong, session.token) is None
    assert re.fullmatch("[0-9a-f]{32}", session.conversation.id)


# Identify


async def test_the_customer_takes_over_and_the_former_token_dies(sessions: Sessions) -> None:
    before = await sessions.start(Conversation("widget"))
    after = await sessions.identify(before.conversation, "mei")
    assert after is not None
    assert after.token != before.token
    assert await sessions.open(before.conversation.id, before.token) is None
    opened = await sessions.open(before.conversation.id, after.token)
    assert opened == after.conversation
    assert opened is not None
    assert opened.customer == "u-1"


async def test_who_followed_with_the_former_token_is_not_current(sessions: Sessions) -> None:
    before = await sessions.start(Conversation("widget"))
    assert await sessions.current(before.conversation) == before.conversation
    after = await sessions.identify(before.conversation, "mei")
    assert after is not None
    assert await sessions.current(before.conversation) is None
    assert await sessions.current(after.conversation) == after.conversation
    assert await sessions.current(Conversation("widget")) is None


async def test_another_customers_conversation_is_not_taken(
    sessions: Sessions, store: FakeStore
) -> None:
    session = await sessions.start(Conversation("widget"), identity="mei")
    assert await sessions.identify(session.conversation, "stranger") is None
    assert await sessions.open(session.conversation.id, session.token) == session.conversation
    assert "u-2" not in store.customers


async def test_a_refused_identity_changes_nothing(sessions: Sessions) -> None:
    session = await sessions.start(Conversation("widget"))
    with pytest.raises(IdentityRefused):
        await sessions.identify(session.conversation, "forged")
    assert await sessions.open(session.conversation.id, session.token) == session.conversation


async def test_of_two_at_once_one_wins(sessions: Sessions) -> None:
    start = await sessions.start(Conversation("widget"))
    found = await asyncio.gather(
        *(sessions.identify(start.conversation, who) for who in ("mei", "stranger") * 5)
    )
    (winner,) = [session for session in found if session is not None]
    assert isinstance(winner, Session)
    opened = await sessions.open(start.conversation.id, winner.token)
    assert opened == winner.conversation
    assert replace(start.conversation, customer=None) == start.conversation
