"""What events of DingTalk say: who said what where, and what was clicked."""

import logging
from collections.abc import Callable, Mapping, Sequence

from bot.channels.chat.bodies import moment_of
from bot.channels.chat.place import Place
from bot.channels.chat.program import Body, Click, Said
from bot.channels.dingtalk.buttons import unpack
from bot.channels.dingtalk.contents import files_of, quoted_of, text_of
from bot.channels.dingtalk.events import (
    IN_PRIVATE,
    place_of,
    sender_of,
    team_of,
)
from bot.channels.dingtalk.tracks import Tracks
from bot.domain.inbound import InboundEvent

log = logging.getLogger(__name__)

KEPT = 200  # quotations that may still be asked for

# Told who says something, by the event's data.
Met = Callable[[Place, Body], None]


class DingTalkReader:
    def __init__(self, tracks: Tracks, met: Sequence[Met] = ()) -> None:
        self._tracks = tracks
        self._met = met
        self._quoted: dict[str, str] = {}

    async def said(self, event: InboundEvent) -> Said:
        data = event.body["data"]
        place = place_of(data)
        for met in self._met:
            met(place, data)
        is_direct = str(data.get("conversationType")) == IN_PRIVATE
        if not is_direct:
            log.info("said in a group: openConversationId=%s", data["conversationId"])
        text, answers = _part(data, "text"), await self._answers(data)
        if quoted := quoted_of(data):
            self._keep(event.key, quoted)
        return Said(
            place=place,
            user=sender_of(data),
            key=event.key,
            text=text_of(data),
            at=moment_of(data.get("createAt"), event.received_at),
            names_bot=bool(data.get("isInAtList")),
            names_others=_names_others(data),
            is_direct=is_direct,
            is_reply=answers is not None or bool(text.get("isReplyMsg")),
            files=tuple(files_of(data)),
            answers=answers,
        )

    def click(self, event: InboundEvent) -> Click:
        data = event.body["data"]
        pressed = unpack(event.body["button"])
        at = Place.parse(pressed.at) if pressed.at else None
        return Click(
            key=event.key,
            action=pressed.action,
            value=pressed.value,
            user=str(data["userId"]),
            team=at.team if at is not None else team_of(data),
            at=at,
            post=pressed.post or str(data["outTrackId"]),
            values=pressed.values or {},
            handle=str(data["outTrackId"]),
        )

    async def above(self, said: Said) -> str:
        return self._quoted.get(said.key, "")

    async def _answers(self, data: Body) -> str | None:
        """A card of ours by its own name."""
        quoted = _part(_part(data, "text"), "repliedMsg")
        track = None
        if carrier := data.get("originalProcessQueryKey"):
            track = await self._tracks.carried(str(carrier))
        if track is None:
            other = quoted.get("msgId") or data.get("originalMsgId")
            return str(other) if other else None
        return track.reference

    def _keep(self, key: str, quoted: str) -> None:
        while len(self._quoted) >= KEPT:
            del self._quoted[next(iter(self._quoted))]
        self._quoted[key] = quoted


def _names_others(data: Body) -> bool:
    """Not all robots are among those that are named under the id that they have themselves."""
    users = data.get("atUsers")
    told = users if isinstance(users, list) else ()
    named = [one.get("dingtalkId") for one in told if isinstance(one, Mapping)]
    others = [id for id in named if id and id != data.get("chatbotUserId")]
    is_hidden = bool(data.get("isInAtList")) and data.get("chatbotUserId") not in named
    return len(others) > is_hidden


def _part(data: Body, name: str) -> Body:
    part = data.get(name)
    return part if isinstance(part, Mapping) else {}
