"""Desks elsewhere keep what every desk has to keep, however badly the other side behaves."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.adapters.memory_store import MemoryStore
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Move, Ticket, TicketEventKind
from bot.services.outbox import WAITS, Outbox
from tests.adapters.desk_contract import DeskContract, Outage, Seen, delivery_of
from tests.adapters.desks import DESKS, HastyHttp, Place, place_of
from tests.adapters.stores import NOON, Clock
from tests.adapters.test_ticket_store import FULL, moving, opened, started
from tests.desk_server import FAULTS, DeskServer, Fault, Response

STEP = timedelta(minutes=10)
LONG_ENOUGH = sum(WAITS, timedelta(hours=4))
DOWN = Fault("down", does="reset", reads_too=True)
# What a desk says of the request itself: it is a dead letter at once, unless it can be asked for
# less. Everything else passes.
AT_ONCE = frozenset({"422 for one field"})


@pytest.fixture(params=DESKS)
async def place(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Place]:
    async with place_of(request.param, clock) as place:
        yield place


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Of a server that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOON - timedelta(days=3650))
        .not_valid_after(NOON + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


class TestDesk(DeskContract):
    @pytest.fixture
    def desk(self, place: Place) -> object:
        return place.desk

    @pytest.fixture
    async def ticket(self, store: MemoryStore, place: Place) -> Ticket:
        return await opened(store, await started(store), packet=FULL, desks=(place.desk.name,))

    @pytest.fixture
    def seen(self, place: Place) -> Seen:
        async def look() -> list[tuple[str | None, str]]:
            return list(place.book.seen)

        return look

    @pytest.fixture
    def outage(self, place: Place) -> Outage:
        @contextmanager
        def broken() -> Iterator[None]:
            place.server.fault = DOWN
            yield
            place.server.fault = None

        return broken


async def busy_ticket(store: MemoryStore, conversation: Conversation, desk: str) -> Ticket:
    """Opened with a whole packet, then the customer wrote twice, then it was resolved."""
    ticket = await opened(store, conversation, packet=FULL, desks=(desk,))
    for text in ("One thing more", "还有一件事"):
        await store.accept(Message(conversation.id, Author.CUSTOMER, text, created_at=NOON))
    await store.apply(moving(ticket, Move.RESOLVE))
    return ticket


async def empty(outbox: Outbox, clock: Clock, end: timedelta = LONG_ENOUGH) -> None:
    """Until everything has arrived or was given up, however long that takes."""
    stop = clock.time + end
    while clock.time < stop:
        while await outbox.deliver_due():
            pass
        clock.advance(STEP)


def outbox_during(fault: Fault, place: Place, store: MemoryStore, clock: Clock) -> Outbox:
    """One that does not wait for what will never come."""
    is_endless = fault.does in ("hang", "drip")
    make = DESKS[place.desk.name][0]
    desk = make(place.server.address, HastyHttp) if is_endless else place.desk
    return Outbox(store, [desk], clock, lambda: 0)


def keys_of(place: Place, ticket: Ticket) -> list[int]:
    """The numbers of the events that the desk has heard of, in its order."""
    seen = [key for of, key in place.book.seen if of == ticket.id]
    return [int(key.split(".")[1]) for key in seen]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_what_passes_loses_and_doubles_nothing(
    fault: Fault, place: Place, store: MemoryStore, clock: Clock
) -> None:
    """For a day; there are eight attempts in 27 hours and a half."""
    place.server.fault = fault
    ticket = await busy_ticket(store, await started(store), place.desk.name)
    await empty(outbox_during(fault, place, store, clock), clock, timedelta(hours=24))
    place.server.fault = None
    outbox = Outbox(store, [place.desk], clock, lambda: 0)
    await empty(outbox, clock)
    dead = await store.dead_deliveries()
    if fault.name in AT_ONCE and dead:
        assert place.book.tickets == []
        assert [one.kind for one in dead] == [TicketEventKind.OPENED]
        assert await store.replay_delivery(dead[0].key)
        await empty(outbox, clock)
        dead = await store.dead_deliveries()
    assert list(dead) == []
    assert place.book.tickets == [ticket.id]
    heard = keys_of(place, ticket)
    assert len(heard) == 4
    assert heard == sorted(set(heard))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_what_stays_is_a_dead_letter_that_can_be_sent_again(
    fault: Fault, place: Place, store: MemoryStore, clock: Clock
) -> None:
    place.server.fault = fault
    ticket = await busy_ticket(store, await started(store), place.desk.name)
    await empty(outbox_during(fault, place, store, clock), clock, LONG_ENOUGH * 4)
    assert place.book.tickets in ([], [ticket.id])
    for error in (one.error or "" for one in await store.dead_deliveries()):
        assert "One thing more" not in error
    place.server.fault = None
    outbox = Outbox(store, [place.desk], clock, lambda: 0)
    while dead := await store.dead_deliveries():
        for one in reversed(dead):
            assert await store.replay_delivery(one.key)
        await empty(outbox, clock)
    assert place.book.tickets == [ticket.id]
    assert sorted(set(keys_of(place, ticket))) == sorted(keys_of(place, ticket))
    assert len(keys_of(place, ticket)) == 4


async def test_a_redirect_takes_nothing_elsewhere(place: Place, clock: Clock) -> None:
    elsewhere = DeskServer(place.server.book, clock)
    async with elsewhere.running() as address:
        place.server.elsewhere = address
        place.server.fault = next(one for one in FAULTS if "301" in one.name)
        ticket = await ticket_at(place, clock)
        with pytest.raises(DeskUnavailable, match="301"):
            await place.desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    assert elsewhere.requests == []


async def test_an_answer_without_end_is_not_read_to_its_end(place: Place, clock: Clock) -> None:
    huge = Response(201, raw=b" " * (3 * 1024 * 1024))
    place.server.fault = Fault("huge", huge, after=True)
    ticket = await ticket_at(place, clock)
    opening = delivery_of(ticket, TicketEventKind.OPENED)
    with pytest.raises(DeskUnavailable, match="larger"):
        await place.desk.deliver(opening, ticket, None)
    place.server.fault = None
    await place.desk.deliver(opening, ticket, None)
    assert place.book.tickets == [ticket.id]


@pytest.mark.parametrize("name", DESKS)
async def test_whom_nobody_vouches_for_is_told_nothing(
    name: str, clock: Clock, certificate: ssl.SSLContext
) -> None:
    make, write = DESKS[name]
    server = DeskServer(write(), clock)
    async with server.running(certificate) as address:
        ticket = await ticket_of(name, clock)
        with pytest.raises(DeskUnavailable, match="not reached"):
            await make(address).deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    assert server.requests == []


async def test_a_desk_that_fails_is_left_alone_and_nobody_waits_longer_for_it(
    place: Place, store: MemoryStore, clock: Clock
) -> None:
    outbox = Outbox(store, [place.desk], clock, lambda: 0)
    place.server.fault = DOWN
    tickets = [
        await opened(store, await started(store), desks=(place.desk.name,)) for _ in range(30)
    ]
    while await outbox.deliver_due():
        pass
    asked = len(place.server.requests)
    clock.advance(timedelta(seconds=29))
    assert await outbox.deliver_due() == 0
    assert len(place.server.requests) == asked
    clock.advance(timedelta(seconds=1))
    assert await outbox.deliver_due() == 1
    assert await outbox.deliver_due() == 0
    place.server.fault = None
    clock.advance(timedelta(minutes=10))
    await empty(outbox, clock)
    assert sorted(place.book.tickets) == sorted(ticket.id for ticket in tickets)


async def ticket_at(place: Place, clock: Clock) -> Ticket:
    return await ticket_of(place.desk.name, clock)


async def ticket_of(desk: str, clock: Clock) -> Ticket:
    store = MemoryStore(clock)
    ticket = await opened(store, await started(store), packet=FULL)
    return replace(ticket, desks=(desk,))
