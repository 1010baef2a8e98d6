"""What a desk tells is done once, whatever is sent again, and nothing of it is lost."""

from collections.abc import Mapping

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author
from bot.domain.desk_news import (
    DeskNews,
    DeskReply,
    DeskStatus,
    EventRefused,
    EventRepeated,
    Seal,
    actor_at,
)
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Move, Ticket, TicketEventKind, TicketState
from bot.services.casework import Casework
from bot.services.desk_events import DeskEvents, Taken, UnknownDesk
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import moving, opened, started

HELLO = DeskReply("r-1", "Jun", "Hello")


class FarDesk:
    name = "far"

    def __init__(self) -> None:
        self.news: DeskNews | None = None
        self.failure: Exception | None = None

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        if headers.get("signature") != "good":
            raise EventRefused("forged")
        return Seal(headers["event"], headers["proof"])

    async def read(self, body: bytes) -> DeskNews | None:
        if self.failure:
            raise self.failure
        return self.news


class Wire:
    """Events of the desk, each sent anew unless it is said otherwise."""

    def __init__(self, store: MemoryStore) -> None:
        self.store, self.desk, self.count = store, FarDesk(), 0
        self.casework = Casework(store, PromptFiles())
        self.events = DeskEvents([self.desk], store, self.casework, PromptFiles(), Clock())

    async def tell(self, news: DeskNews | None, event: str = "", proof: str = "") -> Taken:
        self.count += 1
        self.desk.news = news
        headers = {
            "signature": "good",
            "event": event or f"e-{self.count}",
            "proof": proof or f"p-{self.count}",
        }
        return await self.events.take("far", headers, b"")

    async def said(self, ticket: Ticket) -> list[tuple[str, str | None]]:
        messages = await self.store.messages(ticket.conversation)
        return [(m.text, m.agent) for m in messages if m.author is Author.AGENT]

    async def state(self, ticket: Ticket) -> TicketState:
        return (await self.casework.open(ticket.id)).state

    async def arrive(self, ticket: Ticket) -> None:
        """Everything that the desk has to hear of the ticket."""
        while due := await self.store.lease_deliveries("w", self.store._clock(), ["far"], (), 10):
            for one in due:
                await self.store.settle_delivery(one.key, "w", "F-1")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(Clock())


@pytest.fixture
def wire(store: MemoryStore) -> Wire:
    return Wire(store)


@pytest.fixture
async def ticket(store: MemoryStore) -> Ticket:
    return await opened(store, await started(store), desks=("inbox", "far"))


async def test_a_reply_reaches_the_customer_under_its_author(wire: Wire, ticket: Ticket) -> None:
    assert await wire.tell(DeskNews(ticket.id, (HELLO,))) is Taken.TAKEN
    assert await wire.said(ticket) == [("Hello", "desk:far:Jun")]
    kept = await wire.casework.open(ticket.id)
    assert kept.assignee == "desk:far:Jun"
    kinds = [event.kind for event in await wire.casework.events(ticket.id)]
    assert TicketEventKind.AGENT_REPLIED in kinds


async def test_the_same_reply_is_said_once_whoever_tells_it_how_often(
    wire: Wire, ticket: Ticket
) -> None:
    renamed = DeskReply("r-1", "Jun W.", "Hello")
    for reply in (HELLO, HELLO, renamed):
        await wire.tell(DeskNews(ticket.id, (reply,)))
    assert await wire.said(ticket) == [("Hello", "desk:far:Jun")]


async def test_what_is_replayed_is_refused_and_what_is_sent_again_does_nothing(
    wire: Wire, ticket: Ticket
) -> None:
    done = DeskNews(ticket.id, status=DeskStatus.DONE)
    await wire.tell(done, "e", "p")
    await wire.casework.reopen(ticket.id, "agent-1")
    with pytest.raises(EventRepeated):
        await wire.tell(done, "e", "p")
    assert await wire.tell(done, "e", "another proof") is Taken.REPEATED
    assert await wire.state(ticket) is TicketState.OPEN


