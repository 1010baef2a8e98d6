"""Forms in Slack: modal views, opened by the trigger of a click."""

import json

from bot.channels.chat.program import Click
from bot.channels.chat.sheet import Form
from bot.channels.slack.drawing import draw_form
from bot.channels.slack.wall import Calls


class SlackForms:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def open(self, click: Click, form: Form) -> None:
        """Its own click says where the first one was."""
        at = click.at.address if click.at is not None else ""
        told = {"value": form.value, "at": at, "post": click.post}
        view = {**draw_form(form), "private_metadata": json.dumps(told)}
        await self._calls.call(click.team, "views.open", trigger_id=click.handle, view=view)
