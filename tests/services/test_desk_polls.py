"""Desks that do not tell are asked: each of their news is done once, whatever fails in between."""

import asyncio
from datetime import timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author
from bot.domain.desk_news import DeskNews, DeskPage, DeskReply, DeskStatus
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketState
from bot.services.casework import Casework
from bot.services.desk_events import DeskEvents
from bot.services.desk_polls import LEASE, MOST_PAGES, MOST_TRIES, DeskPolls
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import opened, started
from tests.web import until

HELLO = DeskReply("r-1", "Jun", "Hello")


class QuietDesk:
    """Its places are numbers: of the pages that were told."""

    name = "far"

    def __init__(self, *, tells: bool = False) -> None:
        self.tells = tells
        self.pages: list[list[DeskNews]] = []
        self.failures: dict[str, Exception] = {}  # by ticket; "": the desk altogether
        self.asked: list[str | None] = []
        self.read: list[str] = []

    async def changed(self, place: str | None) -> DeskPage:
        self.asked.append(place)
        if "" in self.failures:
            raise self.failures[""]
        n = int(place or 0)
        told = self.pages[n] if n < len(self.pages) else []
        after = min(n + 1, len(self.pages))
        ids = tuple((news.ticket, f"far-{news.ticket}") for news in told)
        return DeskPage(ids, str(after), is_last=after == len(self.pages))

    async def news(self, reference: str) -> DeskNews | None:
        self.read.append(reference)
        ticket = reference.removeprefix("far-")
        if ticket in self.failures:
            raise self.failures[ticket]
        everything = [news for page in self.pages for news in page if news.ticket == ticket]
        return everything[-1] if everything else None


class Wire:
    def __init__(self, desk: QuietDesk, every_s: float = 60) -> None:
        self.clock = Clock()
        self.store = MemoryStore(self.clock)
        self.desk = desk
        self.casework = Casework(self.store, PromptFiles(), clock=self.clock)
        self.every_s = every_s
        self.polls = self.another()

    def another(self) -> DeskPolls:
        """As another process has it, or this one after it was started again."""
        events = DeskEvents([], self.store, self.casework, PromptFiles(), self.clock)
        return DeskPolls([self.desk], self.store, events, self.every_s, self.clock)

    async def ticket(self, desk: str = "far") -> Ticket:
        return await opened(self.store, await started(self.store), desks=("inbox", desk))

    async def said(self, ticket: Ticket) -> list[str]:
        messages = await self.store.messages(ticket.conversation)
        return [m.text for m in messages if m.author is Author.AGENT]


@pytest.fixture
def wire() -> Wire:
    return Wire(QuietDesk())


async def test_a_reply_is_said_once_however_often_its_ticket_changes(wire: Wire) -> None:
    ticket = await wire.ticket()
    rounds: list[None] = []
    wire.polls.observe(lambda: rounds.append(None))
    for page in range(3):
        wire.desk.pages.append([DeskNews(ticket.id, (HELLO,), is_looked_up=True)])
        assert await wire.polls.ask(wire.desk) == 1
        assert await wire.store.desk_place("far") == str(page + 1)
    assert await wire.polls.ask(wire.desk) == 0
    assert await wire.said(ticket) == ["Hello"]
    assert len(rounds) == 3


async def test_what_is_solved_there_is_resolved_here(wire: Wire) -> None:
    ticket = await wire.ticket()
    wire.desk.pages = [[DeskNews(ticket.id, status=DeskStatus.DONE)]]
    await wire.polls.ask(wire.desk)
    assert (await wire.casework.open(ticket.id)).state is TicketState.RESOLVED


async def test_only_tickets_of_that_desk_are_read(wire: Wire) -> None:
    ours, elsewhere = await wire.ticket(), await wire.ticket("near")
    wire.desk.pages = [[DeskNews(one, (HELLO,)) for one in (ours.id, elsewhere.id, "nobody's")]]
    assert await wire.polls.ask(wire.desk) == 1
    assert wire.desk.read == [f"far-{ours.id}"]


async def test_a_round_has_an_end_and_the_next_one_goes_on(wire: Wire) -> None:
    tickets = [await wire.ticket() for _ in range(MOST_PAGES + 2)]
    wire.desk.pages = [[DeskNews(ticket.id, (HELLO,))] for ticket in tickets]
    assert await wire.polls.ask(wire.desk) == MOST_PAGES
    assert await wire.another().ask(wire.desk) == 2
    assert [await wire.said(ticket) for ticket in tickets] == [["Hello"]] * len(tickets)


