"""Every desk elsewhere beside a server of its own, for the suites that they all have to pass."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.adapters.desk_http import DeskHttp
from bot.adapters.desk_wording import DeskWording
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.adapters.servicenow_desk import ServiceNowDesk
from bot.adapters.standard_webhooks import WebhookSecret
from bot.adapters.webhook_desk import WebhookDesk
from bot.adapters.zendesk_desk import ZendeskDesk
from bot.domain.conversation import Locale, Message
from bot.domain.ticket import Priority, Ticket, TicketEventKind
from bot.ports import TicketDesk
from tests.adapters.desk_contract import delivery_of
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.desk_books import SECRET, ServiceNowBook, WebhookBook, ZendeskBook
from tests.desk_server import DeskServer

TLS = httpx.create_ssl_context()  # made once, as it takes longer than all the rest


class PatientHttp(DeskHttp):
    """Nothing hangs here, however busy the machine is."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named | {"timeout_s": 60.0, "tls": TLS})


class HastyHttp(DeskHttp):
    """Does not wait for what hangs. What it gives up on for another reason is tried again."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named | {"timeout_s": 0.2, "tls": TLS})


WORDING = DeskWording(PromptFiles(), Locale.EN, ZoneInfo("UTC"))


class SeenBook(Protocol):
    @property
    def tickets(self) -> list[str]:
        """Our ids of the tickets there, each as often as there is one."""
        ...

    @property
    def seen(self) -> list[tuple[str, str]]:
        """(ticket, key of the delivery) in order."""
        ...


@dataclass(frozen=True)
class Place:
    desk: Any
    server: DeskServer
    book: SeenBook


def webhook_desk(address: str, http: type[DeskHttp] = PatientHttp) -> TicketDesk:
    secret = WebhookSecret(SECRET, "desks.webhook.secret")
    return WebhookDesk(http(address), secret, secret, WORDING)


def zendesk_desk(address: str, http: type[DeskHttp] = PatientHttp) -> TicketDesk:
    auth = ("bot@example.com/token", "token")
    client = http(address, auth=auth)
    return ZendeskDesk(client, WORDING, {"360001": "tier"}, "zendesk-secret")


def servicenow_desk(address: str, http: type[DeskHttp] = PatientHttp) -> TicketDesk:
    client = http(address, auth=("firstline", "password"))
    secret = WebhookSecret(SECRET, "desks.servicenow.webhook_secret")
    return ServiceNowDesk(client, WORDING, {"u_tier": "tier"}, secret, user="firstline")


DESKS: dict[str, tuple[Callable[..., Any], Callable[[], Any]]] = {
    "webhook": (webhook_desk, WebhookBook),
    "zendesk": (zendesk_desk, ZendeskBook),
    "servicenow": (servicenow_desk, ServiceNowBook),
}


@asynccontextmanager
async def place_of(name: str, clock: Clock) -> AsyncIterator[Place]:
    make, write = DESKS[name]
    book = write()
    server = DeskServer(book, clock)
    async with server.running() as address:
        yield Place(make(address), server, book)


@pytest.fixture
async def ticket() -> Ticket:
    store = MemoryStore()
    return await opened(store, await started(store), packet=FULL, priority=Priority.URGENT)


async def tell(
    place: Place, ticket: Ticket, kind: TicketEventKind, n: int, message: Message | None = None
) -> str:
    """As the event with that number."""
    told: str = await place.desk.deliver(delivery_of(ticket, kind, n), ticket, message)
    return told
