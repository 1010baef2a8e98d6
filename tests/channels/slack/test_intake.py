"""What cannot wait is done before the acknowledgement; all is committed first and handled later."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.channels.chat import intake
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskUnavailable
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.slack_server import Json

WRONG = {"response_action": "errors", "errors": {"text": "Say something"}}


class Form:
    """A part of the channel that has a form."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.failure: Exception | None = None
        self.hangs = False

    async def react(self, event: InboundEvent) -> Mapping[str, Any] | None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return WRONG

    async def handle(self, event: InboundEvent) -> None:
        self.handled.append(event.kind)


@pytest.fixture
def form() -> Form:
    return Form()


@pytest.fixture
async def office(form: Form) -> AsyncIterator[SlackOffice]:
    async with slack_office() as office:
        office.parts.handlers.add("form:test", form.handle)
        office.parts.handlers.add_reaction("form:test", form.react)
        yield office


def submitted(office: SlackOffice) -> Json:
    return office.slack.submission({"callback_id": "test"})


async def test_the_acknowledgement_says_what_is_wrong(office: SlackOffice, form: Form) -> None:
    body = submitted(office)
    for _ in range(2):
        answer = await office.post(body)
        assert (answer.status_code, answer.json()) == (200, WRONG)
    await office.work()
    assert form.handled == ["form:test"]


async def test_a_reaction_that_fails_is_acknowledged_all_the_same(
    office: SlackOffice, form: Form
) -> None:
    form.failure = DeskUnavailable("down")
    answer = await office.post(submitted(office))
    assert (answer.status_code, answer.text) == (200, "")
    await office.work()
    assert form.handled == ["form:test"]


async def test_a_reaction_that_takes_too_long_is_given_up(
    office: SlackOffice, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "REACTION_S", 0.01)
    form.hangs = True
    answer = await office.post(submitted(office))
    assert (answer.status_code, answer.text) == (200, "")


async def test_what_nobody_handles_is_not_kept(office: SlackOffice) -> None:
    body = office.slack.submission({"callback_id": "unheard"})
    assert (await office.post(body)).status_code == 200
    assert await office.parts.worker.work_off() == 0


async def test_over_a_socket_the_acknowledgement_says_it_too(form: Form) -> None:
    async with slack_office(settings_of(socket=True, http=False), running=True) as office:
        office.parts.handlers.add("form:test", form.handle)
        office.parts.handlers.add_reaction("form:test", form.react)
        await office.slack.socket.has_connected()
        envelope = await office.slack.socket.push(submitted(office), "interactive")
        assert (await office.slack.socket.answered(envelope))["payload"] == WRONG
