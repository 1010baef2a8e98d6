"""What every store promises, asked of each of them; then what only a file on disk can show."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import bot
from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore, upgrade
from bot.domain.conversation import (
    Author,
    Conversation,
    ConversationStatus,
    Locale,
    Message,
    Outcome,
    new_id,
)
from bot.domain.customer import Customer, Tier
from bot.domain.errors import ConfigurationError, StoreError
from bot.domain.feedback import Feedback, Rating
from bot.domain.knowledge import Citation
from bot.domain.reply import (
    AbstainReason,
    Abstention,
    Act,
    Answer,
    Clarification,
    Handoff,
    HandoffReason,
    Reply,
    Silence,
    SmallTalk,
)
from bot.domain.understanding import Tone, ToneLabel
from bot.ports import Store, TurnTrace
from tests.adapters.stores import NOON, Clock

LEASE = timedelta(seconds=30)


@pytest.fixture
async def conversation(store: Store) -> Conversation:
    return await started(store)


async def started(store: Store) -> Conversation:
    conversation = Conversation("widget")
    await store.add_conversation(conversation)
    return conversation


def question(conversation: Conversation, text: str = "How?", key: str | None = None) -> Message:
    return Message(conversation.id, Author.CUSTOMER, text, created_at=NOON, client_message_id=key)


def reply_to(message: Message, act: Act | None = None) -> Reply:
    act = act or SmallTalk("Hello")
    return Reply(act, Locale.EN, message=new_id(), conversation=message.conversation)


def trace_of(message: Message) -> TurnTrace:
    return TurnTrace(message.id, "smalltalk", "greeting", 0.5, "s1", ("c1",), {"record": 1.5})


async def finished(store: Store, message: Message, reply: Reply) -> None:
    assert await store.claim(message.id, "w1", NOON + LEASE)
    assert await store.finish(message.id, "w1", reply, trace_of(message))


async def refused(attempt: Awaitable[object]) -> str:
    with pytest.raises(StoreError) as caught:
        await attempt
    return str(caught.value)


# Conversations


async def test_conversation_comes_back_as_it_was(store: Store) -> None:
    plain = Conversation("terminal")
    full = Conversation(
        "widget",
        locale=Locale.ZH,
        status=ConversationStatus.OPEN,
        created_at=datetime(2026, 3, 1, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8))),
        token_digest="ab" * 32,
    )
    for conversation in (plain, full):
        await store.add_conversation(conversation)
        assert await store.conversation(conversation.id) == conversation


async def test_unknown_conversation_is_none(store: Store) -> None:
    assert await store.conversation("nobody") is None
    assert list(await store.messages("nobody")) == []


async def test_conversation_id_is_taken_once(store: Store, conversation: Conversation) -> None:
    await refused(store.add_conversation(replace(conversation, channel="slack")))
    assert await store.conversation(conversation.id) == conversation


# Customers

MEI = Customer("u-1", "李美", "mei@example.com", "Harbour Ltd", Tier.PREMIUM, Locale.ZH)


async def anonymous(store: Store) -> Conversation:
    conversation = Conversation("widget", token_digest="a" * 64)
    await store.add_conversation(conversation)
    return conversation


async def test_customer_comes_back_as_saved_last(store: Store) -> None:
    plain = Customer(new_id())
    for customer in (MEI, plain, replace(MEI, name=None, tier=Tier.BASIC, locale=None), MEI):
        await store.save_customer(customer)
        assert await store.customer(customer.id) == customer
    assert await store.customer(plain.id) == plain
    assert await store.customer("nobody") is None


async def test_conversation_belongs_to_a_customer_who_is_known(store: Store) -> None:
    await store.save_customer(MEI)
    conversation = Conversation("widget", customer=MEI.id)
    await store.add_conversation(conversation)
    assert await store.conversation(conversation.id) == conversation
    await refused(store.add_conversation(Conversation("widget", customer="nobody")))


async def test_identify_gives_the_conversation_and_replaces_its_token(store: Store) -> None:
    customer = replace(MEI, id=new_id())
    conversation, other = await anonymous(store), await anonymous(store)
    assert await store.identify(conversation, customer, "b" * 64)
    known = replace(conversation, customer=customer.id, token_digest="b" * 64)
    assert await store.conversation(conversation.id) == known
    assert await store.conversation(other.id) == other
    assert await store.customer(customer.id) == customer


async def test_identify_keeps_the_messages(store: Store) -> None:
    conversation = await anonymous(store)
    message = question(conversation)
    await store.accept(message)
    await finished(store, message, reply_to(message))
    before = await store.messages(conversation.id)
    assert await store.identify(conversation, MEI, "b" * 64)
    assert await store.messages(conversation.id) == before
    assert len(before) == 2


async def test_identify_by_a_former_token_changes_nothing(store: Store) -> None:
    conversation = await anonymous(store)
    assert await store.identify(conversation, MEI, "b" * 64)
    late = Customer(MEI.id, "somebody")
    assert not await store.identify(conversation, late, "c" * 64)
    found = await store.conversation(conversation.id)
    assert found is not None
    assert found.token_digest == "b" * 64
    assert await store.customer(MEI.id) == MEI


async def test_customer_identifies_again(store: Store) -> None:
    conversation = await anonymous(store)
    assert await store.identify(conversation, MEI, "b" * 64)
    found = await store.conversation(conversation.id)
    assert found is not None
    assert await store.identify(found, replace(MEI, name="Mei"), "c" * 64)
    assert await store.customer(MEI.id) == replace(MEI, name="Mei")


async def test_conversation_of_another_customer_is_never_taken_over(store: Store) -> None:
    conversation, stranger = await anonymous(store), Customer(new_id())
    assert await store.identify(conversation, MEI, "b" * 64)
    found = await store.conversation(conversation.id)
    assert found is not None
    assert not await store.identify(found, stranger, "c" * 64)
    assert await store.conversation(conversation.id) == found
    assert await store.customer(stranger.id) is None


async def test_identify_needs_a_conversation_with_a_token(store: Store) -> None:
    assert not await store.identify(await started(store), MEI, "b" * 64)
    assert not await store.identify(Conversation("widget", token_digest="a" * 64), MEI, "b" * 64)


async def test_of_identifies_at_once_one_wins(store: Store) -> None:
    conversation = await anonymous(store)
    customers = [Customer(new_id()) for _ in range(10)]
    attempts = (
        store.identify(conversation, customer, f"{number:064x}")
        for number, customer in enumerate(customers)
    )
    won = await asyncio.gather(*attempts)
    assert won.count(True) == 1
    found = await store.conversation(conversation.id)
    assert found is not None
    winner = won.index(True)
    assert (found.customer, found.token_digest) == (customers[winner].id, f"{winner:064x}")


@pytest.mark.parametrize("field", ["id", "name", "email", "organisation"])
async def test_unstorable_customer_is_refused(store: Store, field: str) -> None:
    customer = replace(MEI, id=new_id())
    for odd in ("a\x00b", "a\ud800b"):
        await refused(store.save_customer(replace(customer, **{field: odd})))
    assert await store.customer(customer.id) is None


# Accepting


async def test_accepted_message_is_an_unfinished_turn(
    store: Store, conversation: Conversation
) -> None:
    message = question(conversation, key="k1")
    turn = await store.accept(message)
    assert (turn.message, turn.reply) == (message, None)
    assert await store.turn(message.id) == turn
    assert list(await store.messages(conversation.id)) == [message]
    assert list(await store.unfinished()) == [message]


async def test_unknown_turn_is_none(store: Store) -> None:
    assert await store.turn("nothing") is None


async def test_same_key_is_the_same_message_even_with_another_text(
    store: Store, conversation: Conversation
) -> None:
    first = await store.accept(question(conversation, "How?", key="k1"))
    again = await store.accept(question(conversation, "What?", key="k1"))
    assert again == first
    assert list(await store.messages(conversation.id)) == [first.message]


async def test_same_key_after_the_reply_brings_the_reply(
    store: Store, conversation: Conversation
) -> None:
    message = question(conversation, key="k1")
    await store.accept(message)
    reply = reply_to(message)
    await finished(store, message, reply)
    assert (await store.accept(question(conversation, key="k1"))).reply == reply


async def test_same_key_at_once_is_accepted_once(store: Store, conversation: Conversation) -> None:
    attempts = (store.accept(question(conversation, f"{i}", key="k1")) for i in range(20))
    turns = await asyncio.gather(*attempts)
    assert len({turn.message.id for turn in turns}) == 1
    assert len(await store.messages(conversation.id)) == 1


async def test_same_key_in_two_conversations_is_two_messages(store: Store) -> None:
    one, other = await started(store), await started(store)
    for conversation in (one, other):
        message = question(conversation, key="k1")
        assert (await store.accept(message)).message == message


async def test_without_a_key_every_message_is_new(store: Store, conversation: Conversation) -> None:
    messages = [question(conversation) for _ in range(3)]
    for message in messages:
        await store.accept(message)
    assert list(await store.messages(conversation.id)) == messages


async def test_message_id_is_taken_once(store: Store, conversation: Conversation) -> None:
    message = question(conversation)
    await store.accept(message)
    await refused(store.accept(replace(message, text="other")))
    assert list(await store.messages(conversation.id)) == [message]


async def test_unknown_conversation_accepts_nothing(store: Store) -> None:
    message = question(Conversation("widget"))
    assert message.conversation in await refused(store.accept(message))
    assert await store.turn(message.id) is None


@pytest.mark.parametrize(
    "text", ["👩🏽‍💻 𠮷野家", "“报表”在哪里？", "a\r\n\tb", "'; DROP TABLE turns; --", ""]
)
async def test_text_comes_back_unchanged(
    store: Store, conversation: Conversation, text: str
) -> None:
    message = question(conversation, text, key=text)
    await store.accept(message)
    reply = reply_to(message, SmallTalk(text))
    await finished(store, message, reply)
    assert [m.text for m in await store.messages(conversation.id)] == [text, text]
    turn = await store.turn(message.id)
    assert turn is not None
    assert turn.reply == reply


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "nul\x00"])
async def test_text_that_no_database_holds_is_refused(
    store: Store, conversation: Conversation, text: str
) -> None:
    await refused(store.accept(question(conversation, text)))
    await refused(store.accept(question(conversation, key=text)))
    await refused(store.add_conversation(Conversation(text)))
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    reply = reply_to(message, SmallTalk(text))
    await refused(store.finish(message.id, "w1", reply, trace_of(message)))
    assert list(await store.unfinished()) == []  # the lease still runs
    assert list(await store.messages(conversation.id)) == [message]


# Reading on


async def test_messages_after_one_already_read(store: Store, conversation: Conversation) -> None:
    first, second = question(conversation, "1"), question(conversation, "2")
    await store.accept(first)
    await store.accept(second)
    reply = reply_to(first)
    await finished(store, first, reply)
    everything = list(await store.messages(conversation.id))
    assert [m.id for m in everything] == [first.id, second.id, reply.message]
    for place, message in enumerate(everything):
        assert list(await store.messages(conversation.id, message.id)) == everything[place + 1 :]


async def test_messages_after_an_unknown_one_start_from_the_beginning(store: Store) -> None:
    one, other = await started(store), await started(store)
    message, elsewhere = question(one), question(other)
    await store.accept(message)
    await store.accept(elsewhere)
    assert list(await store.messages(one.id, "nothing")) == [message]
    assert list(await store.messages(one.id, elsewhere.id)) == [message]


# Claiming and finishing


async def test_one_of_many_claims_succeeds(store: Store, conversation: Conversation) -> None:
    message = question(conversation)
    await store.accept(message)
    claims = (store.claim(message.id, f"w{i}", NOON + LEASE) for i in range(20))
    assert sum(await asyncio.gather(*claims)) == 1


async def test_claim_of_an_unknown_message_fails(store: Store) -> None:
    assert not await store.claim("nothing", "w1", NOON + LEASE)


async def test_lease_keeps_others_away_until_it_ends(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    assert await store.claim(message.id, "w1", NOON + LEASE)
    clock.advance(LEASE - timedelta(seconds=1))
    assert list(await store.unfinished()) == []
    assert not await store.claim(message.id, "w2", clock() + LEASE)
    clock.advance(timedelta(seconds=1))
    assert list(await store.unfinished()) == [message]
    assert await store.claim(message.id, "w2", clock() + LEASE)


async def test_claiming_again_renews_the_lease(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    assert await store.claim(message.id, "w1", NOON + 2 * LEASE)
    clock.advance(LEASE)
    assert not await store.claim(message.id, "w2", clock() + LEASE)


async def test_lease_in_the_past_gives_the_turn_back(
    store: Store, conversation: Conversation
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    assert await store.claim(message.id, "w1", NOON)
    assert await store.claim(message.id, "w2", NOON + LEASE)


async def test_worker_that_lost_its_lease_writes_nothing(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    clock.advance(LEASE)
    await store.claim(message.id, "w2", clock() + LEASE)
    assert not await store.finish(message.id, "w1", reply_to(message), trace_of(message))
    assert list(await store.messages(conversation.id)) == [message]
    kept = reply_to(message)
    assert await store.finish(message.id, "w2", kept, trace_of(message))
    turn = await store.turn(message.id)
    assert turn is not None
    assert turn.reply == kept


async def test_late_worker_whose_turn_nobody_took_finishes_it(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    clock.advance(2 * LEASE)
    assert await store.finish(message.id, "w1", reply_to(message), trace_of(message))


async def test_finish_needs_a_claim(store: Store, conversation: Conversation) -> None:
    message = question(conversation)
    await store.accept(message)
    assert not await store.finish(message.id, "w1", reply_to(message), trace_of(message))
    assert not await store.finish("nothing", "w1", reply_to(message), trace_of(message))
    assert list(await store.unfinished()) == [message]


async def test_turn_is_finished_once(store: Store, conversation: Conversation) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    attempts = (
        store.finish(message.id, "w1", reply_to(message), trace_of(message)) for _ in range(5)
    )
    assert [*await asyncio.gather(*attempts)].count(None) == 4
    assert len(await store.messages(conversation.id)) == 2
    assert not await store.claim(message.id, "w1", NOON + LEASE)
    assert list(await store.unfinished()) == []


async def test_bot_message_follows_with_its_outcome(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    reply = reply_to(message, Abstention("I do not know.", AbstainReason.NO_SOURCE))
    await finished(store, message, reply)
    assert reply.message is not None
    said = Message(
        conversation.id,
        Author.BOT,
        "I do not know.",
        id=reply.message,
        created_at=clock(),
        outcome=Outcome.ABSTAINED,
    )
    assert list(await store.messages(conversation.id)) == [message, said]


CITATION = Citation(1, "en/a.md", None, "Title", "/kb/en/a", "excerpt")
ACTS: list[Act] = [
    Answer("Do this [1].", (CITATION,)),
    Clarification("Which one?", "Which one?", ("this", "that")),
    Abstention("I do not know.", AbstainReason.WEAK_SOURCE, (CITATION,)),
    Handoff("Asked.", HandoffReason.URGENT, "t1", "42", "2026-03-01T13:00:00Z"),
    SmallTalk("你好"),
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
async def test_reply_comes_back_as_it_was(
    store: Store, conversation: Conversation, act: Act
) -> None:
    message = question(conversation)
    await store.accept(message)
    reply = Reply(
        act,
        Locale.ZH,
        tone=Tone(ToneLabel.ANGRY, 0.75, ("shouting",)),
        wants_human=True,
        offer_human=True,
        suggestions=("more",),
        snapshot="s1",
        latency_ms=4.5,
        message=new_id(),
        conversation=conversation.id,
    )
    await finished(store, message, reply)
    turn = await store.turn(message.id)
    assert turn is not None
    assert turn.reply == reply


async def test_replies_are_found_by_the_messages_that_carry_them(store: Store) -> None:
    one, other = await started(store), await started(store)
    asked = [question(c) for c in (one, one, other, other)]
    replies = [reply_to(message, SmallTalk(f"{i}")) for i, message in enumerate(asked)]
    for message, reply in zip(asked, replies, strict=True):
        await store.accept(message)
        await finished(store, message, reply)
    ids = [message.id for message in await store.messages(one.id)] + [str(replies[2].message)]
    assert await store.replies(ids) == {reply.message: reply for reply in replies[:3]}
    assert await store.replies([]) == {}


async def test_a_message_is_found_by_its_id(store: Store, conversation: Conversation) -> None:
    asked = replace(question(conversation), wants_human=True)
    await store.accept(asked)
    assert await store.message(asked.id) == asked
    assert await store.message("0" * 32) is None


async def test_feedback_is_replaced_by_the_next(store: Store, conversation: Conversation) -> None:
    one, other = question(conversation), question(conversation)
    await store.accept(one)
    await store.accept(other)
    assert await store.feedback([one.id]) == {}
    await store.save_feedback(Feedback(one.id, Rating.DOWN, "wrong 页面", NOON))
    last = Feedback(one.id, Rating.UP, None, NOON + LEASE)
    await store.save_feedback(last)
    assert await store.feedback([one.id, other.id, "unknown"]) == {one.id: last}
    assert await store.feedback([]) == {}


async def test_feedback_needs_its_message(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.save_feedback(Feedback("0" * 32, Rating.UP))


async def test_silence_is_recorded_but_says_nothing(store: Store) -> None:
    taken = Conversation("widget", status=ConversationStatus.OPEN)
    await store.add_conversation(taken)
    message = question(taken)
    await store.accept(message)
    silence = Reply(Silence(), Locale.EN, conversation=taken.id)
    await finished(store, message, silence)
    assert list(await store.messages(taken.id)) == [message]
    assert list(await store.unfinished()) == []


async def test_silence_is_refused_where_the_bot_has_the_conversation(
    store: Store, conversation: Conversation
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    silence = Reply(Silence(), Locale.EN, conversation=conversation.id)
    assert await store.finish(message.id, "w1", silence, trace_of(message)) is None
    assert list(await store.unfinished()) == []  # still leased
    await store.claim(message.id, "w1", NOON)
    assert [unfinished.id for unfinished in await store.unfinished()] == [message.id]


async def test_reply_without_its_ids_is_refused_and_leaves_the_turn_open(
    store: Store, conversation: Conversation, clock: Clock
) -> None:
    message = question(conversation)
    await store.accept(message)
    await store.claim(message.id, "w1", NOON + LEASE)
    reply, elsewhere = reply_to(message), await started(store)
    for broken in (
        replace(reply, message=None),
        replace(reply, conversation=None),
        replace(reply, conversation=elsewhere.id),
        replace(reply, message=message.id),
    ):
        await refused(store.finish(message.id, "w1", broken, trace_of(message)))
    clock.advance(LEASE)
    assert list(await store.unfinished()) == [message]
    assert list(await store.messages(elsewhere.id)) == []


async def test_unfinished_are_listed_oldest_first_across_conversations(store: Store) -> None:
    one, other = await started(store), await started(store)
    messages = [question(c) for c in (one, other, one, other)]
    for message in messages:
        await store.accept(message)
    await finished(store, messages[1], reply_to(messages[1]))
    assert list(await store.unfinished()) == [messages[0], *messages[2:]]


async def test_store_in_service_is_writable(store: Store) -> None:
    await store.check_writable()


async def test_cancelled_callers_leave_whole_turns(
    store: Store, conversation: Conversation
) -> None:
    messages = [question(conversation, key=f"{i}") for i in range(20)]
    tasks = [asyncio.create_task(store.accept(message)) for message in messages]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    turns = [await store.accept(message) for message in messages]
    assert [turn.message for turn in turns] == messages
    assert len(await store.messages(conversation.id)) == 20
    assert len(await store.unfinished()) == 20


# Memory only


async def test_recorded_message_waits_for_no_reply(memory_store: MemoryStore) -> None:
    conversation = await started(memory_store)
    recorded = Message(conversation.id, Author.BOT, "Hi", created_at=NOON, outcome=Outcome.ANSWERED)
    await memory_store.add_message(recorded)
    assert list(await memory_store.messages(conversation.id)) == [recorded]
    assert list(await memory_store.unfinished()) == []


# SQLite only


def rows_of(url: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(query).fetchall()


async def test_committed_turn_survives_reopening(
    sqlite_store: SqlStore, url: str, clock: Clock
) -> None:
    conversation = await started(sqlite_store)
    message = question(conversation)
    await sqlite_store.accept(message)
    reply = reply_to(message)
    await finished(sqlite_store, message, reply)
    await sqlite_store.close()
    reopened = await SqlStore.open(url, clock)
    turn = await reopened.turn(message.id)
    await reopened.close()
    assert turn is not None
    assert (turn.message, turn.reply) == (message, reply)


async def test_trace_and_times_are_written_with_the_reply(sqlite_store: SqlStore, url: str) -> None:
    message = question(await started(sqlite_store))
    await sqlite_store.accept(message)
    reply = reply_to(message)
    await finished(sqlite_store, message, reply)
    ((trace, finished_at, reply_id),) = rows_of(
        url,
        "SELECT trace, finished_at, messages.id FROM turns "
        "JOIN messages ON messages.reply_to = turns.message_id",
    )
    assert json.loads(str(trace)) == {
        "message": message.id,
        "decision": "smalltalk",
        "reason": "greeting",
        "answerability": 0.5,
        "snapshot": "s1",
        "passages": ["c1"],
        "stage_ms": {"record": 1.5},
        "model": None,
        "rewriting": None,
        "fallback": None,
    }
    assert (finished_at, reply_id) == ("2026-03-01 12:00:00.000000", reply.message)


async def test_time_without_a_zone_is_refused(sqlite_store: SqlStore) -> None:
    naive = Conversation("widget", created_at=NOON.replace(tzinfo=None))
    assert "zone" in await refused(sqlite_store.add_conversation(naive))


async def test_errors_never_show_what_customers_wrote(sqlite_store: SqlStore) -> None:
    message = question(await started(sqlite_store), "my secret")
    await sqlite_store.accept(message)
    with pytest.raises(StoreError) as caught:
        await sqlite_store.accept(message)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


async def test_two_stores_on_one_file_accept_a_message_once(
    sqlite_store: SqlStore, url: str, clock: Clock
) -> None:
    other = await SqlStore.open(url, clock)
    conversation = await started(sqlite_store)
    turns = await asyncio.gather(
        *(
            s.accept(question(conversation, key="k1"))
            for s in (sqlite_store, other)
            for _ in "12345"
        )
    )
    await other.close()
    assert len({turn.message.id for turn in turns}) == 1


async def test_readers_do_not_wait_for_a_writer_of_another_process(
    sqlite_store: SqlStore, url: str
) -> None:
    conversation = await started(sqlite_store)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        foreign.execute("DELETE FROM conversations")
        assert await sqlite_store.conversation(conversation.id) == conversation
        writing = asyncio.create_task(sqlite_store.accept(question(conversation)))
        await sqlite_store.conversation(conversation.id)
        assert not writing.done()
        foreign.execute("ROLLBACK")
        await writing


async def test_read_only_file_is_not_writable(sqlite_store: SqlStore, url: str) -> None:
    # A trigger stands in for the file system: file modes do not stop every test's user.
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.executescript(
            "CREATE TRIGGER full BEFORE UPDATE ON write_probe "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    assert "disk full" in await refused(sqlite_store.check_writable())


async def test_lost_probe_row_is_told(sqlite_store: SqlStore, url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("DELETE FROM write_probe")
    assert "write_probe" in await refused(sqlite_store.check_writable())


async def test_closed_store_says_so(sqlite_store: SqlStore) -> None:
    await sqlite_store.close()
    assert "closed" in await refused(sqlite_store.unfinished())


@pytest.fixture
def damaged_url(url: str) -> str:
    Path(url.removeprefix("sqlite:///")).write_bytes(b"no SQLite header here" * 100)
    return url


async def test_damaged_file_is_refused(damaged_url: str) -> None:
    assert "not a database" in await refused(SqlStore.open(damaged_url))
    assert "not a database" in await refused(upgrade(damaged_url))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "sqlite:///PATH"),
        ("mysql://user:hush@host/name", "not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "names no file"),
        ("postgresql://user:hush@host:port/name", "cannot be read"),
    ],
)
async def test_unusable_url_is_refused_without_showing_it(url: str, says: str) -> None:
    operations: list[Callable[[str], Awaitable[object]]] = [SqlStore.open, upgrade]
    for operation in operations:
        with pytest.raises(ConfigurationError, match=says) as caught:
            await operation(url)
        assert "hush" not in str(caught.value)


# What a worker does just before it is killed: argv is the URL and the conversation's id.
DOOMED_WORKER = """
import asyncio, sys
from datetime import timedelta
from bot.adapters.sql_store import SqlStore
from bot.domain.conversation import Author, Message, now

async def main():
    store = await SqlStore.open(sys.argv[1])
    for text in ("claimed", "accepted"):
        message = Message(sys.argv[2], Author.CUSTOMER, text)
        await store.accept(message)
        if text == "claimed":
            assert await store.claim(message.id, "doomed", now() + timedelta(seconds=30))
    print("committed", flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""


async def test_killed_worker_loses_nothing(sqlite_store: SqlStore, url: str, clock: Clock) -> None:
    conversation = await started(sqlite_store)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DOOMED_WORKER, url, conversation.id),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(bot.__file__).parents[1])},
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"committed\n"
    worker.kill()
    await worker.wait()

    clock.time = datetime.now(UTC)
    assert [m.text for m in await sqlite_store.unfinished()] == ["accepted"]
    clock.advance(LEASE)
    claimed, accepted = await sqlite_store.unfinished()
    assert (claimed.text, accepted.text) == ("claimed", "accepted")
    assert await sqlite_store.claim(claimed.id, "heir", clock() + LEASE)
    assert await sqlite_store.finish(claimed.id, "heir", reply_to(claimed), trace_of(claimed))
