"""The dispatcher: a schedule with an end, an outage that others do not feel, one key for all."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Conversation, Message
from bot.domain.errors import StoreError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.ticket import Move, Ticket, TicketEventKind
from bot.services.casework import Casework
from bot.services.masking import Masker
from bot.services.outbox import WAITS, Outbox
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import moving, opened, started
from tests.web import until


class ScriptedDesk:
    """Does what the script says for each attempt, then takes everything."""

    name = "inbox"

    def __init__(self, *script: Exception) -> None:
        self.script = list(script)
        self.attempts: list[str] = []
        self.taken: list[str] = []

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        self.attempts.append(delivery.key)
        if self.script:
            raise self.script.pop(0)
        self.taken.append(delivery.key)
        return "D-1"


class RecordingCourier:
    def __init__(self) -> None:
        self.brought: list[str] = []

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        self.brought.append(message.text)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


def outbox_of(store: MemoryStore, clock: Clock, *desks: ScriptedDesk, chance: float = 0) -> Outbox:
    return Outbox(store, desks, clock, lambda: chance)


async def attempted_after(outbox: Outbox, clock: Clock, waits: Sequence[timedelta]) -> list[int]:
    found = []
    for wait in waits:
        clock.advance(wait - timedelta(milliseconds=1))
        early = await outbox.deliver_due()
        clock.advance(timedelta(milliseconds=1))
        found += [early, await outbox.deliver_due()]
    return found


async def test_an_outage_is_sat_out_on_the_schedule(store: MemoryStore, clock: Clock) -> None:
    desk = ScriptedDesk(*(DeskUnavailable("down") for _ in WAITS))
    outbox = outbox_of(store, clock, desk)
    await opened(store, await started(store))
    assert await outbox.deliver_due() == 1
    assert await attempted_after(outbox, clock, WAITS) == [0, 1] * len(WAITS)
    assert len(desk.attempts) == len(WAITS) + 1
    assert len(set(desk.attempts)) == 1
    assert len(desk.taken) == 1
    assert list(await store.dead_deliveries()) == []


async def test_after_the_last_attempt_it_is_dead_and_can_be_replayed(
    store: MemoryStore, clock: Clock
) -> None:
    desk = ScriptedDesk(*(DeskUnavailable("down") for _ in range(len(WAITS) + 1)))
    outbox = outbox_of(store, clock, desk)
    await opened(store, await started(store))
    await outbox.deliver_due()
    await attempted_after(outbox, clock, WAITS)
    (dead,) = await store.dead_deliveries()
    assert (dead.attempts, dead.error) == (len(WAITS) + 1, "down")
    assert await store.replay_delivery(dead.key)
    await outbox.deliver_due()
    assert desk.taken == [dead.key]


@pytest.mark.parametrize(("asked_s", "wait_s"), [(None, 5), (1, 5), (90, 90), (10**9, 36_000)])
async def test_a_desk_may_ask_for_more_time(
    store: MemoryStore, clock: Clock, asked_s: float | None, wait_s: float
) -> None:
    outbox = outbox_of(store, clock, ScriptedDesk(DeskUnavailable("busy", asked_s)))
    await opened(store, await started(store))
    await outbox.deliver_due()
    assert await attempted_after(outbox, clock, [timedelta(seconds=wait_s)]) == [0, 1]


async def test_waits_are_spread(store: MemoryStore, clock: Clock) -> None:
    outbox = outbox_of(store, clock, ScriptedDesk(DeskUnavailable("down")), chance=1)
    await opened(store, await started(store))
    await outbox.deliver_due()
    assert await attempted_after(outbox, clock, [timedelta(seconds=5.5)]) == [0, 1]


async def test_a_refusal_is_final(store: MemoryStore, clock: Clock) -> None:
    desk = ScriptedDesk(DeskRefused("no such queue"))
    outbox = outbox_of(store, clock, desk)
    await opened(store, await started(store))
    await outbox.deliver_due()
    (dead,) = await store.dead_deliveries()
    assert (dead.error, dead.attempts) == ("no such queue", 1)


async def test_a_desk_that_breaks_is_as_one_that_is_down(
    store: MemoryStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = ScriptedDesk(RuntimeError("customer's words"))
    outbox = outbox_of(store, clock, desk)
    await opened(store, await started(store))
    await opened(store, await started(store))
    assert await outbox.deliver_due() == 2
    assert len(desk.taken) == 1
    clock.advance(timedelta(seconds=5))
    assert await outbox.deliver_due() == 1
    assert len(desk.taken) == 2


async def test_events_arrive_in_order_and_messages_by_their_courier(
    store: MemoryStore, clock: Clock
) -> None:
    desk, courier = ScriptedDesk(DeskUnavailable("down")), RecordingCourier()
    outbox = outbox_of(store, clock, desk)
    conversation = await started(store)
    ticket = await opened(store, conversation)
    await store.apply(moving(ticket, Move.RESOLVE))
    while await outbox.deliver_due():
        pass
    assert desk.taken == courier.brought == []
    outbox.connect("widget", courier)
    clock.advance(timedelta(seconds=5))
    while await outbox.deliver_due():
        pass
    assert courier.brought == [f"{ticket.label} is open"]
    assert len(desk.taken) == 2
    assert desk.taken == sorted(desk.taken, key=lambda key: int(key.split(".")[1]))


async def test_it_runs_until_it_is_stopped_and_takes_news_at_once(clock: Clock) -> None:
    class Unsteady(MemoryStore):
        failing = 1

        async def lease_deliveries(self, *values: object) -> Sequence[Delivery]:
            if self.failing:
                self.failing -= 1
                raise StoreError("out of reach")
            return await super().lease_deliveries(*values)  # type: ignore[arg-type]

    store, desk = Unsteady(clock), ScriptedDesk()
    outbox = outbox_of(store, clock, desk)
    running = asyncio.create_task(outbox.run())
    await asyncio.sleep(0)
    await opened(store, await started(store))
    outbox.nudge()
    await until(lambda: bool(desk.taken))
    running.cancel()
    await asyncio.wait([running])


async def test_what_is_under_way_when_it_ends_is_taken_up_by_the_next_at_once(
    store: MemoryStore, clock: Clock
) -> None:
    class SlowDesk(ScriptedDesk):
        async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
            self.attempts.append(delivery.key)
            await asyncio.Event().wait()
            return ""

    slow, desk = SlowDesk(), ScriptedDesk()
    await opened(store, await started(store))
    running = asyncio.create_task(Outbox(store, [slow], clock, ending_s=0).run())
    await until(lambda: bool(slow.attempts))
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    clock.advance(WAITS[0])
    assert await outbox_of(store, clock, desk).deliver_due() == 1
    assert desk.taken == slow.attempts


async def test_what_ends_soon_may_end(store: MemoryStore, clock: Clock) -> None:
    class GatedDesk(ScriptedDesk):
        gate = asyncio.Event()

        async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
            self.attempts.append(delivery.key)
            await self.gate.wait()
            self.taken.append(delivery.key)
            return "D-1"

    desk = GatedDesk()
    await opened(store, await started(store))
    running = asyncio.create_task(Outbox(store, [desk], clock, ending_s=60).run())
    await until(lambda: bool(desk.attempts))
    running.cancel()
    desk.gate.set()
    await asyncio.wait([running])
    assert len(desk.taken) == 1
    clock.advance(timedelta(minutes=2))
    assert await outbox_of(store, clock, desk).deliver_due() == 0


def test_the_schedule_is_the_one_that_is_promised() -> None:
    steps = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600]
    assert [wait.total_seconds() for wait in WAITS] == steps


async def test_a_desk_is_told_what_an_agent_noted(store: MemoryStore, clock: Clock) -> None:
    class ListeningDesk(ScriptedDesk):
        async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
            heard.append((delivery.kind, message.text if message else None))
            return "D-1"

    heard: list[tuple[TicketEventKind | None, str | None]] = []
    ticket = await opened(store, await started(store))
    casework = Casework(store, PromptFiles(), clock=clock)
    await casework.note(ticket.id, "agent-1", "First")
    await casework.note(ticket.id, "agent-1", "Second")
    outbox = outbox_of(store, clock, ListeningDesk())
    while await outbox.deliver_due():
        pass
    noted = TicketEventKind.NOTED
    assert heard[1:] == [(noted, "First"), (noted, "Second")]


async def test_a_desk_is_held_back_though_a_channel_has_its_name(
    store: MemoryStore, clock: Clock
) -> None:
    desk, courier = ScriptedDesk(DeskUnavailable("down", 60)), RecordingCourier()
    desk.name = "widget"
    outbox = outbox_of(store, clock, desk)
    await opened(store, await started(store), desks=("widget",))
    assert await outbox.deliver_due() == 1
    outbox.connect("widget", courier)
    await opened(store, await started(store), desks=("widget",))
    while await outbox.deliver_due():
        pass
    assert len(courier.brought) == 2
    assert len(desk.attempts) == 1


async def test_desks_read_masked_words_where_all_is_masked(
    store: MemoryStore, clock: Clock
) -> None:
    class ReadingDesk(ScriptedDesk):
        heard = ""

        async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
            self.heard = message.text if message else self.heard
            return await super().deliver(delivery, ticket, message)

    desk = ReadingDesk()
    outbox = Outbox(store, [desk], clock, masker=partial(Masker.speaking, PromptFiles()))
    ticket = await opened(store, await started(store))
    casework = Casework(store, PromptFiles(), clock=clock)
    await casework.reply(ticket.id, "a", "Mail ann@example.com", "1")
    while await outbox.deliver_due():
        pass
    assert desk.heard == "Mail [email 1]"
