"""What every store promises about tickets, whoever changes one at the same time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.conversation import Author, Conversation, ConversationStatus, Locale, Message
from bot.domain.customer import Customer, Tier
from bot.domain.errors import StoreError
from bot.domain.knowledge import Citation
from bot.domain.packet import (
    Draft,
    Packet,
    Requester,
    SimilarTicket,
    TranscriptLine,
    UnusedPassage,
)
from bot.domain.reply import (
    DecisionKind,
    Handoff,
    HandoffReason,
    Reply,
    SmallTalk,
)
from bot.domain.ticket import (
    ASKS_NOTHING,
    BOT,
    CUSTOMER,
    EVENT_OF,
    IllegalMove,
    Move,
    Priority,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketState,
)
from bot.domain.ticket_change import (
    ConversationTaken,
    MergeRefused,
    TicketChange,
    TicketDiffers,
    TicketNote,
    TicketOver,
)
from bot.domain.ticket_queue import QueueFilter
from bot.domain.understanding import Tone, ToneLabel
from bot.ports import Escalation, Notice, Storage, TurnTrace
from tests.adapters.stores import NOON

LEASE = timedelta(seconds=30)
ANGRY = Tone(ToneLabel.ANGRY, 0.9, ("x",))
SOURCE = Citation(1, "p", None, "T", "u", "e")
FULL = Packet(
    requester=Requester(True, "u-1", "Mei", "mei@example.com", "Harbour Ltd", Tier.PREMIUM),
    locale=Locale.ZH,
    channel="widget",
    reason=HandoffReason.FRUSTRATED,
    summary="导出不了",
    page="/boards/7",
    asks=("怎么导出？",),
    transcript=(
        TranscriptLine(
            "m1", Author.CUSTOMER, "导出不了！", NOON, tone=Tone(ToneLabel.ANGRY, 0.9, ("x",))
        ),
        TranscriptLine(
            "m2", Author.BOT, "…", NOON, citations=(Citation(1, "p", None, "T", "u", "e"),)
        ),
    ),
    unused=(UnusedPassage("p", "a", "T", "e", 0.5),),
    next_step="Look into it.",
    draft=Draft("Hello", (SOURCE,)),
    similar=(SimilarTicket("t", "T-1", "s", "r", 0.8),),
    summarised_by="a model",
)
PLAIN = Packet(Requester(), Locale.EN, "widget", HandoffReason.ASKED_FOR_HUMAN, "Exports")


async def started(store: Storage, **values: object) -> Conversation:
    conversation = replace(Conversation("widget"), **values)  # type: ignore[arg-type]
    await store.add_conversation(conversation)
    return conversation


async def escalation_of(
    store: Storage, conversation: Conversation, packet: Packet = PLAIN, **values: object
) -> Escalation:
    ticket = Ticket(
        number=await store.take_number(),
        conversation=conversation.id,
        escalation=len(await store.tickets_of(conversation.id)) + 1,
        reason=packet.reason,
        packet=packet,
        opened_at=NOON,
        desks=("inbox",),
    )
    ticket = replace(ticket, **values)  # type: ignore[arg-type]
    opened = TicketEvent(ticket.id, TicketEventKind.OPENED, BOT, NOON)
    notice = Message(conversation.id, Author.SYSTEM, f"{ticket.label} is open", created_at=NOON)
    return Escalation(ticket, opened, notice)


async def opened(store: Storage, conversation: Conversation, **values: object) -> Ticket:
    return await store.open_ticket(await escalation_of(store, conversation, **values))


def moving(ticket: Ticket, by: Move, **values: object) -> TicketChange:
    event = TicketEvent(ticket.id, EVENT_OF[by], "agent-1", NOON)
    return TicketChange(ticket=ticket.id, events=(event,), move=by, values=values)


async def written(store: Storage, conversation: Conversation, text: str = "How?") -> Message:
    message = Message(conversation.id, Author.CUSTOMER, text, created_at=NOON)
    await store.accept(message)
    assert await store.claim(message.id, "w", NOON + LEASE)
    return message


def reply_to(message: Message, escalation: Escalation | None = None) -> Reply:
    act: SmallTalk | Handoff = SmallTalk("Hello")
    if escalation is not None:
        ticket = escalation.ticket
        act = Handoff("A person comes.", ticket.reason, ticket.id, ticket.label)
    key = f"{int(message.id, 16) ^ 1:032x}"
    return Reply(act, Locale.EN, message=key, conversation=message.conversation)


async def finished(
    store: Storage, message: Message, escalation: Escalation | None = None, worker: str = "w"
) -> Reply | None:
    trace = TurnTrace(message.id, "handoff", None, None, None)
    return await store.finish(message.id, worker, reply_to(message, escalation), trace, escalation)


async def status_of(store: Storage, conversation: Conversation) -> ConversationStatus:
    found = await store.conversation(conversation.id)
    assert found is not None
    return found.status


async def texts(store: Storage, conversation: Conversation) -> list[str]:
    return [message.text for message in await store.messages(conversation.id)]


async def kinds(store: Storage, ticket: Ticket) -> list[str]:
    return [event.kind.value for event in await store.events(ticket.id)]


async def taken_keys(store: Storage) -> Sequence[str]:
    leased = await store.lease_deliveries("w", NOON + LEASE, {"inbox"}, {"widget"}, 100)
    return [delivery.key for delivery in leased]


# Opening


async def test_ticket_comes_back_as_it_was_opened(store: Storage) -> None:
    conversation = await started(store)
    escalation = await escalation_of(
        store,
        conversation,
        FULL,
        tier=Tier.PREMIUM,
        priority=Priority.HIGH,
        first_response_due=NOON + LEASE,
        contact="mei@example.com",
        timezone="Asia/Shanghai",
    )
    ticket = await store.open_ticket(escalation)
    assert ticket == escalation.ticket
    assert await store.ticket(ticket.id) == ticket
    assert await store.ticket_by_number(ticket.number) == ticket
    assert list(await store.tickets_of(conversation.id)) == [ticket]
    assert await store.ticket("nothing") is None


async def test_a_turn_and_its_escalation_are_one(store: Storage) -> None:
    conversation = await started(store)
    message = await written(store, conversation)
    escalation = await escalation_of(store, conversation)
    reply = await finished(store, message, escalation)
    assert reply is not None
    assert reply.decision is DecisionKind.HANDOFF
    ticket = escalation.ticket
    assert await status_of(store, conversation) is ConversationStatus.OPEN
    assert await texts(store, conversation) == [
        "How?",
        "A person comes.",
        f"{ticket.label} is open",
    ]
    (event,) = await store.events(ticket.id)
    assert (event.kind, event.actor) == (TicketEventKind.OPENED, BOT)
    assert event.sequence is not None
    leased = await store.lease_deliveries("w", NOON + LEASE, {"inbox"}, {"widget"}, 10)
    assert {(delivery.name, delivery.kind) for delivery in leased} == {
        ("inbox", TicketEventKind.OPENED),
        ("widget", None),
    }


async def test_a_lost_lease_leaves_nothing_of_the_escalation(store: Storage) -> None:
    conversation = await started(store)
    message = await written(store, conversation)
    escalation = await escalation_of(store, conversation)
    assert await finished(store, message, escalation, worker="another") is None
    assert list(await store.tickets_of(conversation.id)) == []
    assert await status_of(store, conversation) is ConversationStatus.PENDING
    assert await texts(store, conversation) == ["How?"]
    assert await taken_keys(store) == []


async def test_numbers_are_given_once(store: Storage) -> None:
    numbers = await asyncio.gather(*(store.take_number() for _ in range(20)))
    assert len(set(numbers)) == 20


async def test_of_many_escalations_at_once_one_ticket_comes(store: Storage) -> None:
    conversation = await started(store)
    messages = [await written(store, conversation) for _ in range(5)]
    escalations = [await escalation_of(store, conversation) for _ in messages]
    replies = await asyncio.gather(
        *(
            finished(store, message, escalation)
            for message, escalation in zip(messages, escalations, strict=True)
        ),
        store.open_ticket(await escalation_of(store, conversation)),
    )
    decisions = [reply.decision for reply in replies[:-1] if isinstance(reply, Reply)]
    assert len(decisions) == 5
    (ticket,) = await store.tickets_of(conversation.id)
    assert decisions.count(DecisionKind.HANDOFF) <= 1
    assert set(decisions) <= {DecisionKind.HANDOFF, DecisionKind.SILENT}
    assert (await kinds(store, ticket)).count("opened") == 1
    heard = [event.message for event in await store.events(ticket.id) if event.message]
    assert len(heard) == len(set(heard)) == 5 - decisions.count(DecisionKind.HANDOFF)
    assert (await texts(store, conversation)).count(f"{ticket.label} is open") == 1


async def test_an_escalation_that_was_over_already_is_not_made_again(store: Storage) -> None:
    conversation = await started(store)
    message = await written(store, conversation)
    late = await escalation_of(store, conversation)
    ticket = await opened(store, conversation)
    await store.apply(moving(ticket, Move.CANCEL))
    reply = await finished(store, message, late)
    assert reply is not None
    assert reply.decision is DecisionKind.SILENT
    assert len(await store.tickets_of(conversation.id)) == 1
    assert await status_of(store, conversation) is ConversationStatus.PENDING


# The mute bot


async def test_what_is_generated_while_a_person_takes_over_is_not_said(store: Storage) -> None:
    conversation = await started(store)
    message = await written(store, conversation)
    ticket = await opened(store, conversation)
    reply = await finished(store, message)
    assert reply is not None
    assert (reply.decision, reply.text) == (DecisionKind.SILENT, "")
    turn = await store.turn(message.id)
    assert turn is not None
    assert turn.reply is not None
    assert turn.reply.decision is DecisionKind.SILENT
    assert "Hello" not in await texts(store, conversation)
    assert await kinds(store, ticket) == ["opened", "customer_wrote"]


@pytest.mark.parametrize("snoozed", [False, True])
async def test_a_customer_who_writes_is_heard_by_the_person(store: Storage, snoozed: bool) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)
    if snoozed:
        await store.apply(moving(ticket, Move.SNOOZE, snoozed_until=NOON + LEASE))
        assert await status_of(store, conversation) is ConversationStatus.SNOOZED
    message = await written(store, conversation, "one more thing")
    await finished(store, message)
    tail = ["customer_wrote", "woken"] if snoozed else ["customer_wrote"]
    assert (await kinds(store, ticket))[-len(tail) :] == tail
    found = await store.ticket(ticket.id)
    assert found is not None
    assert (found.state, found.snoozed_until) == (TicketState.OPEN, None)
    assert await status_of(store, conversation) is ConversationStatus.OPEN


async def test_thanks_are_told_and_wake_nobody(store: Storage) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)
    await store.apply(moving(ticket, Move.SNOOZE, snoozed_until=NOON + LEASE))
    message = Message(conversation.id, Author.CUSTOMER, "Thanks", client_message_id="key")
    for _ in range(2):
        await store.accept(message, closes=True)
    await finished(store, message)
    assert (await kinds(store, ticket))[-1] == "customer_wrote"
    (wrote,) = [e for e in await store.events(ticket.id) if e.message == message.id]
    assert ASKS_NOTHING in wrote.details
    assert await status_of(store, conversation) is ConversationStatus.SNOOZED


# Moves


@pytest.mark.parametrize(
    ("by", "status"),
    [
        (Move.RESOLVE, ConversationStatus.RESOLVED),
        (Move.RETURN, ConversationStatus.PENDING),
        (Move.CANCEL, ConversationStatus.PENDING),
    ],
)
async def test_the_bot_has_it_back_once_the_ticket_is_over(
    store: Storage, by: Move, status: ConversationStatus
) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)
    said = Message(conversation.id, Author.SYSTEM, "over", created_at=NOON)
    await store.apply(replace(moving(ticket, by), messages=(said,)))
    assert await status_of(store, conversation) is status
    message = await written(store, conversation, "a new topic")
    reply = await finished(store, message)
    assert reply is not None
    assert reply.decision is DecisionKind.SMALLTALK
    assert await status_of(store, conversation) is ConversationStatus.PENDING
    found = await store.conversation(conversation.id)
    assert found is not None
    course = found.course(await store.messages(conversation.id))
    assert [one.text for one in course] == ["a new topic", "Hello"]
    second = await opened(store, found)
    assert second.escalation == 2


async def test_an_illegal_move_changes_nothing(store: Storage) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)
    await store.apply(moving(ticket, Move.RESOLVE))
    before = await store.ticket(ticket.id), await kinds(store, ticket)
    said = Message(conversation.id, Author.SYSTEM, "again", created_at=NOON)
    for by in (Move.RESOLVE, Move.WAKE, Move.CANCEL, Move.RETURN, Move.MERGE, Move.SNOOZE):
        with pytest.raises(IllegalMove):
            await store.apply(replace(moving(ticket, by), messages=(said,)))
    assert (await store.ticket(ticket.id), await kinds(store, ticket)) == before
    assert "again" not in await texts(store, conversation)


async def test_a_ticket_is_not_reopened_beside_a_later_one(store: Storage) -> None:
    conversation = await started(store)
    first = await opened(store, conversation)
    await store.apply(moving(first, Move.RESOLVE))
    second = await opened(store, conversation)
    with pytest.raises(ConversationTaken) as caught:
        await store.apply(moving(first, Move.REOPEN))
    assert caught.value.ticket.id == second.id
    await store.apply(moving(second, Move.RESOLVE))
    await store.apply(moving(first, Move.REOPEN))
    assert await status_of(store, conversation) is ConversationStatus.OPEN


async def test_of_agents_who_claim_at_once_one_has_it(store: Storage) -> None:
    ticket = await opened(store, await started(store))

    async def claim(agent: str) -> str:
        event = TicketEvent(ticket.id, TicketEventKind.ASSIGNED, agent, NOON)
        change = TicketChange(
            ticket=ticket.id,
            events=(event,),
            values={"assignee": agent},
            expects={"assignee": None},
        )
        try:
            await store.apply(change)
        except TicketDiffers as found:
            return found.ticket.assignee or "nobody"
        return agent

    told = await asyncio.gather(*(claim(f"agent-{n}") for n in range(5)))
    assert len(set(told)) == 1
    assert (await kinds(store, ticket)).count("assigned") == 1


async def test_a_reply_is_sent_once_and_only_while_somebody_works_on_it(store: Storage) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)

    def replying() -> TicketChange:
        said = Message(
            conversation.id,
            Author.AGENT,
            "Hello, Jo here",
            created_at=NOON,
            client_message_id="agent.1",
            agent="agent-1",
        )
        event = TicketEvent(
            ticket.id, TicketEventKind.AGENT_REPLIED, "agent-1", NOON, message=said.id
        )
        return TicketChange(ticket=ticket.id, events=(event,), messages=(said,), while_active=True)

    await asyncio.gather(*(store.apply(replying()) for _ in range(3)))
    said = [one for one in await store.messages(conversation.id) if one.author is Author.AGENT]
    assert [(one.text, one.agent) for one in said] == [("Hello, Jo here", "agent-1")]
    assert (await kinds(store, ticket)).count("agent_replied") == 1
    await store.apply(moving(ticket, Move.RESOLVE))
    other = replying()
    late = replace(other, messages=(replace(other.messages[0], client_message_id="agent.2"),))
    with pytest.raises(TicketOver):
        await store.apply(late)


async def test_what_happens_once_is_written_down_once(store: Storage) -> None:
    ticket = await opened(store, await started(store))
    told = TicketChange(
        ticket=ticket.id,
        events=(
            TicketEvent(
                ticket.id, TicketEventKind.SLA_WARNED, "system", NOON, details={"clock": "x"}
            ),
        ),
        once=True,
    )
    await asyncio.gather(*(store.apply(told) for _ in range(3)))
    assert (await kinds(store, ticket)).count("sla_warned") == 1


async def test_notes_and_merges(store: Storage) -> None:
    one, other = await started(store), await started(store)
    absorbed, stays = await opened(store, one), await opened(store, other)
    note = TicketNote(stays.id, "agent-1", "same customer", at=NOON)
    noted = TicketEvent(stays.id, TicketEventKind.NOTED, "agent-1", NOON, message=note.id)
    await store.apply(TicketChange(ticket=stays.id, events=(noted,), note=note))
    assert list(await store.notes(stays.id)) == [note]
    merged = moving(absorbed, Move.MERGE, merged_into=stays.id)
    event = TicketEvent(stays.id, TicketEventKind.ABSORBED, "agent-1", NOON)
    after = await store.apply(
        merged, TicketChange(ticket=stays.id, events=(event,), while_active=True)
    )
    assert (after.state, after.merged_into) == (TicketState.MERGED, stays.id)
    assert await kinds(store, stays) == ["opened", "noted", "absorbed"]


def merging(ticket: Ticket, into: Ticket) -> TicketChange:
    text = f"It goes on in {into.label}."
    told = Message(ticket.conversation, Author.SYSTEM, text, created_at=NOON)
    return replace(moving(ticket, Move.MERGE, merged_into=into.id), messages=(told,))


def saying(ticket: Ticket, text: str, by: Move | None = None) -> TicketChange:
    author = Author.AGENT if by is None else Author.SYSTEM
    said = Message(ticket.conversation, author, text, created_at=NOON, client_message_id=text)
    event = TicketEvent(ticket.id, TicketEventKind.AGENT_REPLIED, "agent-1", NOON, said.id)
    change = moving(ticket, by) if by else TicketChange(ticket=ticket.id, events=(event,))
    return replace(change, messages=(said,))


async def test_who_writes_where_a_merged_ticket_was_is_heard_where_it_goes_on(
    store: Storage,
) -> None:
    first, second, third = [await started(store) for _ in range(3)]
    one, two, three = [await opened(store, each) for each in (first, second, third)]
    await store.apply(merging(one, two))
    await store.apply(merging(two, three))  # and the first goes on there, too
    assert await status_of(store, first) is ConversationStatus.OPEN
    assert (await texts(store, first))[-1] == f"It goes on in {three.label}."
    await store.apply(moving(three, Move.SNOOZE, snoozed_until=NOON + LEASE))
    message = await written(store, first, "Any news?")
    event, woken = (await store.events(three.id))[-2:]
    assert (event.kind, event.message) == (TicketEventKind.CUSTOMER_WROTE, message.id)
    assert woken.kind is TicketEventKind.WOKEN
    silent = await finished(store, message)
    assert silent is not None
    assert silent.decision is DecisionKind.SILENT

    await store.apply(saying(three, "Nearly done."))
    await store.apply(saying(three, "Nearly done."))  # once
    note = TicketNote(three.id, "agent-1", "Between us.")
    noted = TicketEvent(three.id, TicketEventKind.NOTED, "agent-1", NOON, message=note.id)
    await store.apply(TicketChange(ticket=three.id, events=(noted,), note=note))
    await store.apply(saying(three, "It is resolved.", Move.RESOLVE))
    for conversation in (first, second, third):
        assert (await texts(store, conversation))[-2:] == ["Nearly done.", "It is resolved."]
        assert await status_of(store, conversation) is ConversationStatus.RESOLVED
    reached: list[tuple[str, str | None]] = []
    while sent := await store.lease_deliveries("w", NOON + LEASE, (), ["widget"], 100):
        reached += [(delivery.conversation, delivery.message) for delivery in sent]
        for delivery in sent:
            await store.settle_delivery(delivery.key, "w", None)
    for conversation in (first, second, third):
        said = [m.id for m in await store.messages(conversation.id) if m.author is Author.AGENT]
        assert [(conversation.id, message) for message in said] == [
            one for one in reached if one[1] in said
        ]
    again = await written(store, first, "Something else")
    assert await finished(store, again) is not None
    assert await kinds(store, three) == [e.kind.value for e in await store.events(three.id)]
    assert await status_of(store, first) is ConversationStatus.PENDING


async def test_a_conversation_with_a_ticket_of_its_own_follows_no_other(store: Storage) -> None:
    first, second = await started(store), await started(store)
    one, two = await opened(store, first), await opened(store, second)
    await store.apply(merging(one, two))
    await store.apply(moving(two, Move.RESOLVE))
    own = await opened(store, first)
    await store.apply(moving(two, Move.REOPEN))
    await store.apply(saying(two, "Back again."))
    assert "Back again." not in await texts(store, first)
    await written(store, first)
    assert (await kinds(store, own))[-1] == "customer_wrote"
    assert "customer_wrote" not in await kinds(store, two)


async def test_tickets_of_different_customers_stay_apart(store: Storage) -> None:
    for customer in ("kim", "lee"):
        await store.save_customer(Customer(customer))
    kim, kims, lee = [await started(store, customer=who) for who in ("kim", "kim", "lee")]
    visitor = await started(store)
    one, same, other, unknown = [
        await opened(store, conversation) for conversation in (kim, kims, lee, visitor)
    ]
    with pytest.raises(MergeRefused):
        await store.apply(merging(one, other))
    found = await store.ticket(one.id)
    assert found is not None
    assert (found.state, found.merged_into) == (TicketState.OPEN, None)
    await store.apply(merging(same, one))
    await store.apply(merging(unknown, one))


async def test_no_ticket_goes_on_in_itself(store: Storage) -> None:
    one, two = await opened(store, await started(store)), await opened(store, await started(store))
    with pytest.raises(TicketOver):
        await store.apply(merging(one, one))
    await store.apply(merging(one, two))
    with pytest.raises(TicketOver):
        await store.apply(merging(two, one))


async def test_of_two_changes_neither_happens_when_one_cannot(store: Storage) -> None:
    one, other = await started(store), await started(store)
    absorbed, gone = await opened(store, one), await opened(store, other)
    await store.apply(moving(gone, Move.RESOLVE))
    event = TicketEvent(gone.id, TicketEventKind.ABSORBED, "agent-1", NOON)
    with pytest.raises(TicketOver):
        await store.apply(
            moving(absorbed, Move.MERGE, merged_into=gone.id),
            TicketChange(ticket=gone.id, events=(event,), while_active=True),
        )
    found = await store.ticket(absorbed.id)
    assert found is not None
    assert found.state is TicketState.OPEN


async def test_two_merges_towards_each_other_end_with_one(store: Storage) -> None:
    tickets = [await opened(store, await started(store)) for _ in range(2)]

    async def merge(ticket: Ticket, into: Ticket) -> None:
        event = TicketEvent(into.id, TicketEventKind.ABSORBED, "agent-1", NOON)
        await store.apply(
            moving(ticket, Move.MERGE, merged_into=into.id),
            TicketChange(ticket=into.id, events=(event,), while_active=True),
        )

    results = await asyncio.gather(
        merge(*tickets), merge(*reversed(tickets)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1


async def test_a_change_of_nothing_and_an_opening_of_nothing_are_refused(store: Storage) -> None:
    ticket = await opened(store, await started(store))
    with pytest.raises(StoreError):
        await store.apply(replace(moving(ticket, Move.RESOLVE), ticket="nothing"))
    stray = await escalation_of(store, Conversation("widget"))
    with pytest.raises(StoreError):
        await store.open_ticket(stray)


# The queue


async def test_the_queue_shows_what_is_asked_for(store: Storage) -> None:
    mei = Customer("u-1", "Mei", "mei@example.com", "Harbour Ltd", Tier.PREMIUM, Locale.ZH)
    await store.save_customer(mei)
    hers, theirs = await started(store, customer=mei.id), await started(store)
    packet = replace(PLAIN, requester=Requester.of(mei))
    first = await opened(store, hers, packet=packet, tier=mei.tier)
    second = await opened(store, theirs, assignee="agent-1")
    later = Message(hers.id, Author.CUSTOMER, "hello?", created_at=NOON + LEASE)
    await store.accept(later)

    async def found(**values: object) -> list[Ticket]:
        asked = replace(QueueFilter(), **values)  # type: ignore[arg-type]
        return [row.ticket for row in await store.queue(asked)]

    assert [row.id for row in await found()] == [first.id, second.id]
    assert [row.id for row in await found(oldest_first=True)] == [second.id, first.id]
    assert [row.id for row in await found(oldest_first=True, limit=1)] == [second.id]
    assert await found(assignee="agent-1") == [second]
    assert [row.id for row in await found(unassigned=True)] == [first.id]
    assert [row.id for row in await found(customer=mei.id)] == [first.id]
    assert await found(states=frozenset({TicketState.RESOLVED})) == []
    assert await found(team="billing") == []
    row, other = await store.queue(QueueFilter())
    assert row.customer == mei
    assert row.last_message_at == NOON + LEASE
    assert [event.kind.value for event in row.events] == ["opened", "customer_wrote"]
    assert (other.customer, other.last_message_at) == (None, NOON)


async def test_a_row_is_as_late_as_the_last_word_in_all_that_was_merged(store: Storage) -> None:
    first, second, third = [await started(store) for _ in range(3)]
    one, two, three = [await opened(store, each) for each in (first, second, third)]
    await store.apply(merging(two, one))
    await store.apply(merging(three, one))
    assert [each.id for each in await store.absorbed(one.id)] == [two.id, three.id]
    assert list(await store.absorbed(two.id)) == []

    async def last_word() -> datetime:
        rows = await store.queue(QueueFilter(limit=10_000))
        return next(row.last_message_at for row in rows if row.ticket.id == one.id)

    await store.accept(Message(third.id, Author.CUSTOMER, "Here!", created_at=NOON + LEASE))
    assert await last_word() == NOON + LEASE
    await store.apply(saying(one, "On it."))
    assert await last_word() == NOON
    await store.accept(Message(first.id, Author.CUSTOMER, "OK", created_at=NOON + 2 * LEASE))
    assert await last_word() == NOON + 2 * LEASE


async def test_events_are_followed_over_all_tickets(store: Storage) -> None:
    begun = [event.sequence or 0 for event in await store.events_after(0, 1000)]
    last = max(begun, default=0)
    tickets = [await opened(store, await started(store)) for _ in range(3)]
    found = await store.events_after(last)
    assert await store.last_event() == found[-1].sequence
    assert [event.ticket for event in found] == [ticket.id for ticket in tickets]
    assert [event.ticket for event in await store.events_after(last, 1)] == [tickets[0].id]
    assert list(await store.events_after(found[-1].sequence or 0)) == []


async def test_a_notice_is_given_once(store: Storage) -> None:
    ticket = await opened(store, await started(store))
    notice = Notice("key", ticket.id, "opened", NOON)
    given = await asyncio.gather(*(store.add_notice(notice) for _ in range(3)))
    assert sorted(given) == [False, False, True]
    (found,) = await store.notices()
    assert replace(found, sequence=None) == notice
    assert list(await store.notices(found.sequence or 0)) == []


async def test_resolved_tickets_come_with_the_last_words_of_their_agents(store: Storage) -> None:
    def replying(ticket: Ticket, text: str) -> TicketChange:
        said = Message(ticket.conversation, Author.AGENT, text, created_at=NOON, agent="agent-1")
        event = TicketEvent(ticket.id, TicketEventKind.AGENT_REPLIED, "agent-1", NOON, said.id)
        return TicketChange(ticket=ticket.id, events=(event,), messages=(said,))

    assert list(await store.resolved(10)) == []
    conversation = await started(store)
    first = await opened(store, conversation)
    await store.apply(replying(first, "Look at the menu."), replying(first, "There it is."))
    assert list(await store.resolved(10)) == []
    await store.apply(moving(first, Move.RESOLVE))
    second = await opened(store, conversation)  # whose words are not the first one's
    await store.apply(replying(second, "Done."), moving(second, Move.RESOLVE))
    silent = await opened(store, await started(store))
    await store.apply(moving(silent, Move.RESOLVE))
    later, earlier = await store.resolved(10)
    assert (earlier.id, earlier.label, earlier.conversation, earlier.resolution) == (
        first.id,
        first.label,
        conversation.id,
        "There it is.",
    )
    assert (later.id, later.summary, later.resolution) == (second.id, PLAIN.summary, "Done.")
    assert list(await store.resolved(1)) == [later]


async def to_check(store: Storage, at: datetime) -> list[str]:
    return [row.ticket.id for row in await store.queue(QueueFilter(check_by=at))]


async def test_a_ticket_is_checked_when_it_is_due_or_something_happened(store: Storage) -> None:
    conversation = await started(store)
    ticket = await opened(store, conversation)
    assert await to_check(store, NOON - LEASE) == []
    assert await to_check(store, NOON) == [ticket.id]
    (opening,) = await store.events(ticket.id)
    assert opening.sequence is not None
    await store.checked(ticket.id, opening.sequence, NOON + LEASE)
    assert await to_check(store, NOON) == []
    assert await to_check(store, NOON + LEASE) == [ticket.id]
    await store.checked(ticket.id, opening.sequence, None)
    assert await to_check(store, NOON + 100 * LEASE) == []
    await written(store, conversation)
    assert await to_check(store, NOON) == [ticket.id]
    await store.checked(ticket.id, opening.sequence, None)  # who looked before that
    assert await to_check(store, NOON) == [ticket.id]


async def test_all_that_are_worked_on_can_be_checked_again(store: Storage) -> None:
    tickets = [await opened(store, await started(store)) for _ in range(2)]
    for ticket in tickets:
        (opening,) = await store.events(ticket.id)
        await store.checked(ticket.id, opening.sequence or 0, None)
    await store.apply(moving(tickets[0], Move.RESOLVE))
    await store.check_again()
    assert await to_check(store, NOON) == [tickets[1].id]


MEI = Customer("u-1", "Mei", "mei@example.com", "Harbour Ltd", Tier.PREMIUM, Locale.ZH)


async def test_the_open_ticket_follows_who_its_customer_is(store: Storage) -> None:
    conversation = await started(store, token_digest="a" * 64)
    over = await opened(store, conversation)
    await store.apply(moving(over, Move.RESOLVE))
    ticket = await opened(store, conversation)
    assert await store.identify(conversation, MEI, "b" * 64)
    found = await store.ticket(ticket.id)
    assert found is not None
    assert found.packet == replace(PLAIN, requester=Requester.of(MEI))
    assert (found.tier, found.contact) == (Tier.PREMIUM, "mei@example.com")
    *_, event = await store.events(ticket.id)
    assert (event.kind, event.actor) == (TicketEventKind.IDENTIFIED, CUSTOMER)
    assert event.details == {"tier": "premium", "before": "basic"}
    assert await store.ticket(over.id) == replace(over, state=TicketState.RESOLVED)


async def test_who_identifies_again_changes_nothing_unless_they_changed(store: Storage) -> None:
    conversation = await started(store, token_digest="a" * 64)
    ticket = await opened(store, conversation)
    assert await store.identify(conversation, MEI, "b" * 64)
    known = replace(conversation, token_digest="b" * 64)
    assert await store.identify(known, MEI, "c" * 64)
    assert await kinds(store, ticket) == ["opened", "identified"]
    upgraded = replace(MEI, tier=Tier.ENTERPRISE)
    assert await store.identify(replace(known, token_digest="c" * 64), upgraded, "d" * 64)
    *_, event = await store.events(ticket.id)
    assert event.details == {"tier": "enterprise", "before": "premium"}


async def test_a_ticket_that_was_being_made_meanwhile_follows_too(store: Storage) -> None:
    conversation = await started(store, token_digest="a" * 64)
    escalation = await escalation_of(store, conversation)  # of a visitor
    assert await store.identify(conversation, MEI, "b" * 64)
    await store.open_ticket(escalation)
    found = await store.ticket(escalation.ticket.id)
    assert found is not None
    assert (found.tier, found.packet.requester) == (Tier.PREMIUM, Requester.of(MEI))
    assert await kinds(store, found) == ["opened", "identified"]


async def test_identities_and_hand_overs_at_once_agree(store: Storage) -> None:
    for _ in range(5):
        conversation = await started(store, token_digest="a" * 64)
        escalation = await escalation_of(store, conversation)
        await asyncio.gather(
            store.open_ticket(escalation), store.identify(conversation, MEI, "b" * 64)
        )
        assert await kinds(store, escalation.ticket) == ["opened", "identified"]
