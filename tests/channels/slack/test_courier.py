"""What was said reaches its thread, once, whatever Slack answers."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.slack.refusals import SlackOutcomeUnknown
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.knowledge import ArticlePage
from bot.domain.outbox import DeskRefused
from bot.domain.reply import Handoff, HandoffReason, Reply
from tests.channels.slack.talk import TEXT, Talk, talk
from tests.fakes import reply_to
from tests.slack_server import RESET_AFTER, rate_limited, refused


@pytest.fixture
async def thread() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


async def begun(held: Talk, internal: bool = False) -> tuple[Conversation, Message]:
    conversation = await held.begin(held.place(), internal)
    return conversation, await held.ask(conversation)


async def test_an_answer_stands_in_its_thread_and_unfolds_nothing(thread: Talk) -> None:
    conversation, question = await begun(thread)
    await thread.deliver(conversation, await thread.answer(question))
    [post] = thread.server.posted()
    assert f"T1/C1/{post['thread_ts']}" == conversation.address
    assert (post["unfurl_links"], post["unfurl_media"]) == (False, False)
    assert "https://help.example.com/kb/en/administration/teams.md#create-a-team" in str(post)


async def test_the_same_message_again_changes_nothing(thread: Talk) -> None:
    conversation, question = await begun(thread)
    reply = await thread.answer(question)
    for _ in range(3):
        await thread.deliver(conversation, reply)
    assert len(thread.server.posted()) == 1


async def test_what_may_have_been_posted_is_looked_for_first(thread: Talk) -> None:
    conversation, question = await begun(thread)
    reply = await thread.answer(question)
    thread.server.fail("chat.postMessage", RESET_AFTER)
    with pytest.raises(SlackOutcomeUnknown):
        await thread.deliver(conversation, reply)
    await thread.deliver(conversation, reply)
    assert len(thread.server.posted()) == 1


async def test_slack_is_asked_again_when_it_says(thread: Talk) -> None:
    conversation, question = await begun(thread)
    reply = await thread.answer(question)
    thread.server.fail("chat.postMessage", rate_limited(7))
    with pytest.raises(Exception, match="off") as waiting:
        await thread.deliver(conversation, reply)
    assert getattr(waiting.value, "retry_after_s", None) == 7


@pytest.mark.parametrize("code", ["is_archived", "thread_not_found", "token_revoked"])
async def test_what_slack_never_takes_says_the_way_out(thread: Talk, code: str) -> None:
    conversation, question = await begun(thread)
    thread.server.fail("chat.postMessage", refused(code))
    with pytest.raises(DeskRefused, match=code):
        await thread.deliver(conversation, await thread.answer(question))


async def test_a_layout_that_slack_does_not_take_costs_the_buttons_alone(thread: Talk) -> None:
    conversation, question = await begun(thread)
    thread.server.fail("chat.postMessage", refused("invalid_blocks"))
    await thread.deliver(conversation, await thread.answer(question))
    [post] = thread.server.posted()
    texts = [one["text"]["text"] for one in post["blocks"]]
    assert texts == ["Open *Settings* [1].", "Then choose _Teams_ [1]."]


async def test_an_agent_is_named(thread: Talk) -> None:
    conversation, _ = await begun(thread)
    said = Message(conversation.id, Author.AGENT, "It works <!channel>", agent="agent-1")
    await thread.courier.deliver(conversation, said)
    [post] = thread.server.posted()
    assert "It works &lt;!channel&gt;" in str(post["blocks"])
    assert "Lee, from the support team" in str(post["blocks"])


async def test_a_notice_is_told_unless_the_reply_says_it(thread: Talk) -> None:
    conversation, question = await begun(thread)
    handed = replace(reply_to(question), act=Handoff("T-1 is open.", HandoffReason.URGENT))
    await thread.answer(question, handed)
    opened = Message(conversation.id, Author.SYSTEM, "Ticket T-1 is open.")
    resolved = Message(conversation.id, Author.SYSTEM, "Ticket T-1 is resolved.")
    for notice in (opened, resolved):
        await thread.store.accept(notice)
    for notice in (opened, resolved):
        await thread.courier.deliver(conversation, notice)
    assert [post["text"] for post in thread.server.posted()] == ["Ticket T-1 is resolved."]


async def test_a_choice_is_shown_above_its_answer(thread: Talk) -> None:
    conversation = await thread.begin(thread.place())
    question = await thread.ask(conversation, "Teams & <roles>", key="click/1")
    await thread.deliver(conversation, await thread.answer(question))
    assert "> Teams &amp; &lt;roles&gt;" in str(thread.server.posted()[0]["blocks"][0])


async def test_an_internal_article_is_named_and_not_linked(thread: Talk) -> None:
    path = "en/administration/teams.md"
    conversation, question = await begun(thread, internal=True)
    await thread.deliver(conversation, await thread.answer(question))
    assert "/kb/" not in str(thread.server.posted()[0]["blocks"])
    thread.retriever.articles[path] = ArticlePage(path, "Teams", reply_to(question).locale, ())
    other, asked = await begun(thread, internal=True)
    await thread.deliver(other, await thread.answer(asked))
    assert "/kb/" in str(thread.server.posted()[1]["blocks"])


async def test_a_conversation_from_nowhere_is_refused(thread: Talk) -> None:
    conversation = Conversation("slack")
    with pytest.raises(DeskRefused):
        await thread.courier.deliver(conversation, Message(conversation.id, Author.BOT, "Hi"))


async def test_a_post_that_was_deleted_meanwhile_is_made_again(thread: Talk) -> None:
    conversation, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    [post] = thread.server.posted()
    thread.server.channel.messages.remove(post)
    reply: Reply = await thread.answer(question)
    turn.publish(reply)
    turn.end()
    await thread.deliver(conversation, reply)
    assert [TEXT.split()[0] in one["text"] for one in thread.server.posted()] == [True]
