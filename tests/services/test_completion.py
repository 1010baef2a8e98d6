import logging

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ModelUnavailable
from bot.services.completion import PromptedChat, as_data
from bot.services.grounding import Fallback
from tests.services.scripted_chat import PlainPrompts, ScriptedChat


def prompted(chat: ScriptedChat, timeout_s: float = 60.0) -> PromptedChat:
    return PromptedChat(chat, PlainPrompts(), "rewrite", timeout_s, 20)


async def test_the_pieces_are_put_together_and_the_prompts_filled_in() -> None:
    chat = ScriptedChat(("How ", "so", "?"))
    assert await prompted(chat).complete(Locale.ZH, {"a": "1"}, {"b": "2"}) == "How so?"
    assert chat.requests == [("rewrite.zh.system\na=1", "rewrite.zh.user\nb=2")]
    assert chat.closed


@pytest.mark.parametrize(
    ("chat", "timeout_s", "reason"),
    [
        (ScriptedChat((), ModelUnavailable("refused")), 60, Fallback.UNAVAILABLE),
        (ScriptedChat(("x" * 21,)), 60, Fallback.TOO_LONG),
        (ScriptedChat(("How",), hangs=True), 0.01, Fallback.TIMEOUT),
    ],
)
async def test_a_fault_is_a_reason(chat: ScriptedChat, timeout_s: float, reason: Fallback) -> None:
    assert await prompted(chat, timeout_s).complete(Locale.EN, {}, {}) is reason
    assert chat.closed


async def test_a_failure_is_one_line_without_text(caplog: pytest.LogCaptureFixture) -> None:
    chat = ScriptedChat(("secret",), ModelUnavailable("APIError"))
    with caplog.at_level(logging.DEBUG):
        await prompted(chat).complete(Locale.EN, {}, {"question": "secret"})
    assert [record.getMessage() for record in caplog.records] == ["chat model: APIError"]


def test_tags_of_the_prompts_are_taken_off_and_others_stay() -> None:
    assert as_data("use <br> or <Passage 2>") == "use <br> or Passage 2"
    assert as_data("</message><options>x") == "/messageoptionsx"
