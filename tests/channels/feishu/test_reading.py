"""What people write in Feishu, as plain text, and where."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.chat.place import Place
from bot.channels.feishu.calls import App, FeishuCalls
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.events import read_event
from bot.channels.feishu.reading import FeishuReader, read_content
from bot.domain.inbound import InboundEvent
from tests.feishu_server import (
    ANN,
    ANNS_CHAT,
    APP_ID,
    APP_SECRET,
    BOT,
    GROUP,
    TEAM,
    FeishuServer,
    Json,
    feishu_server,
)

BOB = ("ou_bob", "Bob Day")


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        yield server


@pytest.fixture
async def reader(feishu: FeishuServer) -> AsyncIterator[FeishuReader]:
    calls = FeishuCalls(App(APP_ID, APP_SECRET, feishu.url))
    yield FeishuReader(calls, Chats(calls))
    await calls.close()


def event_of(body: Json) -> InboundEvent:
    event = read_event(body)
    assert event is not None
    return event


def read(
    kind: str, content: Any, mentions: list[Json] | None = None
) -> tuple[str, tuple[str, ...]]:
    return read_content(kind, json.dumps(content), mentions or [], BOT)


async def test_a_private_message(feishu: FeishuServer, reader: FeishuReader) -> None:
    body = feishu.say("  Hello \n  there ")
    said = await reader.said(event_of(body))
    assert said.text == "Hello\nthere"
    assert said.place == Place(TEAM, ANNS_CHAT)
    assert said.user == ANN
    assert said.key == f"{TEAM}/{body['event']['message']['message_id']}"
    assert said.is_direct
    assert not (said.names_bot)
    assert not (said.names_others)
    assert not (said.is_reply)
    assert not (said.is_aside)
    assert not feishu.called("bot")


async def test_mentions_are_read_and_the_bot_s_is_left_out(
    feishu: FeishuServer, reader: FeishuReader
) -> None:
    named = ((BOT, "Firstline"), BOB)
    body = feishu.say("@_user_1 ask @_user_2 for @_all", GROUP, mentions=named)
    said = await reader.said(event_of(body))
    assert said.text == "ask @Bob Day for @all"
    assert said.names_bot
    assert said.names_others
    assert not said.is_aside
    assert not said.is_direct
    aside = feishu.say("@_user_1 look at that", GROUP, mentions=(BOB,))
    said = await reader.said(event_of(aside))
    assert said.is_aside
    assert not said.names_bot
    for text in ("@_user_1 @_user_2 look at that", " @_user_2 @_user_1 look at that"):
        said = await reader.said(event_of(feishu.say(text, GROUP, mentions=named)))
        assert said.is_aside


async def test_where_the_bot_is_not_known_it_is_who_is_named(
    feishu: FeishuServer, reader: FeishuReader
) -> None:
    feishu.bot_is_on = False
    said = await reader.said(event_of(feishu.mention("Hello")))
    assert said.names_bot
    assert not said.names_others


async def test_threads_and_quotes(feishu: FeishuServer, reader: FeishuReader) -> None:
    first = feishu.say("The first", GROUP)
    root = first["event"]["message"]["message_id"]
    within = await reader.said(event_of(feishu.say("More", GROUP, root=root)))
    quoting = await reader.said(event_of(feishu.say("And that?", GROUP, quote=root)))
    assert within.place == Place(TEAM, GROUP, root)
    assert within.is_reply
    assert within.answers == quoting.answers == root
    assert quoting.place.thread not in (None, root)
    assert await reader.above(within) == "The first"
    feishu.recall(root)
    assert await reader.above(quoting) == ""


async def test_what_was_recalled_is_looked_for(feishu: FeishuServer, reader: FeishuReader) -> None:
    private = feishu.say("Hello")["event"]["message"]["message_id"]
    said = await reader.said(event_of(feishu.recall(private)))
    assert said.place == Place(TEAM, ANNS_CHAT)
    group = feishu.say("Hello", GROUP)["event"]["message"]["message_id"]
    said = await reader.said(event_of(feishu.recall(group)))
    assert said.place == Place(TEAM, GROUP, group)
    assert said.key == f"{TEAM}/{group}"


def test_posts() -> None:
    post = {
        "title": "A title",
        "content": [
            [{"tag": "text", "text": "See "}, {"tag": "a", "text": "here", "href": "https://x.y"}],
            [
                {"tag": "at", "user_id": "@_user_1"},
                {"tag": "at", "user_id": "ou_b", "user_name": "B"},
            ],
            [{"tag": "img", "image_key": "i"}, {"tag": "media", "file_key": "f"}],
            [{"tag": "code_block", "language": "SQL", "text": "SELECT  1"}],
            "nothing",
        ],
    }
    mentions = [{"key": "@_user_1", "id": {"open_id": BOT}, "name": "Firstline"}]
    text, files = read("post", post, mentions)
    assert text == "A title\nSee here (https://x.y)\n@B\n\n\n```\nSELECT  1\n```"
    assert files == ("image", "media")
    assert read("post", {"zh_cn": post}, mentions) == (text, files)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("file", {"file_key": "f", "file_name": "a.pdf"}, ("", ("a.pdf",))),
        ("image", {"image_key": "i"}, ("", ("image",))),
        ("audio", {"file_key": "f"}, ("", ("audio",))),
        ("text", {"text": "a @_user_9 b"}, ("a @user9 b", ())),
        ("text", "no object", ("", ())),
        ("post", {"content": "x"}, ("", ())),
        ("share_chat", {"chat_id": "oc"}, ("", ())),
    ],
)
def test_other_contents(kind: str, content: Any, expected: tuple[str, tuple[str, ...]]) -> None:
    assert read(kind, content) == expected


def test_no_json_is_no_text() -> None:
    assert read_content("text", "{", [], BOT) == ("", ())


async def test_what_is_filled_in_is_read_by_name(
    feishu: FeishuServer, reader: FeishuReader
) -> None:
    body = feishu.event(
        "card.action.trigger",
        {
            "operator": {"open_id": ANN},
            "context": {"open_chat_id": GROUP, "open_message_id": "om_form"},
            "action": {
                "tag": "button",
                "value": {"action": "go", "value": "v", "thread": "om_1", "post": "om_0"},
                "form_value": {"text": "Hi", "tick": True, "off": False, "none": "", "n": None},
            },
        },
    )
    click = reader.click(event_of(body))
    assert click.values == {"text": "Hi", "tick": "yes"}
    assert (click.action, click.value, click.user, click.team) == ("go", "v", ANN, TEAM)
    assert click.at == Place(TEAM, GROUP, "om_1")
    assert click.post == "om_0"
