"""What a receiver of webhooks is sent, and what is said of a set-up that is not complete."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.desk_http import DeskHttp
from bot.adapters.memory_store import MemoryStore
from bot.adapters.standard_webhooks import WebhookSecret
from bot.adapters.webhook_desk import WebhookDesk
from bot.domain.conversation import Author, Message
from bot.domain.desk_news import actor_at
from bot.domain.outbox import DeskUnavailable
from bot.domain.packet import Packet
from bot.domain.ticket import Ticket, TicketEventKind
from tests.adapters.desk_contract import delivery_of
from tests.adapters.desks import WORDING, Place, place_of
from tests.adapters.stores import NOON, Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.desk_books import SECRET
from tests.desk_server import Response

OPENED = TicketEventKind.OPENED
NONE = WebhookSecret("", "desks.webhook.secret")


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with place_of("webhook", Clock()) as place:
        yield place


@pytest.fixture
async def ticket() -> Ticket:
    store = MemoryStore()
    return await opened(store, await started(store), packet=FULL, first_response_due=NOON)


def sent(place: Place) -> list[dict[str, Any]]:
    book: Any = place.book
    return list(book.events.values())


async def test_the_opening_carries_the_whole_packet(place: Place, ticket: Ticket) -> None:
    reference = await place.desk.deliver(delivery_of(ticket, OPENED), ticket, None)
    assert reference == f"W-{ticket.label}"
    (event,) = sent(place)
    data = event["data"]
    assert event["type"] == "ticket.opened"
    assert Packet.from_json(data["packet"]) == ticket.packet
    assert data["first_response_due"] == "2026-03-01T12:00:00Z"
    assert "导出不了！" in data["note"]


async def test_later_events_carry_what_was_said(place: Place, ticket: Ticket) -> None:
    said = Message(ticket.conversation, Author.CUSTOMER, "more", created_at=NOON)
    later = replace(delivery_of(ticket, TicketEventKind.CUSTOMER_WROTE), reference="W-9")
    await place.desk.deliver(later, ticket, said)
    (event,) = sent(place)
    assert event["data"]["reference"] == "W-9"
    assert event["data"]["message"] == {
        "id": said.id,
        "author": "customer",
        "text": "more",
        "at": "2026-03-01T12:00:00Z",
    }
    assert "packet" not in event["data"]


async def test_what_the_receiver_said_itself_is_not_sent_to_it(
    place: Place, ticket: Ticket
) -> None:
    said = Message(ticket.conversation, Author.AGENT, "hi", agent=actor_at("webhook", "Jun"))
    reply = delivery_of(ticket, TicketEventKind.AGENT_REPLIED)
    assert await place.desk.deliver(reply, ticket, said) == ticket.label
    await place.desk.deliver(delivery_of(ticket, TicketEventKind.ASSIGNED), ticket, None)
    assert sent(place) == []


@pytest.mark.parametrize("data", [None, [], {"reference": 7}, {"reference": "x" * 201}])
async def test_a_receiver_need_not_name_the_ticket(place: Place, ticket: Ticket, data: Any) -> None:
    place.server.book.answer = lambda _: Response(200, data)  # type: ignore[method-assign]
    told = await place.desk.deliver(delivery_of(ticket, OPENED), ticket, None)
    assert told == ticket.label


async def test_without_a_secret_nothing_leaves(place: Place, ticket: Ticket) -> None:
    desk = WebhookDesk(DeskHttp(place.server.address), NONE, NONE, WORDING)
    with pytest.raises(DeskUnavailable, match="is not set"):
        await desk.deliver(delivery_of(ticket, OPENED), ticket, None)
    assert place.server.requests == []


async def test_a_complete_set_up_has_nothing_missing(place: Place) -> None:
    assert all(finding.is_good for finding in await place.desk.check())
    assert sent(place) == []


async def test_what_is_missing_is_said_with_a_way_out(place: Place) -> None:
    other = WebhookSecret("whsec_" + "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI=", "s")
    desk = WebhookDesk(DeskHttp(place.server.address), other, NONE, WORDING)
    wrong = [one.way_out for one in await desk.check() if not one.is_good]
    assert len(wrong) == 2
    assert "inbound_secret" in wrong[0]
    assert "401" in wrong[1]
    desk = WebhookDesk(DeskHttp(place.server.address), NONE, WebhookSecret(SECRET, "s"), WORDING)
    (unset,) = [one for one in await desk.check() if not one.is_good]
    assert "desks.webhook.secret" in unset.way_out
