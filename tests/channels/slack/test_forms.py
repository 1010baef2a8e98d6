"""A form is opened by the trigger of a click, and carries where that was."""

import json

from bot.channels.chat.place import Place
from bot.channels.chat.program import Click
from bot.channels.chat.sheet import Form, TextField
from tests.channels.slack.goldens import check_view
from tests.channels.slack.talk import talk
from tests.slack_server import ANN, CHANNEL, TEAM

FORM = Form("reply", "t1", "Reply", "Send", "Close", (TextField("text", "Text"),))
AT = Place(TEAM, CHANNEL, "1.1")


async def test_it_is_opened_by_the_trigger_and_remembers_the_click() -> None:
    async with talk() as held:
        click = Click("k", "reply", "t1", ANN, TEAM, AT, post="1.2", handle="trigger-1")
        await held.program.forms.open(click, FORM)
        [opened] = held.server.called("views.open")
        assert opened["trigger_id"] == "trigger-1"
        check_view(opened["view"])
        told = json.loads(opened["view"]["private_metadata"])
        assert told == {"value": "t1", "at": AT.address, "post": "1.2"}
