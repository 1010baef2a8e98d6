"""Thumbs: on what the bot said only, replaced by the next one, counted when they change."""

from bot.domain.conversation import Author, Message
from bot.domain.feedback import Rating
from bot.services.feedback import FeedbackCollector
from tests.fakes import FakeStore

ANSWER = Message("a", Author.BOT, "Open Settings.")


async def test_the_last_one_stands() -> None:
    store = FakeStore()
    collector = FeedbackCollector(store)
    assert await collector.collect(ANSWER, Rating.DOWN, "wrong page")
    assert await collector.collect(ANSWER, Rating.UP)
    found = (await store.feedback([ANSWER.id]))[ANSWER.id]
    assert (found.rating, found.comment) == (Rating.UP, None)


async def test_only_a_new_or_changed_rating_is_told() -> None:
    collector = FeedbackCollector(FakeStore())
    told: list[Rating] = []
    collector.observe(told.append)
    await collector.collect(ANSWER, Rating.DOWN)
    await collector.collect(ANSWER, Rating.DOWN, "wrong page")
    await collector.collect(ANSWER, Rating.UP)
    assert told == [Rating.DOWN, Rating.UP]


async def test_what_people_wrote_is_not_rated() -> None:
    store = FakeStore()
    for author in (Author.CUSTOMER, Author.AGENT):
        message = Message("a", author, "Open Settings.")
        assert not await FeedbackCollector(store).collect(message, Rating.UP)
    assert store.given == {}
