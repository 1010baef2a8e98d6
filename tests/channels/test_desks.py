"""From a customer to a desk elsewhere and back, over real signatures and a real server."""

import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.app import create_app
from bot.bootstrap import build_hand_over
from bot.domain.conversation import Author, Message
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Ticket, TicketState
from bot.sections.desks import Desks, DeskWebhook, ServiceNow, Zendesk
from bot.services.escalation import PlainPackets
from bot.settings import Settings
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.desk_books import SECRET, ServiceNowBook, WebhookBook, ZendeskBook
from tests.desk_server import DeskServer
from tests.fakes import FakeBot
from tests.web import call

ZENDESK_SECRET = "zendesk-secret"
Headers = dict[str, str]


@dataclass
class Street:
    """A desk elsewhere, the application, and what goes between them."""

    bot: FakeBot
    server: DeskServer
    client: httpx.AsyncClient
    ticket: Ticket

    async def empty(self) -> None:
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    async def post(self, desk: str, headers: Headers, body: bytes) -> httpx.Response:
        return await self.client.post(f"/desks/{desk}/events", content=body, headers=headers)

    async def said(self, author: Author = Author.AGENT) -> list[str]:
        messages = await self.bot.store.messages(self.ticket.conversation)
        return [message.text for message in messages if message.author is author]

    async def state(self) -> TicketState:
        return (await self.bot.hand_over.casework.open(self.ticket.id)).state

    async def write(self, text: str) -> None:
        await self.bot.store.accept(
            Message(self.ticket.conversation, Author.CUSTOMER, text, client_message_id=text)
        )


async def street(book: Any, desks: Any) -> AsyncIterator[Street]:
    server = DeskServer(book, Clock())
    async with server.running() as address:
        settings = Settings(desks=desks(address))
        store = MemoryStore()
        bot = FakeBot(store=store)
        bot.prompts = PromptFiles()  # type: ignore[assignment]
        bot.hand_over = build_hand_over(settings, store, bot.prompts, PlainPackets(), bot.staff, {})
        names = bot.hand_over.outbox.desks
        ticket = await opened(store, await started(store), packet=FULL, desks=names)
        async with call(create_app(bot)) as client:
            found = Street(bot, server, client, ticket)
            await found.empty()
            yield found


def zendesk_desks(address: str) -> Desks:
    return Desks(
        zendesk=Zendesk(
            address=address,
            email="bot@example.com",
            token=SecretStr("token"),
            webhook_secret=SecretStr(ZENDESK_SECRET),
        )
    )


def webhook_desks(address: str) -> Desks:
    secret = SecretStr(SECRET)
    return Desks(webhook=DeskWebhook(address=address, secret=secret, inbound_secret=secret))


def servicenow_desks(address: str) -> Desks:
    return Desks(
        servicenow=ServiceNow(
            address=address,
            user="firstline",
            password=SecretStr("password"),
            webhook_secret=SecretStr(SECRET.removeprefix("whsec_")),
        )
    )


@pytest.fixture
async def zendesk() -> AsyncIterator[Street]:
    async for found in street(ZendeskBook(), zendesk_desks):
        yield found


@pytest.fixture
async def webhook() -> AsyncIterator[Street]:
    async for found in street(WebhookBook(), webhook_desks):
        yield found


@pytest.fixture
async def servicenow() -> AsyncIterator[Street]:
    async for found in street(ServiceNowBook(), servicenow_desks):
        yield found


@pytest.fixture(params=["webhook", "servicenow"])
async def signed(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, Street]]:
    """Desks whose events are signed as Standard Webhooks are."""
    book, desks = {
        "webhook": (WebhookBook, webhook_desks),
        "servicenow": (ServiceNowBook, servicenow_desks),
    }[request.param]
    async for found in street(book(), desks):
        yield request.param, found


