"""What DingTalk sends is kept under the same key however often and by whichever way it comes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.dingtalk.buttons import Pressed, Seal
from bot.channels.dingtalk.events import CARD, MESSAGE, place_of, read_event
from bot.channels.dingtalk.place import group, private
from bot.domain.inbound import InboundEvent
from tests.dingtalk_server import ANN, CORP, GROUP, DingTalkServer, Json

SEAL = Seal("secret")
DINGTALK = DingTalkServer()
CLAIM = Pressed("ticket.claim", "t-1", group(CORP, GROUP).address)


def read(kind: str, data: Any, id: str = "1") -> InboundEvent | None:
    return read_event(SEAL, {"kind": kind, "id": id, "data": data})


def click(pressed: Pressed = CLAIM, **more: Any) -> Json:
    told = {"cardPrivateData": {"actionIds": ["x"], "params": {"id": SEAL.id(pressed)}}}
    return {"corpId": CORP, "userId": ANN, "outTrackId": "card", "content": told, **more}


def test_a_message_is_kept_under_its_id() -> None:
    said = DINGTALK.say("Hi")
    first, again = read(MESSAGE, said, "1"), read(MESSAGE, said, "2")
    assert first is not None
    assert again is not None
    assert again.key == first.key
    assert first.kind == "message"
    assert first.key == f"{CORP}/{said['msgId']}"
    assert first.group == private(CORP, ANN).address


def test_a_group_is_a_place_for_each_asker() -> None:
    assert place_of(DINGTALK.say("Hi", ANN, GROUP)) == group(CORP, GROUP, ANN)


def test_who_is_of_another_company_is_known_by_another_id() -> None:
    said = {**DINGTALK.say("Hi", ANN, GROUP), "senderStaffId": None, "senderId": "$:LWCP_v1:$x"}
    assert place_of(said) == group(CORP, GROUP, "$:LWCP_v1:$x")


@pytest.mark.parametrize("missing", ["msgId", "conversationId", "chatbotCorpId"])
def test_what_says_not_enough_is_nothing(missing: str) -> None:
    said = {name: value for name, value in DINGTALK.say("Hi").items() if name != missing}
    said.pop("senderCorpId")
    assert read(MESSAGE, said) is None


@pytest.mark.parametrize("data", [None, [], "text", {}, 7])
@pytest.mark.parametrize("kind", [MESSAGE, CARD])
def test_what_is_no_event_is_nothing(kind: str, data: Any) -> None:
    assert read(kind, data) is None


def test_a_click_is_kept_once_for_a_delivery() -> None:
    first, again, later = read(CARD, click()), read(CARD, click()), read(CARD, click(), "2")
    assert first is not None
    assert again is not None
    assert later is not None
    assert again.key == first.key
    assert later.key != first.key
    assert (first.kind, first.group) == ("click:ticket.claim", CLAIM.at)


@pytest.mark.parametrize(
    ("pressed", "kind"),
    [
        (replace(CLAIM, ask=("T", "t", "y", "n")), "sure:ticket.claim"),
        (replace(CLAIM, values={"nps": "9"}), "form:ticket.claim"),
    ],
)
def test_a_click_says_what_it_is(pressed: Pressed, kind: str) -> None:
    event = read(CARD, click(pressed))
    assert event is not None
    assert event.kind == kind


def test_a_button_is_found_wherever_a_template_says_it() -> None:
    id = SEAL.id(CLAIM)
    for content in (
        {"cardPrivateData": {"params": {"id": id}}},
        {"cardPrivateData": {"params": {"action": id}}},
        {"cardPrivateData": {"actionIds": [7, id]}},
        {"cardPrivateData": {"actionIds": [f"{id}0"]}},
        {"cardPrivateData": {"actionIds": ["1"]}, "params": {"action": id}},
        {"cardPrivateData": json.dumps({"params": json.dumps({"id": id})})},
    ):
        assert read(CARD, click(content=json.dumps(content))) is not None
        assert read(CARD, click(content="", value=content)) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"userId": ""},
        {"outTrackId": None},
        {"content": "{"},
        {"content": {"cardPrivateData": {"params": {"id": Seal("another").id(CLAIM)}}}},
        {"content": {"cardPrivateData": {"actionIds": "all", "params": []}}},
    ],
)
def test_a_click_on_nothing_of_ours_is_nothing(more: Json) -> None:
    assert read(CARD, click(**more)) is None
