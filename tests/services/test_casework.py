"""What agents do, and that nothing they do ever leaves ticket and conversation apart."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author, Conversation, ConversationStatus
from bot.domain.customer import Customer
from bot.domain.errors import BotError
from bot.domain.ticket import IllegalMove, Move, Priority, Ticket, TicketState, move
from bot.domain.ticket_change import MergeRefused, TicketDiffers, TicketOver
from bot.services.casework import Casework, UnknownTicket
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import (
    escalation_of,
    finished,
    kinds,
    opened,
    started,
    status_of,
    written,
)

JO, LEE = "agent-jo", "agent-lee"


class Desk:
    """A store, the casework over it and one ticket."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(self.clock)
        self.changes: list[Ticket] = []
        self.casework = Casework(self.store, PromptFiles(), self.changes.append, self.clock)

    async def open(self) -> Ticket:
        self.conversation = await started(self.store)
        self.ticket = await opened(self.store, self.conversation)
        return self.ticket

    async def said(self, author: Author) -> list[str]:
        messages = await self.store.messages(self.conversation.id)
        return [message.text for message in messages if message.author is author]


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.open()
    return desk


async def test_two_who_claim_at_once(desk: Desk) -> None:
    claims = await asyncio.gather(
        *(desk.casework.claim(desk.ticket.id, agent) for agent in (JO, LEE)),
        return_exceptions=True,
    )
    (has_it,) = [one for one in claims if isinstance(one, Ticket)]
    (lost,) = [one for one in claims if isinstance(one, TicketDiffers)]
    assert lost.ticket.assignee == has_it.assignee
    assert (await desk.casework.claim(desk.ticket.id, JO)).assignee == JO  # once more


@pytest.mark.parametrize("by", ["claim", "reply"])
async def test_the_ticket_of_somebody_who_left_is_nobodys(desk: Desk, by: str) -> None:
    async def is_there(agent: str) -> bool:
        return agent != JO

    casework = Casework(desk.store, PromptFiles(), clock=desk.clock, is_there=is_there)
    await casework.assign(desk.ticket.id, JO, JO)
    if by == "claim":
        assert (await casework.claim(desk.ticket.id, LEE)).assignee == LEE
    else:
        assert (await casework.reply(desk.ticket.id, LEE, "Hello", "k")).assignee == LEE
    with pytest.raises(TicketDiffers):
        await casework.claim(desk.ticket.id, "agent-kim")
    assert (await casework.reply(desk.ticket.id, "agent-kim", "And hi", "k")).assignee == LEE


async def test_a_ticket_is_given_on_and_back(desk: Desk) -> None:
    for to in (LEE, LEE, None):
        assert (await desk.casework.assign(desk.ticket.id, JO, to)).assignee == to
    assert (await kinds(desk.store, desk.ticket)).count("assigned") == 2


async def test_a_reply_reaches_the_customer_once_and_takes_the_ticket(desk: Desk) -> None:
    for _ in range(2):
        ticket = await desk.casework.reply(desk.ticket.id, JO, "Hello", "key")
    assert ticket.assignee == JO
    await desk.casework.reply(desk.ticket.id, LEE, "I'm here as well", "key")
    assert await desk.said(Author.AGENT) == ["Hello", "I'm here as well"]
    assert (await desk.casework.open(desk.ticket.id)).assignee == JO
    assert desk.changes


async def test_a_last_reply_resolves(desk: Desk) -> None:
    ticket = await desk.casework.reply(desk.ticket.id, JO, "Done", "key", resolve=True)
    assert ticket.state is TicketState.RESOLVED
    assert (await kinds(desk.store, ticket))[-2:] == ["agent_replied", "resolved"]
    assert ticket.label in (await desk.said(Author.SYSTEM))[-1]
    with pytest.raises(TicketOver):
        await desk.casework.reply(ticket.id, JO, "One more", "other key")


async def test_a_note_is_for_agents_only(desk: Desk) -> None:
    for _ in range(2):  # as sent again after its answer was lost
        await desk.casework.note(desk.ticket.id, JO, "known bug", "k1")
    (note,) = await desk.casework.notes(desk.ticket.id)
    assert (note.author, note.text) == (JO, "known bug")
    for author in Author:
        assert "known bug" not in await desk.said(author)


async def test_snooze_and_wake(desk: Desk) -> None:
    until = desk.clock() + timedelta(hours=3)
    ticket = await desk.casework.snooze(desk.ticket.id, JO, until)
    assert (ticket.state, ticket.snoozed_until) == (TicketState.SNOOZED, until)
    assert await status_of(desk.store, desk.conversation) is ConversationStatus.SNOOZED
    ticket = await desk.casework.wake(ticket.id, JO)
    assert (ticket.state, ticket.snoozed_until) == (TicketState.OPEN, None)
    with pytest.raises(ValueError, match="to come"):
        await desk.casework.snooze(ticket.id, JO, desk.clock())


