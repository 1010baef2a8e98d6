"""What Feishu's answers mean."""

import pytest

from bot.channels.chat.program import OutcomeUnknown, PostGone
from bot.channels.feishu.refusals import WAYS_OUT, FeishuRefused, failure
from bot.domain.outbox import DeskUnavailable


@pytest.mark.parametrize("code", sorted(WAYS_OUT))
def test_a_refusal_names_the_way_out(code: int) -> None:
    met = failure("POST x", 400, {"code": code, "msg": "no\nmore"}, None)
    assert isinstance(met, FeishuRefused)
    assert met.code == code
    assert WAYS_OUT[code] in str(met)
    assert "no more" in str(met)


def test_an_unknown_code_leads_to_the_documentation() -> None:
    assert "open.feishu.cn/document" in str(failure("x", 400, {"code": 1}, None))


@pytest.mark.parametrize("code", [230011, 231003, 230110, 230031])
def test_what_is_gone(code: int) -> None:
    assert isinstance(failure("x", 400, {"code": code}, None), PostGone)


@pytest.mark.parametrize(("status", "code"), [(429, 0), (400, 99991400), (400, 230020)])
def test_what_was_not_done_yet(status: int, code: int) -> None:
    met = failure("x", status, {"code": code}, 3.0)
    assert isinstance(met, DeskUnavailable)
    assert not isinstance(met, OutcomeUnknown)
    assert met.retry_after_s == 3.0


@pytest.mark.parametrize(
    ("status", "answer"), [(502, {}), (200, {}), (408, {}), (400, {"code": 230049})]
)
def test_what_nobody_knows(status: int, answer: dict[str, object]) -> None:
    assert isinstance(failure("x", status, answer, None), OutcomeUnknown)


@pytest.mark.parametrize("answer", [{}, {"code": "404"}])
def test_a_call_that_is_none_is_refused(answer: dict[str, object]) -> None:
    met = failure("x", 404, answer, None)
    assert isinstance(met, FeishuRefused)
    assert met.code == 404
