"""The assistant pane begins with something to ask, in the language of who opens it."""

import pytest

from bot.channels.slack.events import read_event
from tests.channels.slack.talk import talk
from tests.slack_server import ANN, DIRECT, refused


@pytest.mark.parametrize(
    ("locale", "first"), [("en-GB", "What can you do?"), ("zh-CN", "你能做什么？"), ("fr", None)]
)
@pytest.mark.parametrize("kind", ["assistant_thread_started", "assistant_thread_context_changed"])
async def test_prompts_are_suggested(locale: str, first: str | None, kind: str) -> None:
    async with talk() as held:
        held.server.workspace.users[ANN]["locale"] = locale
        opened = {"user_id": ANN, "channel_id": DIRECT, "thread_ts": "1.1", "context": {}}
        body = held.server.event({"type": kind, "assistant_thread": opened})
        event = read_event(body)
        assert event is not None
        assert event.kind == kind
        await held.assistant.suggest(event)
        [told] = held.server.called("assistant.threads.setSuggestedPrompts")
        assert 1 <= len(told["prompts"]) <= 4
        assert told["prompts"][0]["message"] == first or first is None
        held.server.fail("assistant.threads.setSuggestedPrompts", refused("missing_scope"))
        await held.assistant.suggest(event)  # and nobody is the worse for it


@pytest.mark.parametrize(
    ("error", "goes_on"), [("channel_not_found", True), ("missing_scope", False)]
)
async def test_one_thread_that_is_no_pane_says_nothing_of_the_others(
    error: str, goes_on: bool
) -> None:
    async with talk() as held:
        held.server.fail("assistant.threads.setStatus", refused(error))
        for _ in range(2):
            await held.assistant.end(held.place(DIRECT))
        assert len(held.server.called("assistant.threads.setStatus")) == 1 + goes_on
