"""What events say: who said what where, what they quote, and what was clicked."""

from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.place import Place
from bot.channels.chat.program import Body
from bot.channels.dingtalk.buttons import Pressed, Seal
from bot.channels.dingtalk.events import CARD, MESSAGE, read_event
from bot.channels.dingtalk.place import group, private
from bot.channels.dingtalk.reading import KEPT, DingTalkReader
from bot.channels.dingtalk.tracks import Track, Tracks
from bot.domain.inbound import InboundEvent
from tests.dingtalk_server import ANN, BEN, BOT, CORP, GROUP, DingTalkServer

SEAL = Seal("secret")
DINGTALK = DingTalkServer()


def event(data: Body, kind: str = MESSAGE) -> InboundEvent:
    read = read_event(SEAL, {"kind": kind, "id": "1", "data": data})
    assert read is not None
    return read


@pytest.fixture
def tracks() -> Tracks:
    return Tracks(MemoryStore())


@pytest.fixture
def reader(tracks: Tracks) -> DingTalkReader:
    return DingTalkReader(tracks)


async def test_alone_with_the_robot(reader: DingTalkReader) -> None:
    data = DINGTALK.say("How?", createAt=1_700_000_000_000)
    said = await reader.said(event(data))
    assert (said.place, said.user, said.text) == (private(CORP, ANN), ANN, "How?")
    assert said.is_direct
    assert not said.is_reply
    assert said.at.timestamp() == 1_700_000_000
    assert said.key == f"{CORP}/{data['msgId']}"


async def test_in_a_group(reader: DingTalkReader) -> None:
    said = await reader.said(event(DINGTALK.say("How?", BEN, GROUP)))
    assert said.place == group(CORP, GROUP, BEN)
    assert said.names_bot
    assert not said.is_direct
    assert not said.names_others


@pytest.mark.parametrize(
    ("named", "is_in", "others"),
    [
        ([BOT], True, False),
        ([BOT, "$:x"], True, True),
        (["$:robot"], True, False),  # the robot, under another id
        (["$:robot", "$:x"], True, True),
        (["$:x"], False, True),
        ([], True, False),
        (None, False, False),
    ],
)
async def test_who_names_others(
    reader: DingTalkReader, named: list[str] | None, is_in: bool, others: bool
) -> None:
    at_users = None if named is None else [{"dingtalkId": one} for one in named]
    data = DINGTALK.say("How?", BEN, GROUP, atUsers=at_users, isInAtList=is_in)
    assert (await reader.said(event(data))).names_others is others


@pytest.mark.parametrize("more", [{"createAt": "x"}, {"createAt": None}, {"text": None}])
async def test_what_is_odd_is_read_all_the_same(reader: DingTalkReader, more: Any) -> None:
    said = await reader.said(event({**DINGTALK.say("How?"), **more}))
    assert said.user == ANN


async def test_a_quoted_card_is_called_by_its_own_name(
    reader: DingTalkReader, tracks: Tracks
) -> None:
    at = group(CORP, GROUP).address
    await tracks.note(Track("firstline.1", "c", at, {"ticket": "t"}, "carrier/1=="))
    quoted = {"msgType": "interactiveCard", "msgId": "m9"}
    more = {"originalProcessQueryKey": "carrier/1==", "originalMsgId": "m9"}
    data = DINGTALK.say("Yes", ANN, GROUP, **more)
    data["text"] |= {"isReplyMsg": True, "repliedMsg": quoted}
    said = await reader.said(event(data))
    assert said.is_reply
    assert said.answers == "firstline.1"
    said = await reader.said(event({**data, "originalProcessQueryKey": "another"}))
    assert said.answers == "m9"


async def test_what_is_quoted_can_be_asked_for(reader: DingTalkReader) -> None:
    data = DINGTALK.say("", ANN, GROUP)
    told = {"msgType": "text", "msgId": "m", "content": {"text": "How many?"}}
    data["text"] |= {"isReplyMsg": True, "repliedMsg": told}
    first = await reader.said(event(data))
    assert await reader.above(first) == "How many?"
    for _ in range(KEPT):
        await reader.said(event({**data, "msgId": DINGTALK.say("")["msgId"]}))
    assert await reader.above(first) == ""


async def test_whoever_is_met_is_told(tracks: Tracks) -> None:
    met: list[Place] = []
    reader = DingTalkReader(tracks, [lambda place, data: met.append(place)])
    await reader.said(event(DINGTALK.say("Hi")))
    assert met == [private(CORP, ANN)]


def test_clicks(reader: DingTalkReader) -> None:
    at = group(CORP, GROUP, ANN)
    pressed = Pressed("survey.more", "t", at.address, values={"nps": "9"})
    told = {"cardPrivateData": {"params": {"id": SEAL.id(pressed)}}}
    data = {"corpId": CORP, "userId": BEN, "outTrackId": "card", "content": told}
    click = reader.click(event(data, CARD))
    assert (click.action, click.value, click.user, click.team) == ("survey.more", "t", BEN, CORP)
    assert (click.at, click.post, click.handle, click.values) == (
        at,
        "card",
        "card",
        {"nps": "9"},
    )


@pytest.mark.parametrize(("ids", "others"), [(("$:bot",), False), (("$:bot", "$:mei"), True)])
async def test_the_bot_by_another_id_is_no_colleague(
    reader: DingTalkReader, ids: tuple[str, ...], others: bool
) -> None:
    named = [{"dingtalkId": id} for id in ids]
    said = await reader.said(event(DINGTALK.say("How?", BEN, GROUP, atUsers=named)))
    assert said.names_others is others