async def test_what_failed_may_be_sent_again(wire: Wire, ticket: Ticket) -> None:
    wire.desk.failure = DeskUnavailable("down")
    with pytest.raises(DeskUnavailable):
        await wire.tell(DeskNews(ticket.id, (HELLO,)), "e", "p")
    wire.desk.failure = None
    assert await wire.tell(DeskNews(ticket.id, (HELLO,)), "e", "p") is Taken.TAKEN
    assert len(await wire.said(ticket)) == 1


async def test_a_desk_that_does_not_say_the_rest_in_time_is_unavailable(
    wire: Wire, ticket: Ticket
) -> None:
    wire.desk.failure = TimeoutError()
    with pytest.raises(DeskUnavailable):
        await wire.tell(DeskNews(ticket.id, (HELLO,)))


async def test_forged_events_and_unknown_desks(wire: Wire, ticket: Ticket) -> None:
    with pytest.raises(EventRefused):
        await wire.events.take("far", {}, b"")
    with pytest.raises(UnknownDesk):
        await wire.events.take("near", {"signature": "good"}, b"")
    assert await wire.said(ticket) == []


async def test_what_is_not_ours_is_passed_over(wire: Wire, store: MemoryStore) -> None:
    elsewhere = await opened(store, await started(store), desks=("inbox",))
    for news in (None, DeskNews("nobody's", (HELLO,)), DeskNews(elsewhere.id, (HELLO,))):
        assert await wire.tell(news) is Taken.IGNORED
    assert await wire.said(elsewhere) == []


async def test_solved_there_is_resolved_here_once(wire: Wire, ticket: Ticket) -> None:
    for _ in range(2):
        await wire.tell(DeskNews(ticket.id, (HELLO,), DeskStatus.DONE))
    assert await wire.state(ticket) is TicketState.RESOLVED
    kinds = [event.kind for event in await wire.casework.events(ticket.id)]
    assert kinds.count(TicketEventKind.RESOLVED) == 1


async def test_opened_there_is_opened_here(wire: Wire, ticket: Ticket) -> None:
    await wire.casework.resolve(ticket.id, "agent-1")
    for _ in range(2):
        await wire.tell(DeskNews(ticket.id, status=DeskStatus.WORKED_ON))
    assert await wire.state(ticket) is TicketState.OPEN


async def test_a_reply_to_a_resolved_ticket_opens_it_again(wire: Wire, ticket: Ticket) -> None:
    await wire.casework.resolve(ticket.id, "agent-1")
    await wire.tell(DeskNews(ticket.id, (HELLO,)))
    assert await wire.state(ticket) is TicketState.OPEN
    assert len(await wire.said(ticket)) == 1


async def test_a_reply_that_reaches_nobody_any_more_stays_as_a_note(
    wire: Wire, ticket: Ticket
) -> None:
    await wire.casework.return_to_bot(ticket.id, "agent-1")
    for _ in range(2):
        await wire.tell(DeskNews(ticket.id, (HELLO,), DeskStatus.DONE))
    assert await wire.said(ticket) == []
    (note,) = await wire.casework.notes(ticket.id)
    assert (note.text, note.author) == ("Hello", actor_at("far", "Jun"))
    assert await wire.state(ticket) is TicketState.RETURNED


async def test_what_was_looked_up_waits_for_what_is_on_its_way(wire: Wire, ticket: Ticket) -> None:
    """The desk has not heard yet that an agent of ours opened the ticket again."""
    await wire.arrive(ticket)
    await wire.store.apply(moving(ticket, Move.RESOLVE))
    await wire.arrive(ticket)
    await wire.store.apply(moving(ticket, Move.REOPEN))
    seen = DeskNews(ticket.id, status=DeskStatus.DONE, is_looked_up=True)
    await wire.tell(seen)
    assert await wire.state(ticket) is TicketState.OPEN
    await wire.arrive(ticket)
    await wire.tell(seen)
    assert await wire.state(ticket) is TicketState.RESOLVED


async def test_files_that_stay_at_the_desk_are_told_of(wire: Wire, ticket: Ticket) -> None:
    alone = DeskReply("r-7", "Jun", "", ("log.txt",))
    beside = DeskReply("r-8", "Jun", "See", ("a",))
    await wire.tell(DeskNews(ticket.id, (alone, beside)))
    (first, _), (second, _) = await wire.said(ticket)
    assert "log.txt" in first
    assert second.startswith("See\n\n(")
