"""The button for a person: one message however often it is pressed, and a turn that knows."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, ConversationStatus, Locale, Message
from bot.domain.reply import DecisionKind, Handoff, HandoffReason, Reply, StageStarted
from bot.domain.understanding import CALM, Intent
from bot.services.intents import IntentClassifier
from bot.settings import Settings
from tests.fakes import FakeRetriever

ENGLISH = "I'd like to talk to a person."
CHINESE = "我想转人工客服。"


@pytest.fixture
def bot() -> Bot:
    return build(Settings(), store=MemoryStore(), retriever=FakeRetriever())


async def start(bot: Bot, **values: object) -> Conversation:
    conversation = replace(Conversation("widget"), **values)  # type: ignore[arg-type]
    await bot.store.add_conversation(conversation)
    return conversation


async def press(bot: Bot, conversation: Conversation, key: str | None = None) -> Reply:
    return await (await bot.person_requests.submit(conversation, key)).result()


async def write(bot: Bot, conversation: Conversation, text: str) -> Reply:
    turn = await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, text))
    return await turn.result()


async def texts(bot: Bot, conversation: Conversation) -> list[str]:
    messages = await bot.store.messages(conversation.id)
    return [message.text for message in messages if message.author is Author.CUSTOMER]


async def test_it_is_a_handoff(bot: Bot) -> None:
    conversation = await start(bot)
    reply = await press(bot, conversation)
    assert isinstance(reply.act, Handoff)
    assert reply.act.reason is HandoffReason.ASKED_FOR_HUMAN
    (ticket,) = await bot.store.tickets_of(conversation.id)
    assert reply.act.ticket == ticket.id
    assert reply.wants_human
    assert await texts(bot, conversation) == [ENGLISH]


@pytest.mark.parametrize(
    ("asked", "before", "says"),
    [
        (Locale.ZH, "", CHINESE),
        (Locale.EN, "看板最多多少列？", ENGLISH),
        (None, "", ENGLISH),
        (None, "看板最多多少列？", CHINESE),
        (None, "How many columns can a board have?", ENGLISH),
    ],
)
async def test_it_speaks_the_language_of_the_conversation(
    bot: Bot, asked: Locale | None, before: str, says: str
) -> None:
    conversation = await start(bot, locale=asked)
    if before:
        await write(bot, conversation, before)
    reply = await press(bot, conversation)
    assert (await texts(bot, conversation))[-1] == says
    assert reply.locale is (Locale.ZH if says == CHINESE else Locale.EN)


@pytest.mark.parametrize("key", [None, "click"])
async def test_many_clicks_are_one_turn(bot: Bot, key: str | None) -> None:
    conversation = await start(bot)
    at_once = await asyncio.gather(*(press(bot, conversation, key) for _ in range(5)))
    later = await press(bot, conversation, key)
    assert {reply.message for reply in (*at_once, later)} == {later.message}
    assert await texts(bot, conversation) == [ENGLISH]


async def test_after_other_words_it_is_a_new_request(bot: Bot) -> None:
    conversation = await start(bot)
    first = await press(bot, conversation)
    await write(bot, conversation, "How do I create a team?")
    second = await press(bot, conversation)
    assert first.message != second.message
    assert (await texts(bot, conversation)).count(ENGLISH) == 2


async def test_clicks_around_an_answer_on_its_way_are_one(bot: Bot) -> None:
    conversation = await start(bot)
    turn = await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, "How many columns?"))
    early = await bot.person_requests.submit(conversation)
    await turn.result()
    late = await bot.person_requests.submit(conversation)
    assert early.message.id == late.message.id


@pytest.mark.parametrize("locale", list(Locale))
async def test_nobody_is_heard_in_the_words_of_a_button(bot: Bot, locale: Locale) -> None:
    conversation = await start(bot, locale=locale)
    assert (await press(bot, conversation)).tone == CALM


async def test_a_restart_finishes_it_as_a_request(bot: Bot) -> None:
    conversation = await start(bot)
    button = Message(conversation.id, Author.CUSTOMER, "columns", wants_human=True)
    await bot.store.accept(button)
    events = [event async for event in _respond(bot, button)]
    reply = events[-1]
    assert isinstance(reply, Reply)
    assert reply.decision is DecisionKind.HANDOFF
    assert "retrieve" not in [e.stage.value for e in events if isinstance(e, StageStarted)]


async def _respond(bot: Bot, message: Message):  # type: ignore[no-untyped-def]
    (lost,) = await bot.store.unfinished()
    assert await bot.store.claim(lost.id, "w", lost.created_at.replace(year=9999))
    async for event in bot.dialogue.respond(lost, "w"):
        yield event


async def test_whoever_has_a_person_already_is_heard_by_that_person(bot: Bot) -> None:
    conversation = await start(bot, status=ConversationStatus.OPEN)
    reply = await press(bot, conversation)
    assert reply.decision is DecisionKind.SILENT
    assert await texts(bot, conversation) == [ENGLISH]


@pytest.mark.parametrize("locale", list(Locale))
def test_its_words_alone_say_it_too(locale: Locale) -> None:
    words = PromptFiles().text("person", locale, "request")
    assert IntentClassifier.load().classify(words).intent is Intent.PERSON
