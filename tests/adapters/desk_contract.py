"""What every ticket desk has to keep: a suite to inherit from, with fixtures for the desk.

`desk` is the desk; `seen` lists what it did as (reference of the ticket there, key), in order;
`outage` is a context manager in which the desk's other side cannot be reached.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from bot.domain.conversation import Author, Message
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable, Recipient
from bot.domain.ticket import Ticket, TicketEventKind
from bot.ports import TicketDesk

Seen = Callable[[], Awaitable[list[tuple[str | None, str]]]]
Outage = Callable[[], AbstractContextManager[None]]


def delivery_of(ticket: Ticket, kind: TicketEventKind, n: int = 1) -> Delivery:
    return Delivery(
        key=f"{ticket.id}.{n}",
        recipient=Recipient.DESK,
        name="inbox",
        ticket=ticket.id,
        conversation=ticket.conversation,
        kind=kind,
    )


class DeskContract:
    async def test_it_has_a_name(self, desk: TicketDesk) -> None:
        assert desk.name
        assert desk.name == desk.name.lower()

    async def test_a_ticket_is_opened_once_for_a_key(
        self, desk: TicketDesk, ticket: Ticket, seen: Seen
    ) -> None:
        opening = delivery_of(ticket, TicketEventKind.OPENED)
        references = {await desk.deliver(opening, ticket, None) for _ in range(3)}
        assert len(references) == 1
        assert [key for _, key in await seen()] == [opening.key]

    async def test_what_comes_later_goes_to_the_same_ticket_in_order(
        self, desk: TicketDesk, ticket: Ticket, seen: Seen
    ) -> None:
        message = Message(ticket.conversation, Author.CUSTOMER, "more")
        kinds = [
            TicketEventKind.OPENED,
            TicketEventKind.CUSTOMER_WROTE,
            TicketEventKind.RESOLVED,
        ]
        deliveries = [delivery_of(ticket, kind, n) for n, kind in enumerate(kinds, 1)]
        reference = None
        for each in deliveries:
            told = await desk.deliver(replace(each, reference=reference), ticket, message)
            reference = reference or told
        assert [key for _, key in await seen()] == [each.key for each in deliveries]
        assert len({of for of, _ in await seen()}) == 1

    async def test_a_known_key_changes_nothing_later_either(
        self, desk: TicketDesk, ticket: Ticket, seen: Seen
    ) -> None:
        opening = delivery_of(ticket, TicketEventKind.OPENED)
        later = delivery_of(ticket, TicketEventKind.CUSTOMER_WROTE, 2)
        for each in (opening, later, opening, later):
            await desk.deliver(each, ticket, None)
        assert [key for _, key in await seen()] == [opening.key, later.key]

    async def test_out_of_reach_it_says_so_and_takes_it_afterwards(
        self, desk: TicketDesk, ticket: Ticket, seen: Seen, outage: Outage
    ) -> None:
        opening = delivery_of(ticket, TicketEventKind.OPENED)
        with outage(), pytest.raises(DeskUnavailable):
            await desk.deliver(opening, ticket, None)
        await desk.deliver(opening, ticket, None)
        assert [key for _, key in await seen()] == [opening.key]

    async def test_what_it_can_never_take_it_refuses(
        self, desk: TicketDesk, ticket: Ticket, seen: Seen
    ) -> None:
        stray = replace(delivery_of(ticket, TicketEventKind.OPENED), kind=None)
        with pytest.raises(DeskRefused):
            await desk.deliver(stray, ticket, None)
        assert await seen() == []
