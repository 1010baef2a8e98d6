"""What is set up at DingTalk and works, with the ways out. Posts and changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.chat.rooms import Rooms
from bot.channels.dingtalk import CARDS_PATH, MESSAGES_PATH, cards, plain
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.people import USER
from bot.channels.dingtalk.refusals import PERMISSION_DENIED, PERMISSIONS, DingTalkRefused
from bot.channels.dingtalk.stream import OPEN, subscription
from bot.domain.desk_news import Finding
from bot.domain.outbox import DeskRefused, DeskUnavailable

CONSOLE = "https://open-dev.dingtalk.com"
ROBOTS = "/v1.0/robot/groups/robots/query"
_NOBODY = "firstline.check"  # no card, no user and no group of this name is there
_ADD = f"add it under 权限管理 of the app at {CONSOLE}, and publish a version"
_DENIED = frozenset({PERMISSION_DENIED, "60011"})
_NO_SUCH_CALL = frozenset({"404", "405"})


@dataclass(frozen=True, slots=True)
class DingTalkAccess:
    """What the settings say, as far as it is looked at."""

    client_id: str = ""
    client_secret: str = ""
    corp_id: str = ""
    http: bool = False
    site: str = ""
    rooms: Rooms = field(default_factory=Rooms)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call that can do nothing, by which is seen whether the app may do it at all."""

    permission: str
    without: str  # it
    method: str
    path: str
    body: Mapping[str, Any]
    is_needed: bool = True


class DingTalkInspector:
    name = "dingtalk"

    def __init__(self, access: DingTalkAccess, calls: DingTalkCalls) -> None:
        self._access = access
        self._calls = calls

    async def check(self) -> Sequence[Finding]:
        access = self._access
        if not (access.client_id and access.client_secret):
            return [Finding("there is an app", "set dingtalk.client_id and dingtalk.client_secret")]
        try:
            await self._calls.token()
        except (DeskRefused, DeskUnavailable) as error:
            return [Finding("Client ID and Client Secret are taken", _way_out(error))]
        return [
            Finding("Client ID and Client Secret are taken"),
            await self._way_in(),
            *[await self._permission(one) for one in self._asked()],
            await self._directory(),
            *await self._groups(),
        ]

    async def _way_in(self) -> Finding:
        access = self._access
        if access.http:
            what = f"messages are taken at {MESSAGES_PATH}, clicks at {CARDS_PATH}"
            way_out = "set web.site, so that DingTalk can be told where clicks are posted"
            return Finding(f"{what} (firstline serve)", "" if access.site else way_out)
        what = "messages come in Stream mode (firstline dingtalk, or firstline serve)"
        try:
            await self._calls.post_unsigned(
                OPEN, subscription(access.client_id, access.client_secret)
            )
        except (DeskRefused, DeskUnavailable) as error:
            return Finding(what, _way_out(error))
        return Finding(what)

    async def _permission(self, asked: _Asked) -> Finding:
        what = f"permission {asked.permission} {PERMISSIONS[asked.permission]}"
        try:
            await self._calls.call(asked.method, asked.path, asked.body)
        except DingTalkRefused as error:
            if error.code in _NO_SUCH_CALL:
                return Finding(f"{what} was not looked at: {error.call} is not there")
            if error.code not in _DENIED:
                return Finding(f"{what} is there")
            if not asked.is_needed:
                return Finding(f"{what} is not there: {asked.without}")
            return Finding(what, f"{asked.without}: {_ADD}")
        except DeskUnavailable as error:
            return Finding(what, _way_out(error))
        return Finding(f"{what} is there")

    def _asked(self) -> Sequence[_Asked]:
        robot, text = self._calls.robot, '{"title": "", "text": ""}'
        empty = {"robotCode": robot, "userIds": [], "msgKey": "sampleMarkdown", "msgParam": text}
        card = {"outTrackId": _NOBODY, "cardData": {"cardParamMap": {"flowStatus": "3"}}}
        frame = {"outTrackId": _NOBODY, "guid": _NOBODY, "key": "msgContent", "content": "-"}
        whole = {"isFull": True, "isFinalize": False, "isError": False}
        return [
            _Asked(
                "Card.Instance.Write",
                "answers have no buttons, and tickets cannot be worked on here",
                "PUT",
                cards.CHANGE,
                card,
            ),
            _Asked(
                "Card.Streaming.Write",
                "answers are changed in steps as they come, each of which is a call more",
                "PUT",
                cards.STREAM,
                {**frame, **whole},
            ),
            _Asked(
                "qyapi_robot_sendmsg",
                "where cards are refused nothing can be answered",
                "POST",
                plain.TO_ONE,
                empty,
            ),
        ]

    async def _directory(self) -> Finding:
        what = f"permission qyapi_get_member {PERMISSIONS['qyapi_get_member']}"
        try:
            await self._calls.call_former(USER, {"userid": _NOBODY})
        except DingTalkRefused as error:
            if error.code in _NO_SUCH_CALL:
                return Finding(f"{what} was not looked at: {error.call} is not there")
            if error.code in _DENIED:
                without = "people are known by their nickname alone, and agents of the inbox not"
                return Finding(what, f"{without}: {_ADD}, with 邮箱等个人信息 for mail addresses")
        except DeskUnavailable as error:
            return Finding(what, _way_out(error))
        return Finding(f"{what} is there")

    async def _groups(self) -> Sequence[Finding]:
        access = self._access
        asked = access.rooms.by_use
        findings = [await self._group(use, one) for use, groups in asked.items() for one in groups]
        if not access.rooms.triage:
            what = "no triage group is set: tickets are worked on in the inbox (/inbox)"
            return [*findings, Finding(what)]
        if not access.corp_id:
            what = "dingtalk.corp_id is not set: the triage group gets its first card once "
            findings.append(Finding(f"{what}somebody has written to the robot"))
        return findings

    async def _group(self, use: str, group: str) -> Finding:
        what = f"the robot is in the {use} group {group}"
        try:
            told = await self._calls.call("POST", ROBOTS, {"openConversationId": group})
        except DingTalkRefused as error:
            if error.code in _DENIED:
                named = f"qyapi_chat_manage {PERMISSIONS['qyapi_chat_manage']}"
                return Finding(f"the {use} group was not looked at: that takes {named}")
            if error.code in _NO_SUCH_CALL:
                return Finding(f"the {use} group was not looked at: {error.call} is not there")
            hint = "name the robot in the group: the log tells its openConversationId (cid…)"
            return Finding(what, f"{error}; {hint}")
        except DeskUnavailable as error:
            return Finding(what, _way_out(error))
        robots = told.get("chatbotInstanceVOList") or ()
        if any(one.get("robotCode") == self._calls.robot for one in robots):
            return Finding(what)
        return Finding(what, "add it under 群设置 > 机器人 of the group")


def _way_out(error: DeskRefused | DeskUnavailable) -> str:
    is_refused = isinstance(error, DeskRefused)
    return str(error) if is_refused else f"{error}; is it reached from here?"