def by_zendesk(body: bytes, at: datetime | None = None, secret: str = ZENDESK_SECRET) -> Headers:
    stamp = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = hmac.digest(secret.encode(), stamp.encode() + body, sha256)
    return {
        "X-Zendesk-Webhook-Signature": b64encode(made).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def by_standard(
    body: bytes, event: str = "msg_1", at: datetime | None = None, secret: str = SECRET
) -> Headers:
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event, moment, body.decode()),
    }


def replied(ticket: Ticket, text: str = "Hello", **reply: str) -> bytes:
    data = {"ticket": ticket.id, "reply": {"id": "r-1", "author": "Jun", "text": text, **reply}}
    return json.dumps({"type": "ticket.replied", "data": data}).encode()


def became(ticket: Ticket, what: str) -> bytes:
    return json.dumps({"type": f"ticket.{what}", "data": {"ticket": ticket.id}}).encode()


NUDGE = b'{"ticket": "1"}'


async def test_an_agent_in_zendesk_answers_and_solves(zendesk: Street) -> None:
    book: Any = zendesk.server.book
    book.say(1, 2, "Hello from Zendesk")
    book.say(1, 2, "only for colleagues", public=False)
    book.say(1, 3, "a mail of the customer")
    book.rows[1]["status"] = "solved"
    response = await zendesk.post("zendesk", by_zendesk(NUDGE), NUDGE)
    assert response.json() == {"status": "taken"}
    assert await zendesk.said() == ["Hello from Zendesk"]
    assert await zendesk.state() is TicketState.RESOLVED
    remarks = len(book.audits[1])
    await zendesk.empty()
    assert [a["events"][0]["body"] for a in book.audits[1][remarks:]] == ["Resolved in Firstline."]
    assert len(await zendesk.said()) == 1


async def test_what_the_customer_adds_goes_to_zendesk_in_their_name(zendesk: Street) -> None:
    await zendesk.write("One thing more")
    await zendesk.empty()
    book: Any = zendesk.server.book
    remark = book.audits[1][-1]["events"][0]
    assert (remark["body"], remark["public"], remark["author_id"]) == ("One thing more", True, 3)
    await zendesk.post("zendesk", by_zendesk(NUDGE), NUDGE)
    assert await zendesk.said() == []
    assert await zendesk.said(Author.CUSTOMER) == ["One thing more"]


def without_webhook(desks: Desks) -> Desks:
    none = {"webhook_secret": SecretStr("")}
    zendesk = desks.zendesk.model_copy(update=none)
    servicenow = desks.servicenow.model_copy(update=none)
    return desks.model_copy(update={"zendesk": zendesk, "servicenow": servicenow})


async def test_zendesk_without_a_webhook_is_asked() -> None:
    book = ZendeskBook()
    async for there in street(book, lambda address: without_webhook(zendesk_desks(address))):
        polls = there.bot.hand_over.desk_polls
        (desk,) = polls.desks
        book.say(1, 2, "Hello from Zendesk")
        await polls.ask(desk)
        book.rows[1]["status"] = "solved"
        book.say(1, 2, "Bye")
        with pytest.raises(DeskUnavailable, match="not heard everything"):
            await polls.ask(desk)  # of the first reply, as far as the outbox knows
        for _ in range(2):
            await there.empty()
            await polls.ask(desk)
        assert await there.said() == ["Hello from Zendesk", "Bye"]
        assert await there.state() is TicketState.RESOLVED


async def test_servicenow_without_events_is_asked() -> None:
    book = ServiceNowBook()
    async for there in street(book, lambda address: without_webhook(servicenow_desks(address))):
        polls = there.bot.hand_over.desk_polls
        (desk,) = polls.desks
        book.say("INC0000001", "jun", "Hello from ServiceNow")
        for _ in range(2):
            await polls.ask(desk)
            await there.empty()
        book.rows[f"{1:032x}"]["state"] = "6"
        await polls.ask(desk)
        assert await there.said() == ["Hello from ServiceNow"]
        assert await there.state() is TicketState.RESOLVED


