"""What is known of chats and of the bot is asked once."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.feishu.chats import Chats
from bot.channels.feishu.refusals import FeishuRefused
from tests.channels.feishu.room import Room, room
from tests.feishu_server import ANN, ANNS_CHAT, BOT, BROKEN, GROUP


@pytest.fixture
async def hall() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


async def test_private_chats_are_told_from_groups(hall: Room) -> None:
    for _ in range(2):
        assert await hall.chats.is_private(ANNS_CHAT)
        assert not await hall.chats.is_private(GROUP)
    assert len(hall.feishu.called("chat")) == 2
    hall.chats.learn("oc_new", is_private=True)
    assert await hall.chats.is_private("oc_new")


async def test_what_feishu_does_not_tell_is_asked_again(hall: Room) -> None:
    hall.feishu.fail("chat", BROKEN)
    assert await hall.chats.is_private(GROUP)
    assert not await hall.chats.is_private(GROUP)


async def test_groups_that_are_known_are_not_asked_for(hall: Room) -> None:
    assert not await Chats(hall.calls, [GROUP]).is_private(GROUP)
    assert not hall.feishu.called("chat")


async def test_the_bot_itself(hall: Room) -> None:
    assert [await hall.chats.bot_user() for _ in range(2)] == [BOT, BOT]
    assert len(hall.feishu.called("bot")) == 1
    hall.open_anew()
    hall.feishu.bot_is_on = False
    with pytest.raises(FeishuRefused):
        await hall.chats.bot_user()


async def test_colleagues(hall: Room) -> None:
    assert not hall.chats.is_colleague(ANN)
    hall.chats.meet(ANN, is_colleague=True)
    assert hall.chats.is_colleague(ANN)
    hall.chats.meet(ANN, is_colleague=False)
    assert not hall.chats.is_colleague(ANN)