async def test_what_could_not_be_read_is_asked_for_again(wire: Wire) -> None:
    lost, found = await wire.ticket(), await wire.ticket()
    wire.desk.pages = [[DeskNews(one.id, (HELLO,)) for one in (lost, found)]]
    wire.desk.failures = {lost.id: DeskUnavailable("down")}
    with pytest.raises(DeskUnavailable):
        await wire.polls.ask(wire.desk)
    assert await wire.said(found) == ["Hello"]
    assert await wire.store.desk_place("far") is None
    wire.desk.failures.clear()
    await wire.another().ask(wire.desk)
    assert await wire.said(lost) == await wire.said(found) == ["Hello"]


async def test_a_ticket_that_cannot_be_read_keeps_the_others_waiting_only_for_a_while(
    wire: Wire,
) -> None:
    broken, sound = await wire.ticket(), await wire.ticket()
    wire.desk.pages = [[DeskNews(broken.id, (HELLO,))], [DeskNews(sound.id, (HELLO,))]]
    wire.desk.failures = {broken.id: DeskUnavailable("the answer is no audit")}
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(DeskUnavailable):
            await wire.polls.ask(wire.desk)
    assert await wire.polls.ask(wire.desk) == 1
    assert await wire.said(sound) == ["Hello"]
    wire.desk.failures.clear()  # and it was not given up
    assert await wire.polls.ask(wire.desk) == 1
    assert await wire.said(broken) == ["Hello"]
    await wire.polls.ask(wire.desk)
    assert wire.desk.read.count(f"far-{broken.id}") == MOST_TRIES + 2


async def test_an_end_that_came_before_the_desk_heard_all_is_looked_at_again(wire: Wire) -> None:
    ticket = await wire.ticket()
    wire.desk.pages = [[DeskNews(ticket.id, status=DeskStatus.DONE, is_looked_up=True)]]
    with pytest.raises(DeskUnavailable, match="not heard everything"):
        await wire.polls.ask(wire.desk)
    assert (await wire.casework.open(ticket.id)).state is TicketState.OPEN
    for one in await wire.store.lease_deliveries("w", wire.clock(), ["far"], (), 10):
        await wire.store.settle_delivery(one.key, "w", "F-1")
    assert await wire.polls.ask(wire.desk) == 1
    assert (await wire.casework.open(ticket.id)).state is TicketState.RESOLVED


async def test_what_never_can_be_read_is_passed_over(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await wire.ticket()
    wire.desk.pages = [[DeskNews(ticket.id, (HELLO,))]]
    wire.desk.failures = {ticket.id: DeskRefused("too many audits")}
    assert await wire.polls.ask(wire.desk) == 0
    assert await wire.store.desk_place("far") == "1"
    assert f"news of {ticket.label} passed over: too many audits" in caplog.text


async def test_who_wants_to_be_left_alone_is_not_asked_for_the_rest(wire: Wire) -> None:
    first, second = await wire.ticket(), await wire.ticket()
    wire.desk.pages = [[DeskNews(one.id, (HELLO,)) for one in (first, second)]]
    wire.desk.failures = {first.id: DeskUnavailable("answered 429", 120)}
    with pytest.raises(DeskUnavailable):
        await wire.polls.ask(wire.desk)
    assert wire.desk.read == [f"far-{first.id}"]
    assert await wire.polls._round(wire.desk) == 120


async def test_a_desk_that_fails_is_asked_again(wire: Wire) -> None:
    for failure in (DeskUnavailable("down"), DeskRefused("no"), RuntimeError("bug")):
        wire.desk.failures = {"": failure}
        assert await wire.polls._round(wire.desk) == 60


async def test_one_process_asks_until_its_lease_has_run_out(wire: Wire) -> None:
    other = wire.another()
    await wire.polls._round(wire.desk)
    await other._round(wire.desk)
    await wire.polls._round(wire.desk)
    assert len(wire.desk.asked) == 2
    wire.clock.advance(LEASE + timedelta(seconds=60))
    await other._round(wire.desk)
    assert len(wire.desk.asked) == 3


async def test_it_goes_on_until_it_is_stopped() -> None:
    wire = Wire(QuietDesk(), every_s=0.001)
    ticket = await wire.ticket()
    running = asyncio.create_task(wire.polls.run())
    wire.desk.pages = [[DeskNews(ticket.id, (HELLO,))]]
    await until(lambda: len(wire.desk.asked) > 2)
    running.cancel()
    assert await wire.said(ticket) == ["Hello"]


@pytest.mark.parametrize(("every_s", "tells"), [(0, False), (60, True)])
async def test_who_tells_or_shall_not_be_asked_is_not_asked(every_s: float, tells: bool) -> None:
    wire = Wire(QuietDesk(tells=tells), every_s)
    await wire.polls.run()
    assert wire.desk.asked == []
