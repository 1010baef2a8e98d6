"""Lines: what people wrote is data in them, whatever marks it holds."""

from datetime import UTC, datetime

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.text import Bold, Faint, Line, Link, Mention, Moment, Words, plain_line
from bot.domain.conversation import Locale

WORDS = Words(PromptFiles(), "chat", Locale.EN)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_value_is_data() -> None:
    evil = "**Lee** $user <!channel> [x](y)"
    assert WORDS.line("from_agent", agent=evil) == (evil, ", from the support team")
    assert WORDS.text("from_agent", agent=evil) == f"{evil}, from the support team"


def test_a_span_keeps_what_it_is() -> None:
    line = WORDS.line("shared_by", user=Mention("U1"))
    assert line == (Mention("U1"), " asked, and shared the answer:")


def test_our_own_marks_are_bold() -> None:
    words = Words(PromptFiles(), "chat_desk", Locale.EN)
    assert words.line("nobody_has") == (Bold("Nobody has it yet."),)
    assert words.line("has", agent="**L**") == (Bold("**L**"), " has it.")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ((Bold("b"), " ", Faint("f")), "b f"),
        ((Link("label", "https://a.example"),), "label"),
        ((Link("", "https://a.example"),), "https://a.example"),
        ((Moment(NOON, "noon"), " ", Mention("U1")), "noon @U1"),
    ],
)
def test_the_words_alone(line: Line, shown: str) -> None:
    assert plain_line(line) == shown
