"""What events of Slack say: who said what where, and what was clicked."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.chat.program import Body, Click, Said
from bot.channels.slack.events import bot_user_of, place_of, team_of, user_of
from bot.channels.slack.place import message_key
from bot.channels.slack.reading import mentions, plain_text
from bot.channels.slack.wall import Calls
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused

log = logging.getLogger(__name__)

BotUser = Callable[[str], Awaitable[str]]


class SlackReader:
    def __init__(self, calls: Calls, bot_user: BotUser) -> None:
        """`bot_user`: the user that the app is in a workspace."""
        self._calls = calls
        self._bot_user = bot_user

    async def said(self, event: InboundEvent) -> Said:
        team = team_of(event.body)
        told = event.body["event"]
        message = told.get("message") or told.get("previous_message") or told
        ts, channel = str(told.get("deleted_ts") or message["ts"]), str(told["channel"])
        thread, raw = str(message.get("thread_ts") or ts), str(message.get("text") or "")
        bot_user = bot_user_of(event.body) or await self._bot_user(team)
        named = mentions(raw)
        key = message_key(team, channel, ts)
        return Said(
            place=Place(team, channel, thread),
            user=str(message.get("user") or ""),
            key=f"{key}/{message['edited']['ts']}" if event.kind == "edited" else key,
            text=plain_text(raw, bot_user),
            at=datetime.fromtimestamp(float(ts), UTC),
            names_bot=bot_user in named,
            names_others=any(user != bot_user for user in named),
            is_aside=raw.lstrip().startswith("<@"),
            is_direct=told.get("channel_type") == "im" or channel.startswith("D"),
            is_reply=thread != ts,
            files=tuple(str(one.get("name") or "file") for one in message.get("files") or ()),
            answers=thread if thread != ts else None,
        )

    def click(self, event: InboundEvent) -> Click:
        read = _of_button if "actions" in event.body else _of_form
        return read(event.key, event.body)

    async def above(self, said: Said) -> str:
        """Who only names the bot below a question means that one."""
        place = said.place
        bot_user = await self._bot_user(place.team)
        try:
            page = await self._calls.call(
                place.team, "conversations.replies", channel=place.channel, ts=place.thread, limit=1
            )
        except DeskRefused as error:
            log.info("the question above is not read: %s", error)
            return ""
        first: Mapping[str, Any] = next(iter(page.get("messages") or ()), {})
        return plain_text(str(first.get("text") or ""), bot_user)


def _of_button(key: str, body: Body) -> Click:
    action: Body = body["actions"][0]
    container = body.get("container") or {}
    return Click(
        key=key,
        action=str(action.get("action_id", "")),
        value=str(action.get("value", "")),
        user=user_of(body),
        team=team_of(body),
        at=place_of(body),
        post=str(container.get("message_ts") or ""),
        handle=str(body.get("trigger_id") or ""),
    )


def _of_form(key: str, body: Body) -> Click:
    view: Body = body["view"]
    told = json.loads(view["private_metadata"])
    return Click(
        key=key,
        action=str(view.get("callback_id", "")),
        value=told["value"],
        user=user_of(body),
        team=team_of(body),
        at=Place.parse(told["at"]) if told.get("at") else None,
        post=told.get("post", ""),
        values={
            name: _filled(element)
            for block in view["state"]["values"].values()
            for name, element in block.items()
        },
        handle=str(body.get("trigger_id") or ""),
    )


def _filled(element: Body) -> str:
    chosen = [element.get("selected_option"), *(element.get("selected_options") or ())]
    return str(next((one["value"] for one in chosen if one), element.get("value") or ""))
