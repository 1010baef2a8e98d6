"""What DingTalk says no with, and the way out."""

from bot.channels.chat.program import NotHeard, OutcomeUnknown, PostGone
from bot.domain.outbox import DeskRefused, DeskUnavailable

PERMISSIONS = {
    "Card.Instance.Write": "互动卡片实例写权限",
    "Card.Streaming.Write": "AI卡片流式更新权限",
    "qyapi_robot_sendmsg": "企业内机器人发送消息权限",
    "qyapi_get_member": "成员信息读权限",
    "fieldEmail": "邮箱等个人信息",
    "qyapi_chat_manage": "钉钉群基础信息管理权限",
}
PERMISSION_DENIED = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
WAYS_OUT = {
    "invalidClientIdOrSecret": "set dingtalk.client_id and dingtalk.client_secret to the app's "
    "Client ID and Client Secret",
    "authFailed": "set dingtalk.client_id and dingtalk.client_secret to the app's Client ID and "
    "Client Secret, and let its robot receive messages in Stream mode",
    PERMISSION_DENIED: "add the permission to the app and publish a version; run: firstline "
    "dingtalk check",
    "param.templateNotExist": "see that dingtalk.card_template is the id of a card template, or "
    "leave it empty",
    "param.templateUnpublished": "publish the card template at https://open-dev.dingtalk.com/fe/card",
    "param.contentUnsafe": "DingTalk's review does not let the text pass; answer elsewhere",
    "param.userIdNotExist": "the customer has left the company, or belongs to another one; answer "
    "them elsewhere",
    "param.openSpaceIdInvalid": "the chat is gone, or is none of this company",
    "param.cardNotExist": "the card was removed",
    "param.stream.outTrackId": "the card was removed",
    "chatbot.notFound": "set dingtalk.robot_code to the robot's code, and add the robot to "
    "the group",
    "invalidParameter.robotCode.notExsit": "set dingtalk.robot_code to the robot's code",
    "Forbidden.AccessDenied.ApiCountLimitForOrg": "the company has used up its calls of this "
    "month; see how many its DingTalk edition includes",
    "60011": "add the permission 成员信息读权限 to the app and publish a version",
    "60121": "there is nobody of this id in the company",
}
GONE = frozenset({"param.cardNotExist", "param.stream.outTrackId"})
THERE_ALREADY = "param.cardAlreadyExist"
NO_SUCH_CALL = "404"
# The app may not ask the directory, which says nothing about whom it was asked for.
MAY_NOT_ASK = frozenset({PERMISSION_DENIED, "60011", NO_SUCH_CALL, "403", "405"})
DENIED = frozenset({PERMISSION_DENIED, "403"})
# Too many calls a second, of this app or of all; the next second has room.
BUSY_WAIT_S = 1.0
BUSY = frozenset(
    {
        *("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "90018", "90002"),
        *("Forbidden.AccessDenied.QpsLimitForApi", "130101"),
    }
)
MINUTE_WAIT_S = 60.0
BUSY_MINUTE = frozenset({"Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"})
USED_UP_WAIT_S = 3600.0
USED_UP = frozenset({"Forbidden.AccessDenied.ApiCountLimitForOrg", "90020"})
STALE_TOKEN = frozenset({"InvalidAuthentication", "40014", "42001"})
SITE = "https://open.dingtalk.com/document/development/server-api-error-codes-1"


class DingTalkRefused(DeskRefused):
    """DingTalk will never do this as it was asked."""

    def __init__(self, call: str, code: str, detail: str = "") -> None:
        what = f"{code} ({detail})" if detail and detail != code else code
        super().__init__(f"DingTalk refused {call}: {what}; {WAYS_OUT.get(code, f'see {SITE}')}")
        self.call = call
        self.code = code
        self.detail = detail


class DingTalkPostGone(DingTalkRefused, PostGone):
    pass


class DingTalkNotHeard(DingTalkRefused, NotHeard):
    pass


class DingTalkUnavailable(DeskUnavailable):
    """DingTalk did not do it."""


class DingTalkDoubtful(DingTalkUnavailable, OutcomeUnknown):
    """Whether DingTalk did it nobody said."""


def failure(call: str, status: int, code: str, detail: str = "") -> DeskRefused | DeskUnavailable:
    """Of what a call was answered with."""
    if code in BUSY or (status == 429 and not code):
        return DingTalkUnavailable(f"DingTalk puts {call} off: {code or status}", BUSY_WAIT_S)
    if code in BUSY_MINUTE:
        return DingTalkUnavailable(f"DingTalk puts {call} off: {code}", MINUTE_WAIT_S)
    if code in USED_UP:
        way_out = WAYS_OUT["Forbidden.AccessDenied.ApiCountLimitForOrg"]
        return DingTalkUnavailable(f"DingTalk puts {call} off: {code}; {way_out}", USED_UP_WAIT_S)
    if status >= 500 or (status < 400 and not code):
        return DingTalkDoubtful(f"DingTalk failed at {call}: {code or status}")
    code = code or str(status)
    if code in GONE:
        return DingTalkPostGone(call, code, detail)
    return DingTalkRefused(call, code, detail)
