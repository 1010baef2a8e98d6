"""Where posts of the bot stand in Slack: put up, found again by the key in their metadata, changed.

What is put there is drawn here and nowhere else.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Markdown, Sheet
from bot.channels.slack import drawing
from bot.channels.slack.elements import Block, cut, escape
from bot.channels.slack.place import link_to
from bot.channels.slack.refusals import GONE, SlackNotHeard, SlackPostGone, SlackRefused
from bot.domain.inbound import Post

log = logging.getLogger(__name__)

EVENT_TYPE = "firstline_post"
PAGE = 200
SLACK_IS_LATE = timedelta(minutes=1)  # how far its clock may be behind ours
SENT_MARK = "white_check_mark"
LONGEST_NOTICE = 300  # characters, of what a notification shows
# What Slack says of a layout that it does not take; the words alone are taken.
TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long"})
LAYOUT = TOO_LONG | {
    *("invalid_blocks", "invalid_blocks_format", "invalid_chunks", "invalid_arguments")
}

Message = Mapping[str, Any]


class Calls(Protocol):
    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]: ...


class SlackWall:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def put(
        self, key: str, place: Place, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> str:
        more = {"reply_broadcast": True} if sheet.is_loud else {}

        async def post(blocks: Sequence[Block]) -> Message:
            return await self._calls.call(
                place.team,
                "chat.postMessage",
                channel=place.channel,
                thread_ts=place.thread,
                text=notice(sheet),
                blocks=blocks or None,
                metadata=metadata({"key": key, **(facts or {})}),
                unfurl_links=False,
                unfurl_media=False,
                **more,
            )

        return str((await _as_far_as_taken(post, sheet))["ts"])

    async def find(self, begun: Post) -> str | None:
        return await self.search(begun, lambda message: facts_of(message).get("key") == begun.key)

    async def change(
        self, place: Place, reference: str, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> None:
        async def update(blocks: Sequence[Block]) -> Message:
            return await self._calls.call(
                place.team,
                "chat.update",
                channel=place.channel,
                ts=reference,
                text=notice(sheet),
                blocks=blocks,
                metadata=metadata(facts) if facts is not None else None,
            )

        await _as_far_as_taken(update, sheet)

    async def remove(self, place: Place, reference: str) -> None:
        try:
            await self._calls.call(place.team, "chat.delete", channel=place.channel, ts=reference)
        except SlackRefused as error:
            if error.code not in GONE:
                raise

    async def whisper(self, place: Place, user: str, sheet: Sheet) -> None:
        try:
            await self._calls.call(
                place.team,
                "chat.postEphemeral",
                channel=place.channel,
                user=user,
                thread_ts=place.thread,
                text=notice(sheet),
                blocks=drawing.draw(sheet) or None,
            )
        except SlackRefused as error:
            raise SlackNotHeard(error.method, error.code, error.detail) from error

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        return drawing.pages(sheet)

    def below(self, place: Place, reference: str) -> Place:
        return place if place.thread else Place(place.team, place.channel, reference)

    def link(self, place: Place) -> str:
        """Of a thread; nobody but its two opens a direct message."""
        is_open = place.thread and not place.is_ephemeral and not place.channel.startswith("D")
        return link_to(place) if is_open else ""

    async def facts(self, place: Place) -> Message:
        page = await self._calls.call(
            place.team,
            "conversations.replies",
            channel=place.channel,
            ts=place.thread,
            limit=1,
            include_all_metadata=True,
        )
        tops = [one for one in page.get("messages", ()) if one.get("ts") == place.thread]
        return facts_of(tops[0]) if tops else {}

    async def mark_sent(self, key: str) -> bool:
        team, channel, ts = key.split("/")
        await self._calls.call(team, "reactions.add", channel=channel, timestamp=ts, name=SENT_MARK)
        return True

    async def search(self, begun: Post, is_it: Callable[[Message], bool]) -> str | None:
        """Where it was begun, from then on."""
        place = Place.parse(begun.place)
        method, thread = "conversations.history", {}
        if place.thread:
            method, thread = "conversations.replies", {"ts": place.thread}
        cursor = ""
        while True:
            page = await self._calls.call(
                place.team,
                method,
                channel=place.channel,
                **thread,
                oldest=f"{(begun.at - SLACK_IS_LATE).timestamp():.6f}",
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
            for message in page.get("messages", ()):
                if is_it(message):
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return None


def notice(sheet: Sheet) -> str:
    return cut(escape(sheet.notice), LONGEST_NOTICE)


def metadata(facts: Mapping[str, str]) -> Block:
    return {"event_type": EVENT_TYPE, "event_payload": dict(facts)}


def facts_of(message: Message) -> Message:
    """What a post of ours says about itself; nothing where it is none."""
    told = message.get("metadata") or {}
    if told.get("event_type") != EVENT_TYPE:
        return {}
    payload: Message = told.get("event_payload") or {}
    return payload


async def _as_far_as_taken(
    put: Callable[[Sequence[Block]], Awaitable[Message]], sheet: Sheet
) -> Message:
    try:
        return await put(drawing.draw(sheet))
    except SlackRefused as error:
        if error.code in GONE:
            raise SlackPostGone(error.method, error.code, error.detail) from error
        words = tuple(part for part in sheet.parts if isinstance(part, Markdown))
        if error.code not in LAYOUT or not words:
            raise
        log.error("posted without its buttons: %s", error)
        drawn = drawing.draw(Sheet(sheet.notice, words))
        said = [block for block in drawn if block["type"] == "section"]
        return await put(said[:1] if error.code in TOO_LONG else said)
