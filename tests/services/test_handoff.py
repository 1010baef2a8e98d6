"""A conversation goes to a person and comes back: words, mute, details, cancel, no loop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore, upgrade
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, ConversationStatus, Locale, Message
from bot.domain.customer import Customer, Tier
from bot.domain.errors import ModelUnavailable
from bot.domain.packet import Packet
from bot.domain.reply import DecisionKind, Delta, Handoff, HandoffReason, Reply
from bot.domain.ticket import Priority, Ticket, TicketEventKind, TicketState
from bot.domain.understanding import Tone, ToneLabel
from bot.ports import Storage
from bot.services.escalation import Case, Occasion, PlainPackets
from bot.services.handoff import Handoffs, priority_of
from bot.settings import Settings, Support
from tests.fakes import FakeRetriever
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.test_prompts import PROMISES

PERSON = "I want to talk to a human"
QUESTION = "How many columns can a board have?"


async def somebody() -> bool:
    return True


def staffed_bot(store: Storage, **parts: object) -> Bot:
    retriever = parts.pop("retriever", None) or ScriptedRetriever(passage(COLUMNS))
    return build(Settings(), store=store, retriever=retriever, staffed=somebody, **parts)


@pytest.fixture
def bot() -> Bot:
    return staffed_bot(MemoryStore())


async def start(bot: Bot, **values: object) -> Conversation:
    conversation = replace(Conversation("widget"), **values)  # type: ignore[arg-type]
    await bot.store.add_conversation(conversation)
    return conversation


async def write(bot: Bot, conversation: Conversation, text: str) -> Reply:
    turn = await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, text))
    return await turn.result()


async def status_of(bot: Bot, conversation: Conversation) -> ConversationStatus:
    found = await bot.store.conversation(conversation.id)
    assert found is not None
    return found.status


@pytest.mark.parametrize("locale", list(Locale))
async def test_the_customer_is_told_what_is_true(bot: Bot, locale: Locale) -> None:
    conversation = await start(bot, locale=locale)
    reply = await write(bot, conversation, PERSON if locale is Locale.EN else "我要转人工")
    assert isinstance(reply.act, Handoff)
    (ticket,) = await bot.store.tickets_of(conversation.id)
    assert (reply.act.ticket, reply.act.number) == (ticket.id, ticket.label)
    assert ticket.label in reply.text
    assert ticket.first_response_due is not None
    assert reply.act.first_response_due is not None
    assert bot.hand_over.handoffs.word_deadline(ticket) in reply.text
    assert ticket.packet.summary
    assert [line.author for line in ticket.packet.transcript] == [Author.CUSTOMER]
    said = await bot.store.messages(conversation.id)
    assert [message.author for message in said] == [Author.CUSTOMER, Author.BOT, Author.SYSTEM]


async def test_the_ticket_is_not_spoken_of_before_it_is_committed(bot: Bot) -> None:
    conversation = await start(bot)
    message = Message(conversation.id, Author.CUSTOMER, PERSON)
    turn = await bot.turns.submit(message)
    told_at: list[int] = []
    async for event in turn.events():
        if isinstance(event.value, Delta):
            told_at.append(len(await bot.store.tickets_of(conversation.id)))
    assert told_at
    assert set(told_at) == {1}


async def test_without_an_index_a_fresh_conversation_gets_its_person() -> None:
    bot = staffed_bot(MemoryStore(), retriever=ScriptedRetriever())
    conversation = await start(bot)
    reply = await (await bot.person_requests.submit(conversation)).result()
    assert isinstance(reply.act, Handoff)
    assert reply.act.ticket


@pytest.mark.parametrize("contact", ["", "help@example.com"])
async def test_without_anybody_there_it_is_kept_and_nobody_promised(contact: str) -> None:
    settings = Settings(support=Support(contact=contact))
    bot = build(settings, store=MemoryStore(), retriever=FakeRetriever())
    conversation = await start(bot)
    reply = await write(bot, conversation, PERSON)
    (ticket,) = await bot.store.tickets_of(conversation.id)
    assert isinstance(reply.act, Handoff)
    assert (reply.act.ticket, reply.act.number) == (ticket.id, ticket.label)
    assert reply.act.first_response_due
    assert ticket.label in reply.text
    assert bot.hand_over.handoffs.word_deadline(ticket) not in reply.text
    assert PROMISES.search(reply.text) is None
    assert ("reach our team" in reply.text) == bool(contact)
    assert await bot.hand_over.handoffs.promised(ticket) == ""
    assert await status_of(bot, conversation) is ConversationStatus.OPEN


async def test_where_no_answer_would_arrive_there_is_no_ticket(bot: Bot) -> None:
    conversation = Conversation("terminal")
    await bot.store.add_conversation(conversation)
    reply = await write(bot, conversation, PERSON)
    assert isinstance(reply.act, Handoff)
    assert reply.act.ticket is None
    assert list(await bot.store.tickets_of(conversation.id)) == []
    assert await status_of(bot, conversation) is ConversationStatus.PENDING


async def test_details_are_kept_and_the_bot_is_mute(bot: Bot) -> None:
    conversation = await start(bot)
    await write(bot, conversation, PERSON)
    reply = await write(bot, conversation, QUESTION)
    assert reply.decision is DecisionKind.SILENT
    (ticket,) = await bot.store.tickets_of(conversation.id)
    events = await bot.store.events(ticket.id)
    assert [event.kind for event in events] == [
        TicketEventKind.OPENED,
        TicketEventKind.CUSTOMER_WROTE,
    ]


async def test_a_cancelled_request_gives_the_bot_back_and_can_be_made_anew(bot: Bot) -> None:
    conversation = await start(bot)
    first = await (await bot.person_requests.submit(conversation)).result()
    cancelled = await bot.hand_over.handoffs.cancel(conversation.id)
    assert cancelled is not None
    assert cancelled.state is TicketState.CANCELLED
    assert await bot.hand_over.handoffs.cancel(conversation.id) is None
    assert (await write(bot, conversation, QUESTION)).decision is DecisionKind.ANSWER
    found = await bot.store.conversation(conversation.id)
    assert found is not None
    clicks = await asyncio.gather(*(bot.person_requests.submit(found) for _ in range(5)))
    replies = [await click.result() for click in clicks]
    assert len({reply.message for reply in replies}) == 1
    assert replies[0].message != first.message
    assert [ticket.escalation for ticket in await bot.store.tickets_of(found.id)] == [1, 2]


async def test_one_ticket_is_taken_back_and_none_that_came_later(bot: Bot) -> None:
    conversation = await start(bot)
    handoffs = bot.hand_over.handoffs
    for _ in range(2):
        await write(bot, conversation, PERSON)
        first, *later = await bot.store.tickets_of(conversation.id)
        if not later:
            await bot.hand_over.casework.return_to_bot(first.id, "a-1")
    assert await handoffs.cancel(conversation.id, first.id) is None
    assert await status_of(bot, conversation) is ConversationStatus.OPEN
    cancelled = await handoffs.cancel(conversation.id, later[0].id)
    assert cancelled is not None
    assert cancelled.id == later[0].id


async def test_a_click_right_after_the_cancellation_is_a_new_request(bot: Bot) -> None:
    conversation = await start(bot)
    await (await bot.person_requests.submit(conversation)).result()
    await bot.hand_over.handoffs.cancel(conversation.id)
    found = await bot.store.conversation(conversation.id)
    assert found is not None
    reply = await (await bot.person_requests.submit(found)).result()
    assert reply.decision is DecisionKind.HANDOFF
    assert len(await bot.store.tickets_of(conversation.id)) == 2


async def test_a_mail_address_is_kept_with_the_ticket(bot: Bot) -> None:
    conversation = await start(bot)
    assert await bot.hand_over.handoffs.leave_contact(conversation.id, "jo@example.com") is None
    await write(bot, conversation, PERSON)
    kept = await bot.hand_over.handoffs.leave_contact(conversation.id, "jo@example.com")
    assert kept is not None
    assert kept.contact == "jo@example.com"
    told = await bot.store.messages(conversation.id)
    assert await bot.hand_over.handoffs.leave_contact(conversation.id, "jo@example.com") == kept
    assert await bot.store.messages(conversation.id) == told  # once


async def test_a_known_customer_is_not_asked_for_an_address(bot: Bot) -> None:
    mei = Customer("u-1", "Mei", "mei@example.com", tier=Tier.ENTERPRISE)
    await bot.store.save_customer(mei)
    known, visitor = await start(bot, customer=mei.id), await start(bot)
    one, other = await write(bot, known, PERSON), await write(bot, visitor, PERSON)
    assert "mail address" not in one.text
    assert "mail address" in other.text
    (ticket,) = await bot.store.tickets_of(known.id)
    assert (ticket.tier, ticket.contact) == (Tier.ENTERPRISE, mei.email)
    assert ticket.packet.requester.verified


async def test_an_agent_who_takes_over_silences_the_reply_on_its_way() -> None:
    class SlowRetriever(ScriptedRetriever):
        def __init__(self) -> None:
            super().__init__(passage(COLUMNS))
            self.asked, self.gate = asyncio.Event(), asyncio.Event()

        async def search(self, query):  # type: ignore[no-untyped-def]
            self.asked.set()
            await self.gate.wait()
            return await super().search(query)

    retriever = SlowRetriever()
    bot = staffed_bot(MemoryStore(), retriever=retriever)
    conversation = await start(bot)
    turn = await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, QUESTION))
    await retriever.asked.wait()
    ticket = await bot.hand_over.handoffs.take_over(conversation, "agent-1", Locale.EN)
    retriever.gate.set()
    reply = await turn.result()
    assert (reply.decision, reply.text) == (DecisionKind.SILENT, "")
    assert (ticket.reason, ticket.assignee) == (HandoffReason.AGENT_TOOK_OVER, "agent-1")
    authors = [message.author for message in await bot.store.messages(conversation.id)]
    assert authors == [Author.CUSTOMER, Author.SYSTEM]
    again = await bot.hand_over.handoffs.take_over(conversation, "agent-2", Locale.EN)
    assert again.id == ticket.id


@pytest.mark.parametrize(
    ("complaint", "thanks"),
    [
        ("That is no help at all, I am fed up! Talk to a person.", "Thank you, that was it."),
        ("完全没用，烦死了！我要找人工。", "好的，解决了，谢谢！"),
    ],
)
async def test_tone_is_heard_on_and_begins_anew_with_a_persons_answer(
    bot: Bot, complaint: str, thanks: str
) -> None:
    conversation = await start(bot)
    await write(bot, conversation, QUESTION)
    upset = await write(bot, conversation, complaint)
    assert upset.tone.label is not ToneLabel.CALM
    waiting = await write(bot, conversation, complaint)
    assert (waiting.decision, waiting.text) == (DecisionKind.SILENT, "")
    assert waiting.tone.label is not ToneLabel.CALM
    [ticket] = await bot.store.tickets_of(conversation.id)
    await bot.hand_over.casework.reply(ticket.id, "a-1", "Please try again now.", "k")
    glad = await write(bot, conversation, thanks)
    assert (glad.decision, glad.tone.label) == (DecisionKind.SILENT, ToneLabel.CALM)


async def merged(bot: Bot) -> tuple[Conversation, Conversation, Ticket]:
    """Two conversations that a person has; the second one's ticket goes on in the first one's."""
    one, other = await start(bot), await start(bot)
    await write(bot, one, PERSON)
    await write(bot, other, PERSON)
    [ticket], [absorbed] = [await bot.store.tickets_of(each.id) for each in (one, other)]
    await bot.hand_over.casework.merge(absorbed.id, "a-1", ticket.id)
    return one, other, ticket


async def test_whose_ticket_was_merged_can_leave_an_address_still(bot: Bot) -> None:
    one, other, ticket = await merged(bot)
    handoffs = bot.hand_over.handoffs
    kept = await handoffs.leave_contact(other.id, "mei@example.com")
    assert kept is not None
    assert (kept.id, kept.contact) == (ticket.id, "mei@example.com")
    assert await handoffs.contact_of(kept, other.id) == "mei@example.com"
    assert await handoffs.contact_of(kept, one.id) is None  # it may be somebody else's
    assert "mei@example.com" in (await bot.store.messages(other.id))[-1].text
    assert "mei@example.com" not in (await bot.store.messages(one.id))[-1].text
    kept = await handoffs.leave_contact(one.id, "kim@example.com")
    assert kept is not None
    assert await handoffs.contact_of(kept, one.id) == "kim@example.com"


async def test_whose_ticket_was_merged_can_cancel_still(bot: Bot) -> None:
    one, other, ticket = await merged(bot)
    handoffs = bot.hand_over.handoffs
    latest = await handoffs.latest(other.id)
    assert latest is not None
    assert latest.id == ticket.id
    [absorbed] = await bot.store.tickets_of(other.id)
    cancelled = await handoffs.cancel(other.id, absorbed.id)
    assert cancelled is not None
    assert (cancelled.id, cancelled.state) == (ticket.id, TicketState.CANCELLED)
    for conversation in (one, other):
        assert await status_of(bot, conversation) is ConversationStatus.PENDING
        assert ticket.label in (await bot.store.messages(conversation.id))[-1].text
    assert await handoffs.cancel(other.id) is None
    assert (await write(bot, other, QUESTION)).decision is DecisionKind.ANSWER


async def test_a_ticket_that_ends_while_the_bot_keeps_silent_gets_an_answer(bot: Bot) -> None:
    class Ending(MemoryStore):
        ends = False

        async def finish(self, *values, **named):  # type: ignore[no-untyped-def]
            if self.ends:
                self.ends = False
                await ending.hand_over.handoffs.cancel(conversation.id)
            return await super().finish(*values, **named)

    store = Ending()
    ending = staffed_bot(store)
    conversation = await start(ending)
    await write(ending, conversation, PERSON)
    store.ends = True
    assert (await write(ending, conversation, QUESTION)).decision is DecisionKind.ANSWER


class Packets:
    """Fails, or takes its time."""

    def __init__(self, failure: Exception | None) -> None:
        self.failure = failure

    def load(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def build(self, case: Case) -> Packet:
        if self.failure is not None:
            raise self.failure
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("failure", [ModelUnavailable("down"), ValueError("a fault"), None])
async def test_a_packet_that_cannot_be_built_keeps_nobody_from_coming(
    failure: Exception | None,
) -> None:
    store = MemoryStore()
    plain = staffed_bot(store)
    levels = plain.hand_over.levels
    handoffs = Handoffs(store, plain.prompts, Packets(failure), levels, somebody, packet_s=0.01)
    conversation = await start(plain)
    message = Message(conversation.id, Author.CUSTOMER, PERSON)
    await store.accept(message)
    occasion = Occasion(reason=HandoffReason.ASKED_FOR_HUMAN, locale=Locale.EN)
    escalation = await handoffs.prepare(conversation, message, occasion)
    assert escalation is not None
    assert escalation.ticket.packet.summary == PERSON
    assert (await PlainPackets().build(_case(conversation, occasion))).summary == ""


def test_models_that_are_missing_keep_no_server_from_starting(bot: Bot) -> None:
    packets = Packets(ModelUnavailable("down"))
    Handoffs(bot.store, bot.prompts, packets, bot.hand_over.levels, somebody).load()
    PlainPackets().load()


async def test_what_cannot_wait_decides_what_the_agent_is_told_to_do(bot: Bot) -> None:
    conversation = await start(bot, locale=Locale.EN)
    await write(bot, conversation, QUESTION)
    await write(bot, conversation, "Our account was hacked")
    await write(bot, conversation, PERSON)
    (ticket,) = await bot.store.tickets_of(conversation.id)
    said = bot.prompts.text("packet", Locale.EN, "step_security")
    assert ticket.packet.next_step.startswith(said)
    assert ticket.packet.summary == "Our account was hacked"


def _case(conversation: Conversation, occasion: Occasion) -> Case:
    return Case(occasion=occasion, conversation=conversation, customer=None, messages=())


@pytest.mark.parametrize(
    ("reason", "label", "priority"),
    [
        (HandoffReason.URGENT, ToneLabel.CALM, Priority.URGENT),
        (HandoffReason.FRUSTRATED, ToneLabel.ANGRY, Priority.HIGH),
        (HandoffReason.FRUSTRATED, ToneLabel.FRUSTRATED, Priority.NORMAL),
    ],
)
def test_how_soon(reason: HandoffReason, label: ToneLabel, priority: Priority) -> None:
    assert priority_of(Occasion(reason=reason, locale=Locale.EN, tone=Tone(label))) is priority


# Two workers on one database


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[tuple[Bot, Bot]]:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(url)
    stores = [await SqlStore.open(url) for _ in range(2)]
    yield staffed_bot(stores[0]), staffed_bot(stores[1])
    for store in stores:
        await store.close()


async def test_user_and_detector_in_two_workers_open_one_ticket(workers: tuple[Bot, Bot]) -> None:
    one, other = workers
    for _ in range(10):
        conversation = await start(one)
        said = [
            await one.turns.submit(Message(conversation.id, Author.CUSTOMER, PERSON)),
            await other.turns.submit(Message(conversation.id, Author.CUSTOMER, PERSON)),
            *await asyncio.gather(
                *(worker.person_requests.submit(conversation) for worker in (*workers, *workers))
            ),
        ]
        replies = await asyncio.gather(*(turn.result() for turn in said))
        (ticket,) = await one.store.tickets_of(conversation.id)
        claims = [reply for reply in replies if reply.decision is DecisionKind.HANDOFF]
        assert claims
        assert {reply.as_json()["handoff"]["ticket"] for reply in claims} == {ticket.id}
        rest = {reply.decision for reply in replies} - {DecisionKind.HANDOFF}
        assert rest <= {DecisionKind.SILENT}
        spoken = [
            message
            for message in await one.store.messages(conversation.id)
            if message.author is Author.BOT
        ]
        assert len(spoken) == 1
