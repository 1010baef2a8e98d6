"""A form is a card below the post whose button was pressed, for who pressed it."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import Click
from bot.channels.chat.sheet import Form, TextField
from bot.channels.feishu.events import read_event
from bot.channels.feishu.forms import FeishuForms
from bot.domain.outbox import DeskRefused
from tests.channels.feishu.goldens import check_card
from tests.channels.feishu.room import PRIVATE, Room, room
from tests.feishu_server import ANN, GROUP, TEAM

FORM = Form("reply", "T", "Reply to T-1", "Send", "Close", (TextField("text", "Answer"),))


@pytest.fixture
async def hall() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


def click(at: Place | None, key: str = "event-1") -> Click:
    return Click(key, "reply", "T", ANN, TEAM, at, post="om_card")


async def test_it_stands_where_it_was_asked_for_once_a_click(hall: Room) -> None:
    root = hall.feishu.mention("Hello")["event"]["message"]["message_id"]
    forms = FeishuForms(hall.wall)
    for _ in range(2):
        await forms.open(click(Place(TEAM, GROUP, root)), FORM)
        await forms.open(click(PRIVATE, "event-2"), FORM)
    [below], [private] = hall.feishu.below(root), hall.feishu.posted()
    check_card(hall.feishu.card(below))
    await forms.open(click(PRIVATE, "event-3"), FORM)
    assert len(hall.feishu.posted()) == 2
    sent = read_event(hall.feishu.submit(below["message_id"], {"text": "Hi"}))
    assert sent is not None
    assert sent.kind == "form:reply"
    value = sent.body["event"]["action"]["value"]
    assert (value["post"], value["thread"], value["asked"]) == ("om_card", root, ANN)
    assert "thread" not in hall.feishu.actions(private)[0]


async def test_a_click_in_no_chat_opens_none(hall: Room) -> None:
    with pytest.raises(DeskRefused):
        await FeishuForms(hall.wall).open(click(None), FORM)