async def test_priority(desk: Desk) -> None:
    for _ in range(2):
        ticket = await desk.casework.prioritise(desk.ticket.id, JO, Priority.URGENT)
    assert ticket.priority is Priority.URGENT
    assert (await kinds(desk.store, ticket)).count("prioritised") == 1


async def test_a_merge_tells_the_customer_where_it_goes_on(desk: Desk) -> None:
    other = await opened(desk.store, await started(desk.store))
    absorbed = await desk.casework.merge(desk.ticket.id, JO, other.id)
    assert (absorbed.state, absorbed.merged_into) == (TicketState.MERGED, other.id)
    assert other.label in (await desk.said(Author.SYSTEM))[-1]
    assert (await kinds(desk.store, other))[-1] == "absorbed"
    with pytest.raises(ValueError, match="itself"):
        await desk.casework.merge(other.id, JO, other.id)


async def test_a_reply_reaches_everybody_whose_ticket_goes_on_there(desk: Desk) -> None:
    other = await started(desk.store)
    into = await opened(desk.store, other)
    await desk.casework.merge(desk.ticket.id, JO, into.id)
    message = await written(desk.store, desk.conversation, "Are you there?")
    assert (await desk.store.events(into.id))[-1].message == message.id
    await desk.casework.reply(into.id, JO, "We are on it.", "k")
    await desk.casework.note(into.id, JO, "Not for them.")
    assert await desk.said(Author.AGENT) == ["We are on it."]


async def test_a_ticket_of_another_customer_is_not_taken_in(desk: Desk) -> None:
    for customer in ("kim", "lee"):
        await desk.store.save_customer(Customer(customer))
    one, two = [
        await opened(desk.store, await started(desk.store, customer=customer))
        for customer in ("kim", "lee")
    ]
    with pytest.raises(MergeRefused):
        await desk.casework.merge(one.id, JO, two.id)
    assert (await desk.casework.open(one.id)).state is TicketState.OPEN


async def test_a_ticket_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(UnknownTicket):
        await desk.casework.resolve("nothing", JO)


Step = Callable[[Desk], Coroutine[Any, Any, object]]


async def _snooze(desk: Desk) -> object:
    until = desk.clock() + timedelta(hours=1)
    return await desk.casework.snooze(desk.ticket.id, JO, until)


async def _write(desk: Desk) -> object:
    return await finished(desk.store, await written(desk.store, desk.conversation))


async def _escalate(desk: Desk) -> object:
    message = await written(desk.store, desk.conversation)
    escalation = await escalation_of(desk.store, desk.conversation)
    return await finished(desk.store, message, escalation)


STEPS: dict[str, Step] = {
    "snooze": _snooze,
    "write": _write,
    "escalate": _escalate,
    "wake": lambda desk: desk.casework.wake(desk.ticket.id, JO),
    "resolve": lambda desk: desk.casework.resolve(desk.ticket.id, JO),
    "reopen": lambda desk: desk.casework.reopen(desk.ticket.id, JO),
    "return": lambda desk: desk.casework.return_to_bot(desk.ticket.id, JO),
    "reply": lambda desk: desk.casework.reply(desk.ticket.id, JO, "Hello", "key"),
    "claim": lambda desk: desk.casework.claim(desk.ticket.id, LEE),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=25))
def test_whatever_happens_the_conversation_is_whose_the_ticket_says(names: list[str]) -> None:
    asyncio.run(_live_through(names))


async def _live_through(names: list[str]) -> None:
    desk = Desk()
    await desk.open()
    for name in names:
        before = await desk.store.tickets_of(desk.conversation.id)
        with suppress(BotError):
            await STEPS[name](desk)
        after = await desk.store.tickets_of(desk.conversation.id)
        await _check(desk.store, desk.conversation, after)
        for old, new in zip(before, after, strict=False):
            assert new.state is old.state or _is_legal(old.state, new.state)


async def _check(store: MemoryStore, conversation: Conversation, tickets: Any) -> None:
    active = [ticket for ticket in tickets if ticket.state.is_active]
    status = await status_of(store, conversation)
    assert len(active) <= 1
    if active:
        assert status is active[0].state.conversation_status
        last = (await store.messages(conversation.id))[-1]
        assert last.author is not Author.BOT or last.text == "A person comes."
    else:
        assert not status.is_with_person
    assert [ticket.escalation for ticket in tickets] == list(range(1, len(tickets) + 1))
    for ticket in tickets:
        assert (ticket.snoozed_until is None) == (ticket.state is not TicketState.SNOOZED)


def _is_legal(before: TicketState, after: TicketState) -> bool:
    for by in Move:
        with suppress(IllegalMove):
            if move(before, by) is after:
                return True
    return False
