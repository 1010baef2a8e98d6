"""What every store keeps of mail: nothing twice, threads, and how far a mailbox was read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import StoreError
from bot.domain.mail import MailboxPlace, MailFate, MailRecord
from bot.domain.outbox import Recipient
from bot.ports import Storage
from tests.adapters.stores import NOON, Clock
from tests.fakes import reply_to, trace_of

SENDER = "ann@example.com"


def begun() -> Conversation:
    return Conversation("mail", address=SENDER)


def record(n: int, conversation: str | None = None, fate: MailFate = MailFate.TAKEN) -> MailRecord:
    return MailRecord(
        key=f"key-{n}",
        message_id=f"{n}@example.com",
        sender=SENDER,
        subject=f"Question {n}",
        fate=fate,
        references=("root@example.com",),
        conversation=conversation,
        at=NOON + timedelta(minutes=n),
    )


async def test_a_mail_is_kept_with_the_conversation_it_begins(store: Storage) -> None:
    conversation = begun()
    mail = record(1, conversation.id)
    assert await store.take_mail(mail, conversation) == mail
    assert list(await store.mails_of(conversation.id)) == [mail]
    kept = await store.conversation(conversation.id)
    assert kept is not None
    assert (kept.channel, kept.address, kept.customer) == ("mail", SENDER, None)


async def test_a_known_mail_comes_back_as_it_was(store: Storage) -> None:
    first, second = begun(), begun()
    mail = await store.take_mail(record(1, first.id), first)
    assert await store.take_mail(record(1, second.id), second) == mail
    assert await store.conversation(second.id) is None


async def test_of_many_who_take_it_at_once_all_are_told_the_same(store: Storage) -> None:
    begins = [begun() for _ in range(6)]
    taken = await asyncio.gather(*(store.take_mail(record(1, each.id), each) for each in begins))
    assert len({mail.conversation for mail in taken}) == 1


async def test_a_thread_is_found_by_what_came_and_by_what_left(store: Storage) -> None:
    first, second = begun(), begun()
    await store.take_mail(record(1, first.id), first)
    await store.take_mail(record(2, second.id), second)
    await store.take_mail(record(3, fate=MailFate.AUTOMATIC))
    await store.mark_sent("answer@support", second.id)
    assert await store.thread_of(["x", "1@example.com"]) == first.id
    assert await store.thread_of(["1@example.com", "answer@support"]) == second.id
    assert await store.thread_of(["3@example.com", "unknown"]) is None
    assert await store.thread_of([]) is None


async def test_who_takes_the_id_of_anothers_mail_does_not_take_its_thread(store: Storage) -> None:
    first, second = begun(), begun()
    mail = await store.take_mail(record(1, first.id), first)
    await store.take_mail(replace(mail, key="key-2", conversation=second.id), second)
    assert await store.thread_of([mail.message_id]) == first.id


async def test_what_left_is_known_and_marked_once(store: Storage) -> None:
    conversation = begun()
    await store.add_conversation(conversation)
    assert not await store.was_sent("a@support")
    for _ in range(2):
        await store.mark_sent("a@support", conversation.id)
    assert await store.was_sent("a@support")


async def test_the_mails_of_a_sender_are_counted(store: Storage) -> None:
    conversation = begun()
    await store.take_mail(record(1, conversation.id), conversation)
    await store.take_mail(record(2, conversation.id))
    await store.take_mail(record(3, fate=MailFate.TOO_MANY))
    assert await store.count_mails(SENDER, NOON) == 2
    assert await store.count_mails(SENDER, NOON + timedelta(minutes=1)) == 1
    assert await store.count_mails("bob@example.com", NOON) == 0


async def test_a_mailbox_is_read_on_where_it_was_left(store: Storage) -> None:
    assert await store.mailbox_place("box") is None
    for uid in (7, 9):
        place = MailboxPlace(1, uid, NOON)
        await store.save_mailbox_place("box", place)
        assert await store.mailbox_place("box") == place


async def test_a_mailbox_is_read_by_one_at_a_time(store: Storage, clock: Clock) -> None:
    until = NOON + timedelta(minutes=1)
    assert await store.lease_mailbox("box", "one", until)
    assert await store.lease_mailbox("box", "one", until)
    assert not await store.lease_mailbox("box", "two", until)
    assert await store.mailbox_place("box") is None
    clock.advance(timedelta(minutes=2))
    assert await store.lease_mailbox("box", "two", NOON + timedelta(minutes=5))
    assert not await store.lease_mailbox("box", "one", NOON + timedelta(minutes=5))


async def test_what_no_database_can_hold_is_refused(store: Storage) -> None:
    mail = MailRecord("key", "\ud800@x", SENDER, "", MailFate.TAKEN)
    with pytest.raises(StoreError):
        await store.take_mail(mail)


@pytest.mark.parametrize(("channel", "leaves"), [("mail", True), ("widget", False)])
async def test_the_bots_words_leave_by_mail_without_a_ticket(
    store: Storage, channel: str, leaves: bool
) -> None:
    conversation = Conversation(channel)
    await store.add_conversation(conversation)
    message = Message(conversation.id, Author.CUSTOMER, "How?", created_at=NOON)
    await store.accept(message)
    until = NOON + timedelta(minutes=1)
    assert await store.claim(message.id, "w", until)
    reply = await store.finish(message.id, "w", reply_to(message), trace_of(message))
    assert reply is not None
    sent = await store.lease_deliveries("w", until, (), [channel], 10)
    assert [(one.recipient, one.ticket, one.message) for one in sent] == (
        [(Recipient.CHANNEL, None, reply.message)] if leaves else []
    )


async def test_what_is_said_in_a_conversation_arrives_in_its_order(
    store: Storage, clock: Clock
) -> None:
    conversation = begun()
    await store.add_conversation(conversation)
    until = NOON + timedelta(minutes=1)
    for text in ("one", "two"):
        message = Message(conversation.id, Author.CUSTOMER, text, created_at=NOON)
        await store.accept(message)
        assert await store.claim(message.id, "w", until)
        await store.finish(message.id, "w", reply_to(message, text), trace_of(message))
    (first,) = await store.lease_deliveries("w", until, (), ["mail"], 10)
    assert await store.bury_delivery(first.key, "w", "no such mailbox")
    (second,) = await store.lease_deliveries("w", until, (), ["mail"], 10)
    assert second.key != first.key
    (dead,) = await store.dead_deliveries()
    assert (dead.key, dead.ticket) == (first.key, None)
