"""Mails that a mail server posts: signed by it, within minutes, each taken once."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from bot.app import create_app
from bot.channels.mail import PATH
from bot.channels.mail.routes import Room
from tests.channels.mail_office import SECRET, MailOffice, asks, mail_office
from tests.fakes import FakeBot
from tests.web import call


@pytest.fixture
async def office() -> AsyncIterator[MailOffice]:
    async with mail_office() as opened:
        yield opened


@pytest.fixture
async def client(office: MailOffice) -> AsyncIterator[httpx.AsyncClient]:
    async with call(create_app(office.bot)) as calling:
        yield calling


def event(raw: bytes) -> str:
    return json.dumps({"raw": b64encode(raw).decode()})


def signed(body: str, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
        "content-type": "application/json",
    }


async def post(client: httpx.AsyncClient, body: str, headers: dict[str, str]) -> Any:
    return await client.post(PATH, content=body, headers=headers)


async def test_a_signed_mail_is_taken_and_answered(
    client: httpx.AsyncClient, office: MailOffice
) -> None:
    body = event(asks())
    for _ in range(2):  # as after an answer that got lost
        response = await post(client, body, signed(body))
        assert (response.status_code, response.json()) == (200, {"fate": "taken"})
    await office.work()
    assert len(office.sent) == 1


async def test_what_is_left_alone_is_taken_too(client: httpx.AsyncClient) -> None:
    body = event(asks(Auto_Submitted="auto-generated"))
    assert (await post(client, body, signed(body))).json() == {"fate": "automatic"}


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v2,AAAA v1"},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "1"},
        {"webhook-id": "msg_2"},
    ],
)
async def test_what_is_forged_is_refused(
    client: httpx.AsyncClient, office: MailOffice, change: dict[str, str]
) -> None:
    body = event(asks())
    response = await post(client, body, signed(body) | change)
    assert response.status_code == 401
    assert await office.conversations() == []


async def test_what_is_stale_or_signed_by_another_or_unsigned_is_refused(
    client: httpx.AsyncClient, office: MailOffice
) -> None:
    body = event(asks())
    stale = datetime.now(UTC) - timedelta(minutes=6)
    other = "whsec_" + b64encode(b"o" * 24).decode()
    for headers in (signed(body, at=stale), signed(body, other), {}):
        assert (await post(client, body, headers)).status_code == 401
    assert (await post(client, body.replace("a", "b", 1), signed(body))).status_code == 401
    assert await office.conversations() == []


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"raw": 1}', "no json"])
async def test_what_is_no_mail_is_said_so(client: httpx.AsyncClient, body: str) -> None:
    assert (await post(client, body, signed(body))).status_code == 422


async def test_a_mail_with_attachments_fits(client: httpx.AsyncClient, office: MailOffice) -> None:
    body = event(asks("x" * 1_000_000))
    assert (await post(client, body, signed(body))).status_code == 200
    text = (await office.said())[0].text
    assert 4000 < len(text) < 4100


async def test_all_bodies_at_once_have_bounded_room(office: MailOffice) -> None:
    app = create_app(office.bot)
    app.state.mail = replace(office.inbound, room=Room(5000))
    small, large = event(asks()), event(asks("x" * 10_000))
    async with call(app) as client:
        for _ in range(3):  # what was refused leaves its room
            assert (await post(client, large, signed(large))).status_code == 429
            assert (await post(client, small, signed(small))).status_code == 200


async def test_what_others_send_meanwhile_counts(office: MailOffice) -> None:
    app = create_app(office.bot)
    app.state.mail = replace(office.inbound, room=Room(5000))
    body = event(asks())
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 4900
        begun.set()
        await go_on.wait()

    async with call(app) as client:
        waiting = asyncio.create_task(client.post(PATH, content=slow(), headers=signed("x")))
        await begun.wait()
        assert (await post(client, body, signed(body))).status_code == 429
        go_on.set()
        assert (await waiting).status_code == 401
        assert (await post(client, body, signed(body))).status_code == 200


async def test_without_mail_there_is_no_such_route() -> None:
    async with call(create_app(FakeBot())) as client:
        body = event(asks())
        assert (await post(client, body, signed(body))).status_code == 404
