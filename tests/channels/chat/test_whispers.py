"""Who clicked is told in their language, where they can be."""

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.place import Place
from bot.channels.chat.program import Click
from bot.channels.chat.support import ACT
from bot.channels.chat.whispers import Whispers
from bot.domain.conversation import Locale
from bot.domain.outbox import DeskUnavailable
from tests.channels.chat.program import TEAM, FakeProgram, refused, text_of

AT = Place(TEAM, "C7", "m0")


@pytest.fixture
def parley() -> FakeProgram:
    return FakeProgram()


async def tell(parley: FakeProgram, at: Place | None = AT, user: str = "ann") -> None:
    click = Click("1", "an action", "", user, TEAM, at)
    await Whispers(parley.program, PromptFiles(), ACT).tell(click, "over")


async def test_each_reads_their_own_language(parley: FakeProgram) -> None:
    parley.people.locales["mei"] = Locale.ZH
    for user in ("ann", "mei"):
        await tell(parley, user=user)
    told = [(at, user, text_of(sheet)) for at, user, sheet in parley.wall.whispers]
    assert told == [
        (AT, "ann", "There was nothing left to cancel."),
        (AT, "mei", "没有可取消的人工请求。"),
    ]


async def test_who_cannot_be_told_is_not(parley: FakeProgram) -> None:
    parley.wall.failures["whisper"] = refused()
    await tell(parley)
    await tell(parley, at=None)
    assert parley.wall.whispers == []


async def test_it_is_tried_again_where_that_may_help(parley: FakeProgram) -> None:
    parley.wall.failures["whisper"] = DeskUnavailable("down")
    with pytest.raises(DeskUnavailable):
        await tell(parley)
