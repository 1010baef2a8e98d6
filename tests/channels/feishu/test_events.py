"""What Feishu sends, and under which keys it is kept."""

import json

import pytest

from bot.channels.feishu.events import read_event
from tests.feishu_server import ANN, ANNS_CHAT, BOT, GROUP, FeishuServer, Json


@pytest.fixture
def feishu() -> FeishuServer:
    return FeishuServer()


def test_a_message_has_its_own_key_and_the_message_s(feishu: FeishuServer) -> None:
    said = feishu.say("Hello")
    event = read_event(said)
    assert event is not None
    assert (event.channel, event.kind) == ("feishu", "message")
    assert event.key == said["header"]["event_id"]
    assert event.twin == f"cli_test/{said['event']['message']['message_id']}"
    assert event.group == f"cli_test/{ANNS_CHAT}"


def test_what_is_said_in_a_thread_belongs_together(feishu: FeishuServer) -> None:
    first = feishu.mention("Hello")
    root = first["event"]["message"]["message_id"]
    within = feishu.say("More", GROUP, root=root)
    quoting = feishu.say("More", GROUP, quote=root)
    groups = [event.group for event in map(read_event, (first, within, quoting)) if event]
    assert groups[0] == groups[1] == f"cli_test/{GROUP}/{root}"
    assert groups[2] == f"cli_test/{GROUP}/{quoting['event']['message']['message_id']}"


def test_a_private_chat_is_one_place_whatever_is_answered_there(feishu: FeishuServer) -> None:
    first = feishu.say("Hello")
    within = feishu.say("More", root=first["event"]["message"]["message_id"])
    event = read_event(within)
    assert event is not None
    assert event.group == f"cli_test/{ANNS_CHAT}"


def test_secrets_are_not_kept(feishu: FeishuServer) -> None:
    event = read_event(feishu.say("a"))
    assert event is not None
    assert "verification-token" not in json.dumps(event.body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"header": {"event_type": "im.message.receive_v1", "event_id": "e"}},
        {"header": {"event_type": "im.message.recalled_v1", "event_id": "e"}, "event": {}},
        {"header": {"event_type": "card.action.trigger", "event_id": "e"}, "event": {"action": 1}},
        {"header": {"event_type": "im.chat.updated_v1", "event_id": "e"}, "event": {}},
        {"header": "x", "event": ["y"]},
    ],
)
def test_what_is_none_of_ours_is_left(body: Json) -> None:
    assert read_event(body) is None


def test_what_bots_say_is_left(feishu: FeishuServer) -> None:
    assert read_event(feishu.say("Hello", user=BOT, sender_type="app")) is None


def card(feishu: FeishuServer, value: Json, chat: str = GROUP, **more: str) -> str:
    """Of a message with a button."""
    button = {"tag": "button", "text": {}, "behaviors": [{"type": "callback", "value": value}]}
    content = json.dumps({"schema": "2.0", "body": {"elements": [button]}})
    message = {"message_id": "om_card", "chat_id": chat, "sender": BOT, "content": content}
    feishu.messages["om_card"] = {**message, **more}
    return "om_card"


def test_a_click_stands_where_its_card_does(feishu: FeishuServer) -> None:
    for thread, place in (
        ({}, GROUP),
        ({"thread": "om_root"}, f"{GROUP}/om_root"),
        ({"thread": "."}, f"{GROUP}/om_card"),
    ):
        message = card(feishu, {"action": "go", "value": "v", **thread})
        event = read_event(feishu.click(message, "go"))
        assert event is not None
        assert (event.kind, event.group) == ("click:go", f"cli_test/{place}")


def test_two_clicks_are_two_and_a_form_is_sent_once(feishu: FeishuServer) -> None:
    message = card(feishu, {"action": "go"})
    clicks = [read_event(feishu.click(message, "go")) for _ in range(2)]
    assert len({one.key for one in clicks if one}) == 2
    sent = feishu.click(message, "go")
    sent["event"]["action"]["form_value"] = {"text": "x"}
    event = read_event(sent)
    assert event is not None
    assert (event.kind, event.twin) == ("form:go", "form/cli_test/om_card")


def test_a_form_of_somebody_else_is_none(feishu: FeishuServer) -> None:
    message = card(feishu, {"action": "go", "asked": ANN})
    assert read_event(feishu.click(message, "go", ANN)) is not None
    assert read_event(feishu.click(message, "go", "ou_bob")) is None


def test_a_recalled_message(feishu: FeishuServer) -> None:
    said = feishu.mention("Hello")
    message = said["event"]["message"]["message_id"]
    event = read_event(feishu.recall(message))
    assert event is not None
    assert (event.kind, event.group) == ("deleted", f"cli_test/{GROUP}/{message}")