async def test_who_writes_again_after_zendesk_closed_the_ticket_gets_another_one(
    zendesk: Street,
) -> None:
    book: Any = zendesk.server.book
    book.close(1)
    for text in ("It is back", "And worse"):
        await zendesk.write(text)
        await zendesk.empty()
    assert [audit["events"][0]["body"] for audit in book.audits[2]] == ["It is back", "And worse"]
    book.say(2, 2, "I look into it")
    body = b'{"ticket": "2"}'
    await zendesk.post("zendesk", by_zendesk(body), body)
    assert await zendesk.said() == ["I look into it"]
    assert await zendesk.state() is TicketState.OPEN
    assert not await zendesk.bot.store.dead_deliveries()


async def test_events_of_zendesk_itself_are_understood_too(zendesk: Street) -> None:
    book: Any = zendesk.server.book
    book.say(1, 2, "Hello")
    body = b'{"type": "zen:event-type:ticket.comment_added", "detail": {"id": "1"}}'
    assert (await zendesk.post("zendesk", by_zendesk(body), body)).status_code == 200
    assert await zendesk.said() == ["Hello"]


async def test_a_ticket_of_somebody_else_in_zendesk_is_passed_over(zendesk: Street) -> None:
    book: Any = zendesk.server.book
    book.rows[2] = {"id": 2, "external_id": None, "status": "new", "updated_at": ""}
    for body in (b'{"ticket": "2"}', b'{"ticket": "99"}', b'{"ticket": "../users/1"}', b"{}"):
        response = await zendesk.post("zendesk", by_zendesk(body), body)
        assert response.json() == {"status": "ignored"}


async def test_a_signed_reply_and_the_end(signed: tuple[str, Street]) -> None:
    desk, there = signed
    body = replied(there.ticket)
    assert (await there.post(desk, by_standard(body), body)).json() == {"status": "taken"}
    assert await there.said() == ["Hello"]
    for number, what in enumerate(("resolved", "reopened", "unheard_of")):
        body = became(there.ticket, what)
        response = await there.post(desk, by_standard(body, f"msg_s{number}"), body)
        assert response.status_code == 200
    assert await there.state() is TicketState.OPEN
    asked = len(there.server.requests)
    await there.empty()
    later = [r for r in there.server.requests[asked:] if r.writes and b"Hello" in r.body]
    assert later == []  # what was said there is not said there again


async def test_what_our_user_wrote_in_servicenow_is_no_news(servicenow: Street) -> None:
    body = replied(servicenow.ticket, user="firstline")
    response = await servicenow.post("servicenow", by_standard(body), body)
    assert response.json() == {"status": "ignored"}
    assert await servicenow.said() == []


OLD = datetime.now(UTC) - timedelta(minutes=6)
SOON = datetime.now(UTC) + timedelta(hours=1)
OTHER = "whsec_" + b64encode(b"another secret of 24 bytes").decode()


def standard_forgeries(body: bytes) -> Mapping[str, Headers]:
    good = by_standard(body)
    return {
        "not signed": {},
        "another secret": by_standard(body, secret=OTHER),
        "too old": by_standard(body, at=OLD),
        "too new": by_standard(body, at=SOON),
        "another body": by_standard(body + b" "),
        "another id": good | {"webhook-id": "msg_2"},
        "another time": good | {"webhook-timestamp": str(int(SOON.timestamp()))},
        "no version": good | {"webhook-signature": "nonsense"},
        "no Base64": good | {"webhook-signature": "v1,%%%"},
        "no time": good | {"webhook-timestamp": "soon"},
    }


def zendesk_forgeries(body: bytes) -> Mapping[str, Headers]:
    good = by_zendesk(body)
    stamp = "X-Zendesk-Webhook-Signature-Timestamp"
    return {
        "not signed": {},
        "another secret": by_zendesk(body, secret="other"),
        "too old": by_zendesk(body, OLD),
        "too new": by_zendesk(body, SOON),
        "another body": by_zendesk(body + b" "),
        "another time": good | {stamp: "2026-03-01T12:00:00Z"},
        "no time": by_zendesk(body) | {stamp: "soon"},
    }


