"""What DingTalk says no with is put off, doubtful, gone or for good, with the way out."""

import pytest

from bot.channels.chat.program import OutcomeUnknown, PostGone
from bot.channels.dingtalk.refusals import PERMISSION_DENIED, failure
from bot.domain.outbox import DeskRefused, DeskUnavailable


@pytest.mark.parametrize(
    ("status", "code", "wait_s"),
    [
        (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 1),
        (403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", 60),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", 3600),
        (200, "90018", 1),
        (429, "", 1),
    ],
)
def test_put_off(status: int, code: str, wait_s: float) -> None:
    error = failure("/call", status, code)
    assert isinstance(error, DeskUnavailable)
    assert not isinstance(error, OutcomeUnknown)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(("status", "code"), [(500, "system.busy"), (503, ""), (200, "")])
def test_doubtful(status: int, code: str) -> None:
    assert isinstance(failure("/call", status, code), OutcomeUnknown)


@pytest.mark.parametrize("code", ["param.cardNotExist", "param.stream.outTrackId"])
def test_gone(code: str) -> None:
    assert isinstance(failure("/call", 400, code), PostGone)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "invalidClientIdOrSecret", "dingtalk.client_secret"),
        (403, PERMISSION_DENIED, "firstline dingtalk check"),
        (400, "chatbot.notFound", "dingtalk.robot_code"),
        (400, "param.templateNotExist", "dingtalk.card_template"),
        (400, "something.new", "open.dingtalk.com"),
        (404, "", "404"),
    ],
)
def test_for_good_with_the_way_out(status: int, code: str, said: str) -> None:
    error = failure("/call", status, code, "detail")
    assert isinstance(error, DeskRefused)
    assert said in str(error)
    assert "/call" in str(error)
