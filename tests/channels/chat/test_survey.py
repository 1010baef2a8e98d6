"""How the help was is asked once, answered by whoever asked for it, and never nags."""

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import customer_id
from bot.channels.chat.sheet import Choice
from bot.channels.chat.survey import AskingCourier, ChatSurveys
from bot.channels.chat.survey_sheet import DECLINE, MORE, RATE, SurveySheets
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.inbound import InboundEvent
from bot.domain.survey import Survey
from bot.domain.ticket import Move, Ticket
from bot.services.surveys import Surveys
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, moving, opened, started
from tests.channels.chat.program import (
    CHANNEL,
    TEAM,
    FakeProgram,
    Posts,
    Standing,
    actions_of,
    refused,
    text_of,
)

ASKER, OTHER = "asker", "other"
THREAD = Place(TEAM, "C7", "m0")
HOME = Place(TEAM, "D7", "m0")


class Desk:
    def __init__(self) -> None:
        self.parley, self.clock = FakeProgram(), Clock()
        self.store = MemoryStore(self.clock)
        self.surveys = Surveys(self.store, self.clock)
        program = self.parley.program
        poster = Poster(CHANNEL, program.wall, Posts(), self.clock)
        self.channel = ChatSurveys(
            program, poster, self.store, self.surveys, PromptFiles(), self.home
        )
        question = SurveySheets(PromptFiles(), Locale.EN).over("done")
        self.parley.wall.posts.append(Standing("question", THREAD.around, "m0", question, {}))

    async def home(self, conversation: Conversation) -> Place | None:
        return HOME

    async def resolved(self, address: str | None = THREAD.address) -> Ticket:
        customer = customer_id(CHANNEL, TEAM, ASKER)
        await self.store.save_customer(Customer(customer))
        conversation = await started(
            self.store, channel=CHANNEL, address=address, customer=customer
        )
        ticket = await opened(self.store, conversation, packet=FULL)
        return await self.store.apply(moving(ticket, Move.RESOLVE))

    async def conversation(self, ticket: Ticket) -> Conversation:
        found = await self.store.conversation(ticket.conversation)
        assert found is not None
        return found

    async def offer(self, ticket: Ticket) -> None:
        await self.channel.offer(await self.conversation(ticket))

    async def survey(self, ticket: Ticket) -> Survey:
        survey = await self.store.survey(ticket.conversation, ticket.escalation)
        assert survey is not None
        return survey

    @property
    def asked(self) -> list[Standing]:
        return self.parley.wall.posts[1:]

    @property
    def offered(self) -> list[str]:
        """What can be clicked below the question now."""
        return actions_of(self.asked[-1].sheet)

    def clicked(self, action: str, ticket: Ticket, user: str = ASKER) -> InboundEvent:
        return self.parley.clicked(action, ticket.id, user, THREAD, self.asked[-1].reference)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_it_is_asked_once_where_help_was_asked_for(desk: Desk) -> None:
    ticket = await desk.resolved()
    for _ in range(3):
        await desk.offer(ticket)
    (asked,) = desk.asked
    assert asked.place == THREAD
    assert "T-1" in text_of(asked.sheet)
    assert actions_of(asked.sheet) == [*(f"{RATE}.{n}" for n in range(1, 6)), DECLINE]


async def test_what_only_its_asker_sees_is_asked_where_it_goes_on(desk: Desk) -> None:
    await desk.offer(await desk.resolved(f"{THREAD.address}/{ASKER}"))
    (asked,) = desk.asked
    assert asked.place == HOME


async def test_nothing_is_asked_of_what_is_not_resolved_or_has_no_place(desk: Desk) -> None:
    ticket = await desk.resolved(address=None)
    await desk.offer(ticket)
    again = await desk.resolved()
    await desk.store.apply(moving(again, Move.REOPEN))
    await desk.offer(again)
    assert desk.asked == []


