from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import Bot
from bot.domain.conversation import Author, Conversation, ConversationStatus, Locale, Message, now
from bot.domain.reply import DecisionKind, HandoffReason
from bot.domain.understanding import ToneLabel
from bot.services.live_conversations import LIVE, LiveConversations, UnknownConversation
from tests.services.test_handoff import PERSON, QUESTION, staffed_bot, start, status_of, write


@pytest.fixture
def bot() -> Bot:
    return staffed_bot(MemoryStore())


@pytest.fixture
def live(bot: Bot) -> LiveConversations:
    return bot.hand_over.live


async def test_what_the_bot_has_is_seen_with_its_tone(bot: Bot, live: LiveConversations) -> None:
    conversation = await start(bot)
    await write(bot, conversation, QUESTION)
    await write(bot, conversation, "Hm, that did not help me.")
    [row] = await live.look()
    assert row.live.conversation.id == conversation.id
    assert row.live.last.author is Author.BOT
    assert row.course[0].label is ToneLabel.CALM
    assert row.course[-1].score > row.course[0].score
    assert await live.count() == 1


async def test_what_is_over_or_with_a_person_or_elsewhere_is_not(
    bot: Bot, live: LiveConversations
) -> None:
    taken, terminal, old = await start(bot), await start(bot, channel="terminal"), await start(bot)
    await write(bot, taken, PERSON)
    await write(bot, terminal, QUESTION)
    long_ago = now() - LIVE - timedelta(minutes=1)
    await bot.store.accept(Message(old.id, Author.CUSTOMER, "?", created_at=long_ago))
    assert list(await live.look()) == []


async def test_an_agent_steps_in_and_the_bot_is_mute(bot: Bot, live: LiveConversations) -> None:
    conversation = await start(bot)
    await write(bot, conversation, QUESTION)
    ticket = await live.take_over(conversation.id, "a-1")
    assert (ticket.reason, ticket.assignee) == (HandoffReason.AGENT_TOOK_OVER, "a-1")
    assert await status_of(bot, conversation) is ConversationStatus.OPEN
    assert (await write(bot, conversation, QUESTION)).decision is DecisionKind.SILENT
    assert (await live.take_over(conversation.id, "a-2")).id == ticket.id
    heard = await live.open(conversation.id)
    assert heard.ticket is not None
    assert (heard.ticket.id, heard.open_to_agents) == (ticket.id, False)


@pytest.mark.parametrize(
    ("locale", "text", "spoken"),
    [
        (Locale.ZH, "", Locale.ZH),
        (None, "", Locale.EN),
        (Locale.EN, "怎么创建团队？这个看板找不到了", Locale.ZH),
    ],
)
async def test_the_notice_is_in_the_customers_language(
    bot: Bot, live: LiveConversations, locale: Locale | None, text: str, spoken: Locale
) -> None:
    conversation = await start(bot, locale=locale if not text else None)
    if text:
        await write(bot, conversation, text)
    assert (await live.take_over(conversation.id, "a-1")).packet.locale is spoken


async def test_where_no_agent_can_write_none_steps_in(bot: Bot, live: LiveConversations) -> None:
    terminal = await start(bot, channel="terminal")
    assert not (await live.open(terminal.id)).open_to_agents
    for unreachable in (terminal.id, "0" * 32):
        with pytest.raises(UnknownConversation):
            await live.take_over(unreachable, "a-1")
    with pytest.raises(UnknownConversation):
        await live.open("0" * 32)


async def test_whose_ticket_was_merged_has_a_person_already(
    bot: Bot, live: LiveConversations
) -> None:
    one, other = await start(bot), await start(bot)
    for conversation in (one, other):
        await write(bot, conversation, PERSON)
    [ticket], [absorbed] = [await bot.store.tickets_of(each.id) for each in (one, other)]
    await bot.hand_over.casework.merge(absorbed.id, "a-1", ticket.id)
    assert (await live.take_over(other.id, "a-2")).id == ticket.id
    assert len(await bot.store.tickets_of(other.id)) == 1


async def test_what_was_said_is_told_with_how_it_stands(bot: Bot, live: LiveConversations) -> None:
    conversation: Conversation = await start(bot)
    await write(bot, conversation, QUESTION)
    heard = await live.open(conversation.id)
    assert [message.author for message in heard.messages] == [Author.CUSTOMER, Author.BOT]
    assert set(heard.tones) == {heard.messages[0].id}
    assert set(heard.replies) == {heard.messages[1].id}
    assert heard.open_to_agents
    assert heard.conversation == replace(conversation, status=ConversationStatus.PENDING)
