"""What events of Slack say, as all chat programs say it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.channels.chat.place import Place
from bot.channels.slack.events import read_event
from bot.channels.slack.people import SlackPeople
from bot.channels.slack.reader import SlackReader
from bot.domain.inbound import InboundEvent
from tests.channels.slack.talk import Talk, talk
from tests.slack_server import ANN, BOT_USER, CHANNEL, DIRECT, TEAM, Json, refused


@pytest.fixture
async def held() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


def taken(body: Json) -> InboundEvent:
    event = read_event(body)
    assert event is not None
    return event


async def test_a_mention_is_read_the_same_from_both_of_its_events(held: Talk) -> None:
    mention, message = held.server.mention("Is <https://a.example|this> *it*?")
    said = await held.program.reader.said(taken(message))
    ts = message["event"]["ts"]
    assert said.place == Place(TEAM, CHANNEL, ts)
    assert (said.user, said.key) == (ANN, f"{TEAM}/{CHANNEL}/{ts}")
    assert said.text == "Is this (https://a.example) *it*?"
    assert said.at == datetime.fromtimestamp(float(ts), UTC)
    assert (said.names_bot, said.names_others, said.is_aside) == (True, False, True)
    assert (said.is_direct, said.is_reply, said.answers) == (False, False, None)
    assert await held.program.reader.said(taken(mention)) == said


async def test_a_reply_stands_below_what_began_its_thread(held: Talk) -> None:
    root = held.server.say("One", DIRECT)["event"]["ts"]
    files = [{"name": "a.png"}, {}]
    body = held.server.say("<@UMEI> two", DIRECT, thread_ts=root, files=files)
    said = await held.program.reader.said(taken(body))
    assert (said.place, said.answers) == (Place(TEAM, DIRECT, root), root)
    assert (said.is_direct, said.is_reply, said.names_others) == (True, True, True)
    assert said.files == ("a.png", "file")


async def test_an_edit_has_a_key_of_its_own_and_a_deletion_its_place(held: Talk) -> None:
    root = held.server.say("One")["event"]["ts"]
    ts = held.server.say("Two", thread_ts=root)["event"]["ts"]
    edit = held.server.edit(ts, "Three")
    said = await held.program.reader.said(taken(edit))
    stamp = edit["event"]["message"]["edited"]["ts"]
    assert (said.key, said.text) == (f"{TEAM}/{CHANNEL}/{ts}/{stamp}", "Three")
    said = await held.program.reader.said(taken(held.server.delete(ts)))
    assert (said.place, said.key) == (Place(TEAM, CHANNEL, root), f"{TEAM}/{CHANNEL}/{ts}")


async def test_who_the_bot_is_is_asked_where_an_event_does_not_say(held: Talk) -> None:
    body = held.server.say(f"<@{BOT_USER}> Hello")
    del body["authorizations"]
    said = await held.program.reader.said(taken(body))
    assert (said.text, said.names_bot) == ("Hello", True)


async def test_what_stands_above_is_read_where_it_can_be(held: Talk) -> None:
    root = held.server.say(f"How? <@{BOT_USER}>")["event"]["ts"]
    below = taken(held.server.say(f"<@{BOT_USER}>", thread_ts=root))
    reader = held.program.reader
    said = await reader.said(below)
    assert await reader.above(said) == "How?"
    held.server.fail("conversations.replies", refused("missing_scope"))
    assert await reader.above(said) == ""


def test_a_click_says_in_what(held: Talk) -> None:
    root = held.server.say("Hello")["event"]["ts"]
    body = held.server.action("up", "yes", held.server.say("x", thread_ts=root)["event"]["ts"])
    click = SlackReader(held.calls, SlackPeople(held.store, held.calls).bot_user).click(taken(body))
    assert (click.action, click.value, click.user, click.team) == ("up", "yes", ANN, TEAM)
    assert (click.at, click.post) == (Place(TEAM, CHANNEL, root), body["message"]["ts"])
    assert click.handle == body["trigger_id"]


def test_a_click_in_no_channel_is_nowhere(held: Talk) -> None:
    click = held.program.reader.click(taken(held.server.action("more")))
    assert (click.at, click.post) == (None, "")


@pytest.mark.parametrize("at", [Place(TEAM, CHANNEL, "1.1"), None])
def test_a_form_says_what_was_filled_in_and_where_it_was_opened(
    held: Talk, at: Place | None
) -> None:
    told = {"value": "t1", "at": at.address if at else "", "post": "2.2" if at else ""}
    view = {"callback_id": "reply", "private_metadata": json.dumps(told)}
    values = {
        "text": {"text": {"value": "Hi"}},
        "note": {"note": {"value": None}},
        "nps": {"nps": {"selected_option": {"value": "9"}}},
        "none": {"none": {"selected_option": None}},
        "ticked": {"ticked": {"selected_options": [{"value": "yes"}]}},
        "open": {"open": {"selected_options": []}},
    }
    click = held.program.reader.click(taken(held.server.submission(view, values)))
    assert (click.action, click.value, click.at) == ("reply", "t1", at)
    assert click.values == {
        **{"text": "Hi", "note": "", "nps": "9"},
        **{"none": "", "ticked": "yes", "open": ""},
    }