async def test_a_score_stands_at_once_and_a_comment_may_follow(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    for _ in range(2):
        await desk.channel.handle(desk.clicked(f"{RATE}.4", ticket))
    survey = await desk.survey(ticket)
    assert (survey.csat, survey.closed_at) == (4, None)
    assert desk.offered == [MORE]
    await desk.channel.open_form(desk.clicked(MORE, ticket))
    await desk.channel.handle(desk.clicked(MORE, ticket))
    scores, _ = desk.parley.forms.opened[-1][1].fields
    assert isinstance(scores, Choice)
    assert list(scores.options) == [str(n) for n in range(11)]
    sent = desk.parley.sent(ASKER, nps="9", comment=" Fast & kind ")
    await desk.channel.handle_form(sent)
    survey = await desk.survey(ticket)
    assert (survey.csat, survey.nps, survey.comment) == (4, 9, "Fast & kind")
    assert survey.closed_at is not None
    assert desk.offered == []
    await desk.channel.handle(desk.clicked(f"{RATE}.1", ticket))
    assert (await desk.survey(ticket)).csat == 4


@pytest.mark.parametrize("nps", ["", "11", "-1", "nine"])
async def test_a_score_that_was_not_offered_is_none(desk: Desk, nps: str) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    await desk.channel.open_form(desk.clicked(MORE, ticket))
    await desk.channel.handle_form(desk.parley.sent(ASKER, nps=nps, comment=" "))
    survey = await desk.survey(ticket)
    assert (survey.nps, survey.comment) == (None, None)
    assert survey.closed_at is not None


async def test_who_declines_is_not_asked_again(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    await desk.channel.handle(desk.clicked(DECLINE, ticket))
    assert (await desk.survey(ticket)).closed_at is not None
    assert desk.offered == []
    await desk.offer(ticket)
    assert len(desk.asked) == 1


async def test_nobody_answers_for_somebody_else(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    desk.parley.wall.failures["whisper"] = refused()
    for _ in range(2):
        await desk.channel.handle(desk.clicked(f"{RATE}.1", ticket, OTHER))
    await desk.channel.open_form(desk.clicked(MORE, ticket, OTHER))
    assert not (await desk.survey(ticket)).is_begun
    assert desk.parley.forms.opened == []
    assert [user for user, _ in desk.parley.wall.told()] == [OTHER, OTHER]
    await desk.channel.open_form(desk.clicked(MORE, ticket))
    await desk.channel.handle_form(desk.parley.sent(OTHER, nps="1", comment="bad"))
    assert not (await desk.survey(ticket)).is_begun


async def test_who_wants_to_comment_for_somebody_else_is_told_once(desk: Desk) -> None:
    """The click is reacted to at once, and handled as well."""
    ticket = await desk.resolved()
    await desk.offer(ticket)
    event = desk.clicked(MORE, ticket, OTHER)
    await desk.channel.open_form(event)
    await desk.channel.handle(event)
    assert [user for user, _ in desk.parley.wall.told()] == [OTHER]


async def test_a_question_that_was_deleted_is_answered_all_the_same(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    event = desk.clicked(f"{RATE}.5", ticket)
    desk.parley.wall.posts.clear()
    await desk.channel.handle(event)
    assert (await desk.survey(ticket)).csat == 5


async def test_a_ticket_that_is_not_there_is_nobodys_survey(desk: Desk) -> None:
    await desk.channel.handle(desk.parley.clicked(DECLINE, "0" * 32, ASKER, THREAD))
    assert desk.parley.wall.told() == []


async def test_it_comes_behind_the_last_word_and_only_there() -> None:
    done: list[str] = []

    class Courier:
        async def deliver(self, conversation: Conversation, message: Message) -> None:
            done.append(message.text)

    async def offer(conversation: Conversation) -> None:
        done.append(f"asked in {conversation.channel}")

    courier = AskingCourier(Courier(), offer)
    conversation = Conversation(CHANNEL)
    for author in (Author.BOT, Author.AGENT, Author.SYSTEM):
        await courier.deliver(conversation, Message(conversation.id, author, author.value))
    assert done == ["bot", "agent", "system", f"asked in {CHANNEL}"]
