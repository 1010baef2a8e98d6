"""A thumb counts at once; what went wrong is asked in a form, and comes in any order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.channels.chat.answers import FEEDBACK
from bot.channels.chat.feedback import COMMENT, DIALOG, AnswerFeedback
from bot.domain.conversation import Locale
from bot.domain.feedback import Feedback, Rating
from bot.domain.inbound import InboundEvent
from bot.services.feedback import FeedbackCollector
from tests.channels.chat.talk import ANN, GROUP, Talk, talk


@dataclass
class Rated:
    held: Talk
    message: str
    rated: list[Rating] = field(default_factory=list)

    def __post_init__(self) -> None:
        held, collector = self.held, FeedbackCollector(self.held.store)
        collector.observe(self.rated.append)
        self.feedback = AnswerFeedback(held.program, held.store, collector, held.prompts, Locale.EN)

    def click(self, value: str) -> InboundEvent:
        return self.held.fake.clicked(FEEDBACK, value, ANN, GROUP, "m1")

    async def rate(self, rating: str) -> None:
        await self.feedback.rate(self.click(f"{rating}.{self.message}"))

    async def comment(self, text: str) -> None:
        await self.feedback.open_dialog(self.click(f"down.{self.message}"))
        await self.feedback.comment(self.held.fake.sent(ANN, **{COMMENT: text}))

    async def given(self) -> Feedback | None:
        return (await self.held.store.feedback([self.message])).get(self.message)


@pytest.fixture
async def thread() -> AsyncIterator[Rated]:
    async with talk() as held:
        reply = await held.answer(await held.ask(await held.begin()))
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


@pytest.mark.parametrize("value", ["", "up", "up.unknown", "sideways.unknown", "."])
async def test_a_rating_of_nothing_is_left_alone(thread: Rated, value: str) -> None:
    event = thread.click(value)
    await thread.feedback.rate(event)
    await thread.feedback.open_dialog(event)
    assert thread.rated == []
    assert thread.held.fake.forms.opened == []
