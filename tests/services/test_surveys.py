"""The survey: asked once after a ticket was resolved, never while somebody is at work."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.conversation import Conversation, ConversationStatus, Locale
from bot.domain.packet import Packet, Requester
from bot.domain.reply import HandoffReason
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.ticket import Ticket, TicketState
from bot.services.surveys import QUIET, Surveys

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


class FakeSurveyStore:
    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.tickets: list[Ticket] = []
        self.surveys: dict[tuple[str, int], Survey] = {}

    async def conversation(self, conversation_id: str) -> Conversation | None:
        return self.conversations.get(conversation_id)

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        return [ticket for ticket in self.tickets if ticket.conversation == conversation_id]

    async def ticket(self, ticket_id: str) -> Ticket | None:
        return next((ticket for ticket in self.tickets if ticket.id == ticket_id), None)

    async def survey(self, conversation_id: str, escalation: int) -> Survey | None:
        return self.surveys.get((conversation_id, escalation))

    async def add_survey(self, survey: Survey) -> None:
        self.surveys.setdefault((survey.conversation, survey.escalation), survey)

    async def answer_survey(
        self, conversation_id: str, escalation: int, answer: SurveyAnswer
    ) -> bool:
        asked = self.surveys.get((conversation_id, escalation))
        if asked is None or asked.closed_at is not None:
            return False
        self.surveys[conversation_id, escalation] = asked.answered(answer)
        return True

    async def surveys_of(self, conversation_id: str) -> Sequence[Survey]:
        return [each for each in self.surveys.values() if each.conversation == conversation_id]

    async def surveys_by(self, customer_id: str) -> Sequence[Survey]:
        return [each for each in self.surveys.values() if each.customer == customer_id]


def conversation(name: str = "a", customer: str | None = None) -> Conversation:
    return Conversation("widget", id=name, status=ConversationStatus.RESOLVED, customer=customer)


def ticket(
    name: str = "a", escalation: int = 1, state: TicketState = TicketState.RESOLVED
) -> Ticket:
    packet = Packet(
        Requester(), Locale.EN, "widget", HandoffReason.ASKED_FOR_HUMAN, "Cannot sign in."
    )
    return Ticket(7, name, escalation, HandoffReason.ASKED_FOR_HUMAN, packet, state=state)


async def ask(
    store: FakeSurveyStore, surveys: Surveys, conversation: Conversation
) -> Ticket | None:
    store.conversations[conversation.id] = conversation
    return await surveys.ask(conversation.id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> FakeSurveyStore:
    return FakeSurveyStore()


@pytest.fixture
def surveys(store: FakeSurveyStore, clock: Clock) -> Surveys:
    return Surveys(store, clock)


async def test_an_unknown_conversation_is_asked_nothing(surveys: Surveys) -> None:
    assert await surveys.ask("nowhere") is None


async def test_a_resolved_ticket_is_asked_about_until_it_is_answered(
    store: FakeSurveyStore, surveys: Surveys
) -> None:
    store.tickets = [ticket()]
    assert await ask(store, surveys, conversation()) == store.tickets[0]
    assert await ask(store, surveys, conversation()) == store.tickets[0]  # the page was loaded anew
    assert await surveys.answer(conversation(), SurveyAnswer(4))
    assert await ask(store, surveys, conversation()) is None


async def test_nothing_given_declines(store: FakeSurveyStore, surveys: Surveys) -> None:
    store.tickets = [ticket()]
    await ask(store, surveys, conversation())
    assert await surveys.answer(conversation(), SurveyAnswer())
    assert await ask(store, surveys, conversation()) is None
    assert [s.csat for s in await surveys.of_conversation("a")] == [None]


async def test_answers_given_one_by_one_add_up(store: FakeSurveyStore, surveys: Surveys) -> None:
    store.tickets = [ticket()]
    assert await ask(store, surveys, conversation())
    assert await surveys.answer(conversation(), SurveyAnswer(2), more=True)
    assert await ask(store, surveys, conversation()) is None  # begun: it is not asked again
    assert await surveys.answer(conversation(), SurveyAnswer(3), more=True)
    assert await surveys.answer(conversation(), SurveyAnswer(None, 0, "slow"))
    (survey,) = await surveys.of_conversation("a")
    assert (survey.csat, survey.nps, survey.comment) == (3, 0, "slow")
    assert survey.ticket == store.tickets[0].id


@pytest.mark.parametrize("first", [SurveyAnswer(5, 9, "fine"), SurveyAnswer()])
async def test_a_second_answer_is_refused(
    store: FakeSurveyStore, surveys: Surveys, first: SurveyAnswer
) -> None:
    store.tickets = [ticket()]
    await ask(store, surveys, conversation())
    assert await surveys.answer(conversation(), first)
    before = dict(store.surveys)
    assert not await surveys.answer(conversation(), SurveyAnswer(1))
    assert not await surveys.answer(conversation(), SurveyAnswer(1), more=True)
    assert store.surveys == before


async def test_an_answer_about_another_ticket_is_refused(
    store: FakeSurveyStore, surveys: Surveys
) -> None:
    store.tickets = [ticket()]
    asked = await ask(store, surveys, conversation())
    assert asked is not None
    assert not await surveys.answer(conversation(), SurveyAnswer(1), about="other")
    assert await surveys.answer(conversation(), SurveyAnswer(1), about=asked.id)


async def test_who_learns_of_the_end_by_another_way_may_answer_at_once(
    store: FakeSurveyStore, surveys: Surveys
) -> None:
    store.tickets = [ticket()]
    store.conversations["a"] = conversation()
    assert await surveys.answer(conversation(), SurveyAnswer(5))
    assert await surveys.ask("a") is None


async def test_an_answer_that_nobody_would_be_asked_for_is_refused(
    store: FakeSurveyStore, surveys: Surveys
) -> None:
    store.tickets = [ticket("a"), ticket("b")]
    assert await ask(store, surveys, conversation("a", "kim"))
    store.conversations["b"] = conversation("b", "kim")
    assert not await surveys.answer(conversation("b", "kim"), SurveyAnswer(1))


@pytest.mark.parametrize(
    "state",
    [state for state in TicketState if state is not TicketState.RESOLVED],
)
async def test_only_a_resolved_ticket_is_asked_about(
    store: FakeSurveyStore, surveys: Surveys, state: TicketState
) -> None:
    store.tickets = [ticket(state=state)]
    assert await ask(store, surveys, conversation()) is None


@pytest.mark.parametrize(
    "status", [status for status in ConversationStatus if status is not ConversationStatus.RESOLVED]
)
async def test_a_conversation_that_goes_on_is_left_alone(
    store: FakeSurveyStore, surveys: Surveys, status: ConversationStatus
) -> None:
    store.tickets = [ticket()]
    assert await ask(store, surveys, replace(conversation(), status=status)) is None


async def test_nobody_is_asked_again_within_a_month(
    store: FakeSurveyStore, surveys: Surveys, clock: Clock
) -> None:
    store.tickets = [ticket("a"), ticket("b")]
    assert await ask(store, surveys, conversation("a", "kim"))
    assert await ask(store, surveys, conversation("b", "kim")) is None
    clock.time += QUIET + timedelta(seconds=1)
    assert await ask(store, surveys, conversation("b", "kim"))


async def test_another_customer_is_asked(store: FakeSurveyStore, surveys: Surveys) -> None:
    store.tickets = [ticket("a"), ticket("b"), ticket("c")]
    assert await ask(store, surveys, conversation("a", "kim"))
    assert await ask(store, surveys, conversation("b", "lee"))
    assert await ask(store, surveys, conversation("c"))


async def test_a_conversation_is_asked_once(
    store: FakeSurveyStore, surveys: Surveys, clock: Clock
) -> None:
    store.tickets = [ticket()]
    assert await ask(store, surveys, conversation())
    store.tickets.append(ticket(escalation=2))
    clock.time += QUIET + timedelta(seconds=1)
    assert await ask(store, surveys, conversation()) is None
    assert not await surveys.answer(conversation(), SurveyAnswer(1))


@pytest.mark.parametrize(
    "state", [state for state in TicketState if state is not TicketState.RESOLVED]
)
async def test_no_answer_is_taken_unless_the_ticket_was_resolved(
    store: FakeSurveyStore, surveys: Surveys, state: TicketState
) -> None:
    """Neither while a person is at work nor after a cancel."""
    store.tickets = [ticket(state=state)]
    store.conversations["a"] = conversation()
    assert not await surveys.answer(conversation(), SurveyAnswer(1))
    assert store.surveys == {}


async def test_what_the_bot_did_alone_is_not_asked_about(
    store: FakeSurveyStore, surveys: Surveys
) -> None:
    store.conversations["a"] = conversation()
    assert not await surveys.answer(conversation(), SurveyAnswer(5))
    assert store.surveys == {}


async def test_who_follows_hears_of_every_answer(store: FakeSurveyStore, surveys: Surveys) -> None:
    heard: list[str] = []
    surveys.observe(heard.append)
    talk = conversation()
    store.conversations[talk.id] = talk
    store.tickets.append(ticket())
    await surveys.ask(talk.id)
    assert heard == []
    assert await surveys.answer(talk, SurveyAnswer(5), more=True)
    assert await surveys.answer(talk, SurveyAnswer(5, 9))
    assert not await surveys.answer(talk, SurveyAnswer(1))
    assert heard == [talk.id, talk.id]


@pytest.fixture
def merged(store: FakeSurveyStore) -> Ticket:
    """The ticket of `a`, in which that of `b` and that of `c` go on."""
    into = ticket("a")
    absorbed = [replace(ticket(name, 1, TicketState.MERGED), merged_into=into.id) for name in "bc"]
    store.tickets = [into, *absorbed]
    return into


@pytest.mark.parametrize("customers", [("kim", "kim"), ("kim", None), (None, "kim"), (None, None)])
@pytest.mark.parametrize("places", ["ab", "ba", "bc"])
async def test_whose_tickets_were_merged_is_asked_once_where_they_are(
    store: FakeSurveyStore,
    surveys: Surveys,
    merged: Ticket,
    places: str,
    customers: tuple[str, str],
) -> None:
    here, there = map(conversation, places, customers)
    for _ in range(2):
        assert await ask(store, surveys, here) == merged
    assert await surveys.answer(here, SurveyAnswer(4), about=merged.id)
    assert await ask(store, surveys, there) is None
    assert not await surveys.answer(there, SurveyAnswer(1))
    assert [(s.csat, s.ticket, s.customer) for s in store.surveys.values()] == [
        (4, merged.id, here.customer)
    ]
    assert await store.survey("a", 1)  # with the ticket, where agents look for it


async def test_two_customers_whose_tickets_were_merged_are_asked_each(
    store: FakeSurveyStore, surveys: Surveys, merged: Ticket
) -> None:
    """A visitor's ticket can take in those of both."""
    both = [conversation("b", "kim"), conversation("c", "lee")]
    for number, each in enumerate(both, 1):
        assert await ask(store, surveys, each) == merged
        assert await surveys.answer(each, SurveyAnswer(number))
        assert await ask(store, surveys, each) is None
    assert [s.csat for who in ("kim", "lee") for s in await surveys.of_customer(who)] == [1, 2]


async def test_who_was_asked_in_a_merged_conversation_is_not_asked_in_it_again(
    store: FakeSurveyStore, surveys: Surveys, merged: Ticket
) -> None:
    assert await ask(store, surveys, conversation("b"))
    store.tickets.append(ticket("b", 2))
    assert await ask(store, surveys, conversation("b")) is None


async def test_a_merged_conversation_is_left_alone_while_the_ticket_goes_on(
    store: FakeSurveyStore, surveys: Surveys, merged: Ticket
) -> None:
    store.tickets[0] = replace(merged, state=TicketState.OPEN)
    assert await ask(store, surveys, conversation("b")) is None
    assert not await surveys.answer(conversation("b"), SurveyAnswer(1))
