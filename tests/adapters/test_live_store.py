"""What every store tells of conversations that the bot has, and of tones."""

from datetime import timedelta

from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.reply import Reply, Silence, SmallTalk
from bot.domain.understanding import CALM, Tone, ToneLabel
from bot.ports import Storage, TurnTrace
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import opened, started

ANGRY = Tone(ToneLabel.ANGRY, 0.93, ("capitals", "repeats"))
LEASE = timedelta(seconds=30)


async def said(
    store: Storage, conversation: Conversation, text: str, minute: int, tone: Tone = CALM
) -> Message:
    """By the customer, and answered by the bot in the store's own time."""
    at = NOON + timedelta(minutes=minute)
    message = Message(conversation.id, Author.CUSTOMER, text, created_at=at)
    await store.accept(message)
    await heard(store, message, tone)
    return message


async def heard(store: Storage, message: Message, tone: Tone) -> None:
    assert await store.claim(message.id, "w", NOON + LEASE)
    found = await store.conversation(message.conversation)
    assert found is not None
    act = Silence() if found.status.is_with_person else SmallTalk("Hello")
    key = f"{int(message.id, 16) ^ 1:032x}"
    reply = Reply(act, Locale.EN, tone, message=key, conversation=message.conversation)
    trace = TurnTrace(message.id, reply.decision.value, None, None, None)
    assert await store.finish(message.id, "w", reply, trace) is not None


async def test_what_the_bot_has_comes_latest_first(store: Storage) -> None:
    await store.save_customer(Customer("kim", "Kim"))
    visitor, kim, quiet = [
        await started(store, customer=customer) for customer in (None, "kim", None)
    ]
    assert quiet.id not in {one.conversation.id for one in await store.with_bot(NOON, 100)}
    await said(store, visitor, "How?", 0)
    waiting = Message(kim.id, Author.CUSTOMER, "Why?", created_at=NOON + timedelta(minutes=5))
    await store.accept(waiting)
    found = await store.with_bot(NOON - LEASE, 100)
    mine = [one for one in found if one.conversation.id in (visitor.id, kim.id)]
    assert [(one.conversation.id, one.last.text) for one in mine] == [
        (kim.id, "Why?"),
        (visitor.id, "Hello"),
    ]
    assert [one.customer and one.customer.name for one in mine] == ["Kim", None]
    assert [one.last.id for one in await store.with_bot(NOON + timedelta(minutes=1), 1)] == [
        waiting.id
    ]


async def test_what_a_person_has_is_not_the_bots(store: Storage) -> None:
    conversation = await started(store)
    await said(store, conversation, "How?", 0)
    await opened(store, conversation)
    found = await store.with_bot(NOON - LEASE, 100)
    assert conversation.id not in {one.conversation.id for one in found}


async def test_tones_are_kept_also_where_the_bot_is_silent(store: Storage) -> None:
    conversation, other = await started(store), await started(store)
    first = await said(store, conversation, "How?", 0)
    second = await said(store, conversation, "AGAIN??", 1, ANGRY)
    await opened(store, conversation)
    third = await said(store, conversation, "Hello?!", 2, ANGRY)
    await store.accept(Message(conversation.id, Author.CUSTOMER, "not heard yet"))
    elsewhere = await said(store, other, "Thanks", 3)
    tones = await store.tones([conversation.id, other.id])
    assert list(tones[conversation.id].items()) == [
        (first.id, CALM),
        (second.id, ANGRY),
        (third.id, ANGRY),
    ]
    assert tones[other.id] == {elsewhere.id: CALM}
    assert not await store.tones([])
