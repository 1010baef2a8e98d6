"""What a reply answers, and which of its sources have no page for its readers."""

from dataclasses import replace

import pytest

from bot.channels.chat.answered import before, hidden_of, is_public, is_unseen, question_of
from bot.domain.conversation import Author, Message
from bot.domain.knowledge import ArticlePage
from bot.ports import IndexStatus
from tests.channels.chat.talk import talk
from tests.fakes import reply_to


async def test_a_reply_answers_its_own_question() -> None:
    async with talk() as held:
        conversation = await held.begin()
        first = await held.ask(conversation, "One?", "1")
        second = await held.ask(conversation, "Two?", "2")
        replies = [await held.answer(one) for one in (first, second)]
        history = await held.store.messages(conversation.id)
        for reply, question in zip(replies, (first, second), strict=True):
            message = await held.store.message(reply.message or "")
            assert message is not None
            assert await question_of(held.store, history, message) == question
            assert message not in before(history, message)
        notice = Message(conversation.id, Author.SYSTEM, "Noted.")
        assert await question_of(held.store, history, notice) is None


@pytest.mark.parametrize(("internal", "hidden"), [(True, 1), (False, 0)])
async def test_internal_articles_have_no_page(internal: bool, hidden: int) -> None:
    async with talk() as held:
        conversation = await held.begin(internal=internal)
        reply = replace(reply_to(await held.ask(conversation)), conversation=conversation.id)
        paths = await hidden_of(held.retriever, conversation, reply)
        assert len(paths) == hidden


async def test_everybody_may_read_what_is_from_public_articles_alone() -> None:
    async with talk() as held:
        reply = reply_to(await held.ask(await held.begin()))
        assert not await is_public(held.retriever, reply)
        for one in reply.citations:
            page = ArticlePage(one.path, one.title, reply.locale, ())
            held.retriever.articles[one.path] = page
        assert await is_public(held.retriever, reply)
        held.retriever.index = IndexStatus(None)
        assert not await is_public(held.retriever, reply)


@pytest.mark.parametrize(
    ("key", "unseen"), [("ask/1", True), ("click/1", True), ("T1/C1/1.1", False), (None, False)]
)
def test_what_was_asked_without_a_message_is_seen_by_nobody(key: str | None, unseen: bool) -> None:
    assert is_unseen(Message("c", Author.CUSTOMER, "?", client_message_id=key)) == unseen
