"""The outgoing half of Feishu's edge, over a Feishu of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.channels.chat.place import Place
from bot.channels.feishu.calls import App, FeishuCalls
from bot.channels.feishu.cards import Cards
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.screen import FeishuScreen
from bot.channels.feishu.wall import FeishuWall
from bot.domain.conversation import Locale
from tests.feishu_server import (
    ANNS_CHAT,
    APP_ID,
    APP_SECRET,
    GROUP,
    TEAM,
    FeishuServer,
    feishu_server,
)

PRIVATE, HELP = Place(TEAM, ANNS_CHAT), Place(TEAM, GROUP)


@dataclass
class Room:
    feishu: FeishuServer
    calls: FeishuCalls
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.open_anew()

    def open_anew(self) -> None:
        """As another process has it."""
        self.chats, self.cards = Chats(self.calls), Cards(self.calls)
        self.wall = FeishuWall(
            self.calls, self.chats, self.cards, "https://open.feishu.cn", lambda: self.at
        )
        self.screen = FeishuScreen(self.wall, self.cards, Locale.EN, lambda: self.seconds)

    def wait(self, **step: int) -> None:
        self.at += timedelta(**step)


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    async with feishu_server() as feishu:
        calls = FeishuCalls(App(APP_ID, APP_SECRET, feishu.url), timeout_s=5)
        yield Room(feishu, calls)
        await calls.close()
        assert not feishu.wrong, feishu.wrong
