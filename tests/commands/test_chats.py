"""A check of a chat program tells what it found, and fails where something is missing."""

from collections.abc import Sequence

import pytest

from bot.channels.chat.rooms import Rooms
from bot.commands.chats import rooms_of, tell_check
from bot.domain.desk_news import Finding
from bot.domain.errors import BotError
from bot.sections.chat import ChatSection

GOOD, MISSING = Finding("a token"), Finding("a channel", "invite the bot")


async def look(*findings: Finding) -> Sequence[Finding]:
    return findings


def test_what_is_missing_is_told_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BotError, match="1 of 2 checks failed"):
        tell_check(look(GOOD, MISSING), as_json=False)
    told = capsys.readouterr().out.splitlines()
    assert told == ["ok       a token", "MISSING  a channel: invite the bot"]


def test_where_all_is_there_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    tell_check(look(GOOD), as_json=False)
    assert "a token" in capsys.readouterr().out


def test_rooms_are_those_of_the_settings() -> None:
    section = ChatSection(triage_channel="C1", auto_channels=("C2",), internal_channels=("C3",))
    assert rooms_of(section) == Rooms("C1", auto=("C2",), internal=("C3",))
