"""Cards of DingTalk by the calls that create, deliver, change and recall them.

A card is called by a name that we give it, so that creating it again is refused and nothing stands
anywhere twice.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.place import conversation_of, reached
from bot.channels.dingtalk.refusals import (
    DENIED,
    NO_SUCH_CALL,
    DingTalkRefused,
    DingTalkUnavailable,
)

# The AI card that DingTalk's own library uses: a title, a text, a streamed text and buttons.
PUBLIC_TEMPLATE = "382e4302-551d-4880-bf29-a30acfab2e71.schema"
CREATE = "/v1.0/card/instances/createAndDeliver"
DELIVER = "/v1.0/card/instances/deliver"
CHANGE = "/v1.0/card/instances"
STREAM = "/v1.0/card/streaming"
DENIED_S = 60.0  # until the permission is asked for again
ROUTE = "firstline"  # names the address where clicks are posted, in HTTP mode

Data = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """To whom a card goes, beside where."""

    notice: str
    named: Mapping[str, str]  # users who are notified, and how they are called
    in_text: Sequence[str] = ()  # users whom its text names
    only: str | None = None  # the one user who sees it


class DingTalkCards:
    """Methods raise DingTalkUnavailable, DingTalkDoubtful, DingTalkRefused."""

    def __init__(
        self,
        calls: DingTalkCalls,
        template: str = PUBLIC_TEMPLATE,
        clock: Callable[[], float] = time.monotonic,
        *,
        over_http: bool = False,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._denied: tuple[float, DingTalkRefused] | None = None
        self._template = template
        self._callback: Mapping[str, str] = {"callbackType": "STREAM"}
        if over_http:
            self._callback = {"callbackType": "HTTP", "callbackRouteKey": ROUTE}

    async def create(self, track: str, place: Place, data: Data, to: Delivery) -> str:
        """What DingTalk calls the message with the card in it. Where it was denied it is not tried
        at every card, since each call is counted."""
        if self._denied is not None and self._clock() < self._denied[0]:
            before = self._denied[1]
            raise DingTalkRefused(before.call, before.code, before.detail)
        said = {"ZH_CN": to.notice, "EN_US": to.notice}
        space = {"supportForward": False, "lastMessageI18n": said}
        space["notification"] = {"alertContent": to.notice}
        name = _name(place)
        body = {
            "cardTemplateId": self._template,
            "outTrackId": track,
            **self._callback,
            "cardData": {"cardParamMap": dict(data)},
            f"{name}OpenSpaceModel": space,
            **self._delivered(place, to),
        }
        if to.in_text:
            body["cardAtUserIds"] = list(to.in_text)
        try:
            answer = await self._calls.call("POST", CREATE, body)
        except DingTalkRefused as error:
            if error.code in DENIED:
                self._denied = (self._clock() + DENIED_S, error)
            if error.code != NO_SUCH_CALL:
                raise
            await self._calls.call("POST", CHANGE, body)
            return await self.deliver(track, place, to)
        return _carrier(CREATE, (answer.get("result") or {}).get("deliverResults"))

    async def deliver(self, track: str, place: Place, to: Delivery) -> str:
        """Of one that was created and did not arrive. As above."""
        body = {"outTrackId": track, **self._delivered(place, to)}
        answer = await self._calls.call("POST", DELIVER, body)
        return _carrier(DELIVER, answer.get("result"))

    async def change(self, track: str, data: Data, in_text: Sequence[str] = ()) -> None:
        body: dict[str, Any] = {
            "outTrackId": track,
            "cardData": {"cardParamMap": dict(data)},
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "userIdType": 1,
        }
        if in_text:
            body["cardAtUserIds"] = list(in_text)
        await self._calls.call("PUT", CHANGE, body)

    async def stream(self, track: str, name: str, text: str, guid: str) -> None:
        """All of the text so far, in a card that is being written; `guid`: of this frame."""
        body = {"outTrackId": track, "guid": guid, "key": name, "content": text, "isFull": True}
        await self._calls.call("PUT", STREAM, {**body, "isFinalize": False, "isError": False})

    async def recall(self, place: Place, carrier: str) -> None:
        conversation = conversation_of(place)
        body: dict[str, Any] = {"robotCode": self._calls.robot, "processQueryKeys": [carrier]}
        if conversation is None:
            await self._calls.call("POST", "/v1.0/robot/otoMessages/batchRecall", body)
            return
        body["openConversationId"] = conversation
        await self._calls.call("POST", "/v1.0/robot/groupMessages/recall", body)

    def _delivered(self, place: Place, to: Delivery) -> dict[str, Any]:
        conversation = conversation_of(place)
        if conversation is None:
            model: dict[str, Any] = {"spaceType": "IM_ROBOT", "robotCode": self._calls.robot}
            space = f"IM_ROBOT.{reached(place)}"
        else:
            model = {"robotCode": self._calls.robot}
            if to.named:
                model["atUserIds"] = dict(to.named)
            if to.only is not None:
                model["recipients"] = [to.only]
            space = f"IM_GROUP.{conversation}"
        return {
            "openSpaceId": f"dtv1.card//{space}",
            f"{_name(place)}OpenDeliverModel": model,
            "userIdType": 1,
        }


def _name(place: Place) -> str:
    return "imRobot" if conversation_of(place) is None else "imGroup"


def _carrier(call: str, results: Any) -> str:
    """Of a card that arrived."""
    told = results[0] if isinstance(results, list) and results else {}
    if told.get("success") is False:
        why = told.get("errorMsg") or "no reason told"
        raise Undelivered(
            f"DingTalk did not deliver a card ({call}): {why}; see that the robot is in the group, "
            "and that the app is published for whoever asked"
        )
    return str(told.get("carrierId") or "")


class Undelivered(DingTalkUnavailable):
    """The card was created, and stands nowhere."""