@pytest.mark.parametrize("name", standard_forgeries(b""))
async def test_forged_and_stale_events_are_refused(name: str, signed: tuple[str, Street]) -> None:
    desk, there = signed
    body = replied(there.ticket)
    response = await there.post(desk, standard_forgeries(body)[name], body)
    assert response.status_code == 401
    assert response.json()["type"] == "/problems/event-refused"
    assert await there.said() == []


@pytest.mark.parametrize("name", zendesk_forgeries(b""))
async def test_forged_and_stale_events_of_zendesk_are_refused(zendesk: Street, name: str) -> None:
    book: Any = zendesk.server.book
    book.say(1, 2, "Hello")
    asked = len(zendesk.server.requests)
    response = await zendesk.post("zendesk", zendesk_forgeries(NUDGE)[name], NUDGE)
    assert response.status_code == 401
    assert len(zendesk.server.requests) == asked
    assert await zendesk.said() == []


async def test_replays_are_refused(webhook: Street, zendesk: Street) -> None:
    body = became(webhook.ticket, "resolved")
    headers = by_standard(body)
    assert (await webhook.post("webhook", headers, body)).status_code == 200
    await webhook.bot.hand_over.casework.reopen(webhook.ticket.id, "agent-1")
    assert (await webhook.post("webhook", headers, body)).status_code == 409
    again = by_standard(body, at=datetime.now(UTC) + timedelta(seconds=2))
    assert (await webhook.post("webhook", again, body)).json() == {"status": "repeated"}
    assert await webhook.state() is TicketState.OPEN
    headers = by_zendesk(NUDGE)
    assert (await zendesk.post("zendesk", headers, NUDGE)).status_code == 200
    assert (await zendesk.post("zendesk", headers, NUDGE)).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b"\xff",
        b"[" * 60_000,
        b'{"type": "ticket.replied"}',
        b'{"type": "ticket.replied", "data": {"ticket": "t", "reply": []}}',
        b'{"type": "ticket.replied", "data": {"ticket": "t", "reply": {"id": "", "text": "x"}}}',
        b'{"type": "ticket.resolved", "data": {"ticket": 7}}',
    ],
)
async def test_what_is_not_as_agreed_is_refused(webhook: Street, body: bytes) -> None:
    headers = by_standard(body) if body != b"\xff" else by_standard(b"x")
    assert (await webhook.post("webhook", headers, body)).status_code == 401


async def test_texts_that_nobody_can_store_are_mended(webhook: Street) -> None:
    body = replied(webhook.ticket, "a\x00b", author="\ud800")
    assert (await webhook.post("webhook", by_standard(body), body)).status_code == 200
    assert await webhook.said() == ["a\ufffdb"]


async def test_a_desk_that_cannot_be_asked_is_asked_again_later(zendesk: Street) -> None:
    book: Any = zendesk.server.book
    book.say(1, 2, "Hello")
    answer, book.answer = book.answer, lambda _: 1 / 0
    headers = by_zendesk(NUDGE)
    response = await zendesk.post("zendesk", headers, NUDGE)
    assert response.status_code == 503
    assert "retry-after" in response.headers
    book.answer = answer
    assert (await zendesk.post("zendesk", headers, NUDGE)).status_code == 200
    assert await zendesk.said() == ["Hello"]


async def test_desks_that_are_not_set_up_are_not_there(webhook: Street) -> None:
    for name in ("zendesk", "inbox", "nothing"):
        assert (await webhook.post(name, {}, b"{}")).status_code == 404


async def test_the_widget_shows_who_answers_there(webhook: Street) -> None:
    body = replied(webhook.ticket)
    await webhook.post("webhook", by_standard(body), body)
    parts = webhook.bot.hand_over
    ticket = await parts.casework.open(webhook.ticket.id)
    assert await parts.agent_name(ticket.assignee or "") == "Jun"
    assert await parts.handoffs.is_staffed()
