"""Answers are seen as they come: not faster than once a second, and by whatever DingTalk allows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.program import LivePost, PostGone
from bot.channels.chat.sheet import Markdown, Sheet
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.buttons import Seal
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.cards import DingTalkCards
from bot.channels.dingtalk.place import private
from bot.channels.dingtalk.plain import PlainMessages, Sessions
from bot.channels.dingtalk.screen import DingTalkScreen
from bot.channels.dingtalk.tracks import Tracks
from bot.channels.dingtalk.wall import DingTalkWall
from bot.domain.conversation import Locale
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.dingtalk_server import (
    ANN,
    BROKEN,
    CHANGE,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    STREAM,
    Card,
    DingTalkServer,
    dingtalk_server,
    refused,
)

ALONE = private(CORP, ANN)
DONE = Sheet("n", (Markdown("The *answer*", frozenset()),))


async def name(team: str, user: str) -> str:
    return user


@dataclass
class Stage:
    dingtalk: DingTalkServer
    screen: DingTalkScreen
    store: MemoryStore
    now: float = 0.0

    async def begin(self) -> LivePost:
        return await self.screen.begin("k", ALONE, ANN, "Looking it up…", Locale.EN)

    @property
    def card(self) -> Card:
        (card,) = self.dingtalk.posted(ANN)
        return card


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with dingtalk_server() as dingtalk:
        calls = DingTalkCalls(Credentials(CLIENT_ID, CLIENT_SECRET), dingtalk.url)
        store = MemoryStore()
        tracks, cards = Tracks(store), DingTalkCards(calls)
        plain = PlainMessages(calls, Sessions(""), store)
        wall = DingTalkWall(cards, plain, tracks, Seal("secret"), name)
        screen = DingTalkScreen(cards, wall, tracks, Locale.EN, lambda: stage.now)
        stage = Stage(dingtalk, screen, store)
        yield stage
        await calls.close()


async def test_it_is_there_at_once_written_at_most_once_a_second_and_finished(
    stage: Stage,
) -> None:
    live = await stage.begin()
    assert stage.card.text == "Looking it up…"
    for n in range(12):
        stage.now += 0.25
        await live.show(f"The answer {n}")
    assert len(stage.card.frames) == 3
    assert not stage.card.is_finished
    assert await live.finish(DONE, {"ticket": "t"})
    assert stage.card.is_finished
    assert stage.card.text == "The *answer*"


async def test_nothing_that_comes_is_a_link_yet(stage: Stage) -> None:
    live = await stage.begin()
    stage.now = 1
    await live.show("See [this](https://evil.test) <a atId=all>@all</a>")
    assert stage.card.frames == ["See this <\u200ba atId=all>@all<\u200b/a>"]


async def test_where_it_may_not_stream_the_card_is_changed(stage: Stage) -> None:
    stage.dingtalk.lacking.add("Card.Streaming.Write")
    live = await stage.begin()
    for text in ("One", "Two", "Three"):
        stage.now += 1
        await live.show(text)
        assert stage.card.text == text
    assert len(stage.dingtalk.called(STREAM)) == 1
    assert await live.finish(DONE, {})


async def test_where_cards_are_refused_it_does_not_begin(stage: Stage) -> None:
    stage.dingtalk.lacking.add("Card.Instance.Write")
    with pytest.raises(DeskRefused):
        await stage.begin()


async def test_a_step_that_fails_says_so(stage: Stage) -> None:
    live = await stage.begin()
    stage.now = 1
    stage.dingtalk.fail(STREAM, BROKEN)
    with pytest.raises(DeskUnavailable):
        await live.step("Reading")
    await live.step("Reading")
    assert stage.card.frames == ["Reading"]


@pytest.mark.parametrize("code", ["param.cardNotExist", "param.contentUnsafe"])
async def test_what_cannot_be_finished_is_posted_in_another_way(stage: Stage, code: str) -> None:
    live = await stage.begin()
    stage.dingtalk.fail(CHANGE, refused(code))
    with pytest.raises(PostGone):
        await live.finish(DONE, {})


async def test_the_next_process_goes_on_with_the_card(stage: Stage) -> None:
    live = await stage.begin()
    begun = Post(CHANNEL, "k", "c", ALONE.address, live.reference, PostState.PROVISIONAL)
    found = await stage.screen.find(begun)
    assert found is not None
    assert await found.finish(DONE, {})
    assert stage.card.is_finished
    bare = Post(CHANNEL, "k", "c", ALONE.address, "", PostState.PROVISIONAL)
    assert await stage.screen.find(bare) is None


async def test_begun_again_it_is_the_same_card(stage: Stage) -> None:
    await stage.begin()
    await stage.begin()
    assert stage.card.deliveries == 1


async def test_it_is_taken_back(stage: Stage) -> None:
    begun = Post(CHANNEL, "k", "c", ALONE.address, "", PostState.PROVISIONAL)
    await stage.store.save_post(begun)
    live = await stage.begin()
    await live.withdraw()
    assert stage.dingtalk.posted(ANN) == []
