"""A thumb counts at once; what went wrong is asked in a form, and comes in any order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.channels.chat.answers import FEEDBACK
from bot.channels.chat.feedback import COMMENT, DIALOG, AnswerFeedback
from bot.channels.chat.program import customer_id
from bot.domain.conversation import Locale
from bot.domain.feedback import Feedback, Rating
from bot.domain.inbound import InboundEvent
from bot.services.feedback import FeedbackCollector
from tests.channels.chat.program import CHANNEL, text_of
from tests.channels.chat.talk import ANN, BEN, GROUP, Talk, talk


@dataclass
class Rated:
    held: Talk
    message: str
    rated: list[Rating] = field(default_factory=list)

    def __post_init__(self) -> None:
        held, collector = self.held, FeedbackCollector(self.held.store)
        collector.observe(self.rated.append)
        self.feedback = AnswerFeedback(held.program, held.store, collector, held.prompts, Locale.EN)

    def click(self, value: str, user: str = ANN) -> InboundEvent:
        return self.held.fake.clicked(FEEDBACK, value, user, GROUP, "m1")

    async def rate(self, rating: str, user: str = ANN) -> None:
        await self.feedback.rate(self.click(f"{rating}.{self.message}", user))

    async def comment(self, text: str, user: str = ANN) -> None:
        await self.feedback.open_dialog(self.click(f"down.{self.message}", user))
        await self.feedback.comment(self.held.fake.sent(user, **{COMMENT: text}))

    async def kept(self) -> tuple[str, str | None] | None:
        given = await self.given()
        return (given.rating.value, given.comment) if given is not None else None

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who was told what, unseen by others."""
        return [(user, text_of(sheet)) for _, user, sheet in self.held.wall.whispers]

    async def given(self) -> Feedback | None:
        return (await self.held.store.feedback([self.message])).get(self.message)


@pytest.fixture
async def thread() -> AsyncIterator[Rated]:
    async with talk() as held:
        await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
        conversation = await held.held(GROUP)
        assert conversation is not None
        assert conversation.customer == customer_id(CHANNEL, GROUP.team, ANN)
        reply = await held.answer(await held.ask(conversation, key="2"))
        yield Rated(held, reply.message or "")


async def test_a_thumb_is_counted_once(thread: Rated) -> None:
    for _ in range(2):
        await thread.rate("up")
    assert thread.rated == [Rating.UP]


async def test_a_thumb_down_asks_why(thread: Rated) -> None:
    await thread.feedback.open_dialog(thread.click(f"up.{thread.message}"))
    assert thread.held.fake.forms.opened == []
    await thread.feedback.open_dialog(thread.click(f"down.{thread.message}"))
    [(click, form)] = thread.held.fake.forms.opened
    assert click.post == "m1"
    assert (form.action, form.value, form.title) == (DIALOG, thread.message, "What went wrong?")


@pytest.mark.parametrize("order", [("click", "form"), ("form", "click")])
async def test_what_went_wrong_stays_with_its_thumb(thread: Rated, order: tuple[str, ...]) -> None:
    for step in order:
        await (thread.rate("down") if step == "click" else thread.comment(" It is old. "))
    given = await thread.given()
    assert given is not None
    assert (given.rating, given.comment) == (Rating.DOWN, "It is old.")
    assert thread.rated == [Rating.DOWN]


async def test_a_form_may_stay_empty_and_a_changed_mind_counts(thread: Rated) -> None:
    await thread.comment("")
    await thread.rate("up")
    given = await thread.given()
    assert given is not None
    assert (given.rating, given.comment) == (Rating.UP, None)


async def test_the_rating_of_whoever_asked_stands(thread: Rated) -> None:
    await thread.comment("It is old.")
    for _ in range(2):  # as after a crash
        await thread.rate("up", BEN)
    assert await thread.kept() == ("down", "It is old.")
    assert thread.rated == [Rating.DOWN]
    assert [user for user, _ in thread.told] == [BEN, BEN]
    assert "Whoever asked this has rated the answer" in thread.told[0][1]
    await thread.rate("up")
    assert await thread.kept() == ("up", None)


async def test_somebody_else_s_counts_until_then(thread: Rated) -> None:
    await thread.comment("I miss a picture.", BEN)
    assert await thread.kept() == ("down", "I miss a picture.")
    await thread.rate("up")
    assert await thread.kept() == ("up", None)
    await thread.rate("down", BEN)
    assert await thread.kept() == ("up", None)
    assert thread.rated == [Rating.DOWN, Rating.UP]


async def test_somebody_else_is_not_asked_what_would_not_count(thread: Rated) -> None:
    down = thread.click(f"down.{thread.message}", BEN)
    await thread.feedback.open_dialog(down)
    await thread.comment("It is old.")
    late = thread.held.fake.sent(BEN, **{COMMENT: "Mine"})  # was open by then
    await thread.feedback.comment(late)
    opened = len(thread.held.fake.forms.opened)
    await thread.feedback.open_dialog(down)
    assert len(thread.held.fake.forms.opened) == opened
    assert await thread.kept() == ("down", "It is old.")
    assert [user for user, _ in thread.told] == [BEN]


async def test_who_agrees_with_somebody_else_has_rated_it(thread: Rated) -> None:
    await thread.comment("I miss a picture.", BEN)
    await thread.rate("down")
    await thread.rate("up", BEN)
    assert await thread.kept() == ("down", "I miss a picture.")


@pytest.mark.parametrize("value", ["", "up", "up.unknown", "sideways.unknown", "."])
async def test_a_rating_of_nothing_is_left_alone(thread: Rated, value: str) -> None:
    event = thread.click(value)
    await thread.feedback.rate(event)
    await thread.feedback.open_dialog(event)
    assert thread.rated == []
    assert thread.held.fake.forms.opened == []
