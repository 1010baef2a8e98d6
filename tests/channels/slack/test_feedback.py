"""A thumb counts at once; what went wrong is asked in a dialog, and comes in any order."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.channels.chat.feedback import COMMENT, DIALOG, AnswerFeedback
from bot.channels.slack.drawing import draw_form
from bot.channels.slack.events import kind_of, read_event
from bot.domain.conversation import Locale
from bot.domain.feedback import Feedback, Rating
from bot.services.feedback import FeedbackCollector
from tests.channels.slack.goldens import check_golden, check_view
from tests.channels.slack.talk import Talk, talk
from tests.slack_server import Json


@dataclass
class Rated:
    held: Talk
    rated: list[Rating] = field(default_factory=list)
    message: str = ""

    def __post_init__(self) -> None:
        collector = FeedbackCollector(self.held.store)
        collector.observe(self.rated.append)
        self.feedback = AnswerFeedback(
            self.held.program, self.held.store, collector, self.held.prompts, Locale.EN
        )

    async def answer(self) -> None:
        conversation = await self.held.begin(self.held.place())
        reply = await self.held.answer(await self.held.ask(conversation))
        await self.held.deliver(conversation, reply)
        self.message = reply.message or ""

    def click(self, rating: str) -> Json:
        [post] = self.held.server.posted()
        value = f"{rating}.{self.message}"
        return self.held.server.action("feedback", value, post["ts"], type="feedback_buttons")

    async def rate(self, rating: str) -> None:
        event = read_event(self.click(rating))
        assert event is not None
        assert event.kind == "click:feedback"
        await self.feedback.rate(event)

    async def open_dialog(self, body: Json) -> None:
        event = read_event(body)
        assert event is not None
        await self.feedback.open_dialog(event)

    async def comment(self, text: str | None) -> None:
        await self.open_dialog(self.click("down"))
        view = self.held.server.workspace.views[-1]
        body = self.held.server.submission(view, {COMMENT: {COMMENT: {"value": text}}})
        assert kind_of(body) == f"form:{DIALOG}"
        event = read_event(body)
        assert event is not None
        await self.feedback.comment(event)

    async def given(self) -> Feedback | None:
        return (await self.held.store.feedback([self.message])).get(self.message)


@pytest.fixture
async def thread() -> AsyncIterator[Rated]:
    async with talk() as held:
        rated = Rated(held)
        await rated.answer()
        yield rated


async def test_a_thumb_down_opens_the_dialog(thread: Rated) -> None:
    await thread.open_dialog(thread.click("up"))
    assert thread.held.server.workspace.views == []
    await thread.open_dialog(thread.click("down"))
    [view] = thread.held.server.workspace.views
    assert json.loads(view["private_metadata"])["value"] == thread.message


@pytest.mark.parametrize("locale", Locale)
def test_the_dialog_is_what_was_reviewed(thread: Rated, locale: Locale) -> None:
    view = draw_form(thread.feedback.dialog("a1" * 16, locale))
    check_view(view)
    check_golden(f"dislike.{locale.value}", view)


async def test_what_went_wrong_stays_with_its_thumb(thread: Rated) -> None:
    await thread.rate("down")
    await thread.comment(" It is old. ")
    given = await thread.given()
    assert given is not None
    assert (given.rating, given.comment) == (Rating.DOWN, "It is old.")


async def test_a_dialog_may_stay_empty(thread: Rated) -> None:
    await thread.comment(None)
    given = await thread.given()
    assert given is not None
    assert given.comment is None
