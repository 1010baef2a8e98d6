"""Every desk elsewhere beside a server of its own, for the suites that they all have to pass."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.adapters.desk_http import DeskHttp
from bot.adapters.desk_wording import DeskWording
from bot.adapters.prompt_files import PromptFiles
from bot.adapters.servicenow_desk import ServiceNowDesk
from bot.adapters.standard_webhooks import WebhookSecret
from bot.adapters.webhook_desk import WebhookDesk
from bot.adapters.zendesk_desk import ZendeskDesk
from bot.domain.conversation import Locale
from bot.ports import TicketDesk
from tests.adapters.stores import Clock
from tests.desk_books import SECRET, ServiceNowBook, WebhookBook, ZendeskBook
from tests.desk_server import DeskServer

TIMEOUT_S = 0.3  # of a request, so that one that hangs is not waited for
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


def webhook_desk(address: str, http: type[DeskHttp] = DeskHttp) -> TicketDesk:
    secret = WebhookSecret(SECRET, "desks.webhook.secret")
    return WebhookDesk(http(address, timeout_s=TIMEOUT_S), secret, secret, WORDING)


def zendesk_desk(address: str, http: type[DeskHttp] = DeskHttp) -> TicketDesk:
    auth = ("bot@example.com/token", "token")
    client = http(address, auth=auth, timeout_s=TIMEOUT_S)
    return ZendeskDesk(client, WORDING, {"360001": "tier"}, "zendesk-secret")


def servicenow_desk(address: str, http: type[DeskHttp] = DeskHttp) -> TicketDesk:
    client = http(address, auth=("firstline", "password"), timeout_s=TIMEOUT_S)
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
