"""`POST /slack/events`: who is believed, what is acknowledged, and what is not."""

import json
import time
from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import StoreError
from tests.channels.chat.office import QUESTION
from tests.channels.slack.office import SlackOffice, slack_office
from tests.slack_server import DIRECT, SIGNING_SECRET, signed

EVENTS = "/slack/events"


@pytest.fixture
async def office() -> AsyncIterator[SlackOffice]:
    async with slack_office() as office:
        yield office


async def post(office: SlackOffice, content: bytes, headers: dict[str, str]) -> int:
    kind = {"Content-Type": "application/json"}
    answer = await office.http.post(EVENTS, content=content, headers={**kind, **headers})
    return answer.status_code


def forged(**changed: str) -> dict[str, str]:
    return {**signed("{}"), **{name.replace("_", "-"): value for name, value in changed.items()}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": str(int(time.time()))},
        signed("{}", "another secret"),
        signed('{"other": 1}'),
        signed("{}", at=time.time() - 301),
        signed("{}", at=time.time() + 900),
        forged(X_Slack_Request_Timestamp="12.5"),
        forged(X_Slack_Request_Timestamp="soon"),
        forged(X_Slack_Request_Timestamp=""),
        forged(X_Slack_Request_Timestamp="-1"),
        forged(X_Slack_Request_Timestamp="9" * 5000),
        forged(X_Slack_Signature=""),
        forged(X_Slack_Signature="v0="),
        forged(X_Slack_Signature="v1=" + "0" * 64),
    ],
)
async def test_what_slack_did_not_sign_now_is_refused(
    office: SlackOffice, headers: dict[str, str]
) -> None:
    assert await post(office, b"{}", headers) == 401


async def test_headers_beyond_ascii_are_refused(office: SlackOffice) -> None:
    for name in ("X-Slack-Request-Timestamp", "X-Slack-Signature"):
        answer = await office.http.post(
            EVENTS, content=b"{}", headers=[*signed("{}").items(), (name, "１２３".encode())]
        )
        assert answer.status_code == 401


async def test_a_signed_body_that_is_no_text_is_refused(office: SlackOffice) -> None:
    import hashlib
    import hmac

    stamp = str(int(time.time()))
    digest = hmac.new(
        SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":\xff", hashlib.sha256
    ).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    assert await post(office, b"\xff", headers) == 422


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "[" * 30_000,
        '{"a":' * 20_000,
        "payload",
        "payload=%7B",
        "payload=null",
        "payload=[]",
        '{"type": "event_callback", "event": "x"}',
        '{"type": "event_callback", "authorizations": 5}',
    ],
)
async def test_a_signed_body_that_cannot_be_read_is_refused(
    office: SlackOffice, content: str
) -> None:
    assert await post(office, content.encode(), signed(content)) == 422


async def test_what_is_not_shaped_as_slack_shapes_it_is_acknowledged_and_holds_nobody_up(
    office: SlackOffice,
) -> None:
    said = office.slack.say(QUESTION, DIRECT)
    for changed in ({"ts": "soon"}, {"ts": None}, {"channel": ""}, {"channel": "a/b"}):
        event = {**said["event"], **changed}
        assert (await office.post({**said, "event": event})).status_code == 200
    for body in ({"team": "T1"}, {"container": "x"}, {"actions": [[]]}):
        click = {**office.slack.action("talk_to_person"), **body}
        assert (await office.post(click)).status_code == 200
    await office.work()
    assert not await office.store.dead_events()
    assert await office.parts.edge.backfill.read_back() == 0
    await office.take(said)
    assert await office.asked() == [QUESTION]


async def test_a_command_may_speak_of_a_payload(office: SlackOffice) -> None:
    text = "How large may the payload of a webhook be?"
    await office.take(office.slack.command("/ask", text))
    assert await office.asked() == [text]


async def test_the_address_is_proved_to_slack(office: SlackOffice) -> None:
    answer = await office.post({"type": "url_verification", "challenge": "abc", "token": "t"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    "body",
    [
        {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1},
        {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": {"type": "unheard"}},
        {"type": "event_callback", "team_id": "T1", "event_id": "E1"},
    ],
)
async def test_what_is_nothing_to_us_is_acknowledged(
    office: SlackOffice, body: dict[str, object]
) -> None:
    assert (await office.post(body)).status_code == 200
    assert await office.parts.worker.work_off() == 0


async def test_what_cannot_be_committed_is_not_acknowledged(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: object) -> bool:
        raise StoreError("full")

    event = office.slack.say(QUESTION, DIRECT)
    with monkeypatch.context() as patch:
        patch.setattr(office.store, "take_event", refuse)
        assert (await office.post(event)).status_code == 500
    assert (await office.post(event)).status_code == 200
    await office.work()
    assert await office.asked() == [QUESTION]


async def test_a_body_may_be_large(office: SlackOffice) -> None:
    event = office.slack.say("x" * 60_000, DIRECT, blocks=[{"type": "section"}] * 500)
    assert len(json.dumps(event)) > 64 * 1024
    assert (await office.post(event)).status_code == 200


async def test_without_slack_there_is_no_such_route() -> None:
    from bot.app import create_app
    from tests.fakes import FakeBot
    from tests.web import call

    async with call(create_app(FakeBot())) as http:
        assert (await http.post(EVENTS, json={})).status_code == 404
