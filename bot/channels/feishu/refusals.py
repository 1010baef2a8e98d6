"""What Feishu says no with, and the way out."""

from collections.abc import Mapping

from bot.channels.chat.program import OutcomeUnknown, PostGone
from bot.domain.outbox import DeskRefused, DeskUnavailable

CONSOLE = "the developer console (open.feishu.cn/app, or open.larksuite.com/app)"
_PUBLISH = f"add it in {CONSOLE} and publish a version; run: firstline feishu check"
NOT_GRANTED = frozenset({99991672, 99991679, 230027})
NOT_SEEN = frozenset({41012, 41050})  # people outside of the app's contacts
WAYS_OUT: Mapping[int, str] = {
    10003: "feishu.app_id is the id of no app, or of one at the other domain (feishu.domain)",
    10012: "feishu.app_id is the id of no app, or of one at the other domain (feishu.domain)",
    10014: "feishu.app_secret does not belong to feishu.app_id",
    41050: "widen the app's contact scope, so that it sees who writes",
    **dict.fromkeys(NOT_GRANTED, f"a permission is missing: {_PUBLISH}"),
    200340: f"subscribe to card.action.trigger under Callbacks in {CONSOLE}",
    230001: "Feishu does not take the message; please report it",
    230002: "add the bot to the group, or answer the customer elsewhere",
    230006: f"switch on the ability Bot in {CONSOLE} and publish a version",
    230013: "the customer is outside the app's availability; widen it, or answer them elsewhere",
    230018: "the group does not let the bot speak; change its settings",
    230019: "the thread's first message is gone; answer the customer elsewhere",
    230022: "Feishu found forbidden words in the message; write it otherwise",
    230025: "the message is too long for Feishu",
    230028: "the company's rules on leaking data keep the message back; write it otherwise",
    230029: "the customer has left the company",
    230035: "the group does not let the bot speak; change its settings",
    230038: "the customer is of another company, which the app does not reach",
    230053: "the customer has silenced the bot; answer them elsewhere",
    230099: "Feishu does not take the card's layout; please report it",
    232006: "there is no such group; see the id (oc_...)",
    232009: "the group was dissolved; answer the customer elsewhere",
    232011: "add the bot to the group",
}
# The post, or what it stands below; of cards also those that are too old to be changed.
GONE = frozenset({230011, 230019, 230031, 230110, 231003})
LAYOUT = frozenset({230001, 230099, 200621, 200380, 300305, 230025})
# There is no such call at all, or not for such a post.
NO_ADDRESS = frozenset({404, 405, 501})
NO_CALL = NO_ADDRESS | {230054, 99991404}
# Nothing was done yet.
BUSY = frozenset({99991400, 11020, 11021, 230020, 230047, 300000})
DOUBTFUL = frozenset({1500, 2200, 5000, 55000, 230049})
TOKEN_REFUSED = frozenset({99991661, 99991663, 99991664, 99991668, 99991677})
SEQUENCE = 300317  # a card was changed by somebody with a higher number
STREAM_OVER = frozenset({200850, 300309})
LEAST_WAIT_S = 1.0  # where Feishu asks to wait and does not say how long


class FeishuRefused(DeskRefused):
    """Feishu will never do this as it was asked."""

    def __init__(self, call: str, code: int, said: str = "") -> None:
        way_out = WAYS_OUT.get(code, "see https://open.feishu.cn/document (search for the code)")
        super().__init__(f"Feishu refused {call}: {code} {said}".rstrip() + f"; {way_out}")
        self.call = call
        self.code = code
        self.said = said


class FeishuPostGone(FeishuRefused, PostGone):
    """What it was asked of is there no more."""


def failure(
    call: str, status: int, answer: Mapping[str, object], wait_s: float | None
) -> DeskUnavailable | FeishuRefused:
    """What an answer that is no success means."""
    told = answer.get("code")
    code = told if isinstance(told, int) else 0
    if not code and 400 <= status < 500 and status not in (408, 429):
        code = status
    if status == 429 or code in BUSY:
        return DeskUnavailable(f"Feishu puts {call} off: {code or status}", wait_s or LEAST_WAIT_S)
    if status >= 500 or code in DOUBTFUL or not code:
        return OutcomeUnknown(f"Feishu failed at {call}: {code or status}")
    said = " ".join(str(answer.get("msg", "")).split())[:200]
    return (FeishuPostGone if code in GONE else FeishuRefused)(call, code, said)
