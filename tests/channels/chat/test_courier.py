"""Each message is one post, however often it is delivered and whoever began it."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.relay import answer_key
from bot.channels.chat.sheet import Quote, Sheet
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.adapters.test_ticket_store import opened
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, FakeProgram, small_of
from tests.channels.chat.talk import GROUP, PRIVATE, TEXT, Talk, talk


@pytest.fixture
async def held() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


@pytest.mark.parametrize("completes", [True, False])
async def test_what_was_begun_becomes_the_answer(held: Talk, completes: bool) -> None:
    held.screen.completes = completes
    conversation, question, turn = await held.at_work()
    reply = await held.answer(question)
    turn.publish(reply)
    turn.end()
    for _ in range(2):
        await held.deliver(conversation, reply)
    assert held.answers == [TEXT]
    assert held.wall.changed == 1
    post = await held.store.post(CHANNEL, answer_key(question.id))
    assert post is not None
    assert post.state is PostState.FINAL


async def test_another_process_makes_final_what_one_began(held: Talk) -> None:
    conversation, question, _turn = await held.at_work()
    await held.presenter.close()
    reply = await held.answer(question)
    held.presenter = held.new_presenter()
    held.courier = held.new_courier()
    await held.deliver(conversation, reply)
    assert held.answers == [TEXT]


async def test_what_was_put_up_and_not_written_down_is_found(held: Talk) -> None:
    conversation, question, _turn = await held.at_work()
    await held.presenter.close()
    post = await held.store.post(CHANNEL, answer_key(question.id))
    assert post is not None
    await held.store.save_post(replace(post, reference="", state=PostState.PROVISIONAL))
    await held.deliver(conversation, await held.answer(question))
    assert held.answers == [TEXT]
    kept = await held.store.post(CHANNEL, answer_key(question.id))
    assert kept is not None
    assert kept.reference == held.wall.posts[-1].reference


async def test_a_post_that_is_gone_is_put_up_anew(held: Talk) -> None:
    conversation, question, turn = await held.at_work()
    held.wall.delete(held.screen.posts[0].reference)
    reply = await held.answer(question)
    turn.publish(reply)
    turn.end()
    await held.deliver(conversation, reply)
    assert held.answers == [TEXT]


async def test_a_lost_answer_posts_nothing_twice(held: Talk) -> None:
    conversation = await held.begin()
    reply = await held.answer(await held.ask(conversation))
    held.wall.lost = 1
    for _ in range(3):
        with suppress(DeskUnavailable):
            await held.deliver(conversation, reply)
    assert held.answers == [TEXT]


async def test_what_another_process_begins_at_that_moment_is_made_final(held: Talk) -> None:
    conversation = await held.begin()
    question = await held.ask(conversation)
    begin_post = held.store.begin_post

    async def be_late(post: Post) -> bool:
        held.store.begin_post = begin_post  # type: ignore[method-assign]
        reference = await held.wall.put(post.key, GROUP, Sheet("Looking…"))
        await held.store.save_post(replace(post, reference=reference))
        return await begin_post(post)

    held.store.begin_post = be_late  # type: ignore[method-assign]
    await held.deliver(conversation, await held.answer(question))
    assert held.answers == [TEXT]
    assert len(held.wall.posts) == 2


async def test_a_person_s_words_are_theirs_and_notices_are_small(held: Talk) -> None:
    conversation = await held.begin()
    for author, text, agent in (
        (Author.AGENT, "I had a look.", "agent-1"),
        (Author.SYSTEM, "Ticket T-7 is resolved.", None),
        (Author.CUSTOMER, "Thanks!", None),
    ):
        await held.courier.deliver(
            conversation, Message(conversation.id, author, text, agent=agent)
        )
    _, words, notice = held.wall.posts
    assert small_of(words.sheet) == ["Lee, from the support team"]
    assert small_of(notice.sheet) == ["Ticket T-7 is resolved."]


async def test_an_internal_article_without_a_page_is_not_linked(held: Talk) -> None:
    conversation = await held.begin(internal=True)
    reply = await held.answer(await held.ask(conversation))
    await held.deliver(conversation, reply)
    assert "/kb/" not in str(held.wall.posts[-1].sheet)


async def test_what_was_asked_by_a_click_stands_above_its_answer(held: Talk) -> None:
    conversation = await held.begin()
    reply = await held.answer(await held.ask(conversation, "Boards", key="click/1"))
    await held.deliver(conversation, reply)
    assert isinstance(held.wall.posts[-1].sheet.parts[0], Quote)


@pytest.mark.parametrize("address", [None, Place(TEAM, ROOM, None, "ann").address])
async def test_where_nobody_would_see_it_it_is_refused(held: Talk, address: str | None) -> None:
    conversation = Conversation(CHANNEL, address=address)
    await held.store.add_conversation(conversation)
    said = Message(conversation.id, Author.AGENT, "Hello")
    with pytest.raises(DeskRefused):
        await held.courier.deliver(conversation, said)


async def test_a_person_s_word_into_an_older_talk_goes_on_with_that_one() -> None:
    async with talk(FakeProgram(has_threads=False)) as held:
        old = await held.begin(PRIVATE)
        held.clock.advance(timedelta(days=1))
        new = Conversation(CHANNEL, address=PRIVATE.address, created_at=held.clock())
        since = held.clock() - timedelta(hours=12)
        await held.store.renew_thread(CHANNEL, PRIVATE.address, new, since, "2")
        said = Message(new.id, Author.SYSTEM, "Noted.")
        await held.courier.deliver(old, said)
        assert await held.held(PRIVATE) == new
        await held.courier.deliver(old, Message(old.id, Author.AGENT, "I had a look."))
        assert await held.held(PRIVATE) == old
        assert [post.place for post in held.wall.posts] == [PRIVATE, PRIVATE]


async def test_who_is_handed_over_goes_on_with_that_talk() -> None:
    async with talk(FakeProgram(has_threads=False)) as held:
        old, new = await held.begin(PRIVATE), Conversation(CHANNEL, address=PRIVATE.address)
        await held.store.add_conversation(new)
        await held.store.hold_thread(CHANNEL, PRIVATE.address, new.id)
        await opened(held.store, old)
        kept = await held.store.conversation(old.id)
        assert kept is not None
        await held.courier.deliver(kept, Message(old.id, Author.SYSTEM, "Ticket T-7 is open."))
        assert await held.held(PRIVATE) == kept


async def test_threads_hold_what_they_hold(held: Talk) -> None:
    old = await held.begin()
    await held.courier.deliver(old, Message(old.id, Author.AGENT, "I had a look."))
    assert await held.held(GROUP) == old
