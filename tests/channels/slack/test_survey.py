"""How the help was is asked once, answered by whoever asked for it, and never nags."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.place import Place
from bot.channels.slack.posting import Poster
from bot.channels.slack.survey import AskingCourier, SlackSurveys
from bot.channels.slack.survey_card import DECLINE, MORE, RATE, SurveyCard
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.customer import Customer
from bot.domain.inbound import InboundEvent
from bot.domain.survey import Survey
from bot.domain.ticket import Move, Ticket
from bot.services.surveys import Surveys
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, moving, opened, started
from tests.channels.slack.goldens import check_blocks, check_golden, check_view
from tests.channels.slack.workspace import TEAM, FakeSlack, Posts, refused

ASKER, OTHER = "UASKER", "UOTHER"
THREAD = Place(TEAM, "C7", "1772360000.000100")


class Desk:
    def __init__(self) -> None:
        self.slack, self.clock = FakeSlack(), Clock()
        self.store = MemoryStore(self.clock)
        self.surveys = Surveys(self.store, self.clock)
        poster = Poster(self.slack, Posts(), self.clock)
        self.channel = SlackSurveys(self.slack, poster, self.store, self.surveys, PromptFiles())
        self.slack.posts.append({"channel": "C7", "ts": THREAD.thread, "text": "Help"})

    async def resolved(self, address: str | None = THREAD.address) -> Ticket:
        customer = f"slack/{TEAM}/{ASKER}"
        await self.store.save_customer(Customer(customer))
        conversation = await started(
            self.store, channel="slack", address=address, customer=customer
        )
        ticket = await opened(self.store, conversation, packet=FULL)
        return await self.store.apply(moving(ticket, Move.RESOLVE))

    async def conversation(self, ticket: Ticket) -> Conversation:
        found = await self.store.conversation(ticket.conversation)
        assert found is not None
        return found

    async def offer(self, ticket: Ticket) -> None:
        await self.channel.offer(await self.conversation(ticket))

    async def survey(self, ticket: Ticket) -> Survey | None:
        return await self.store.survey(ticket.conversation, ticket.escalation)

    @property
    def asked(self) -> Sequence[dict[str, Any]]:
        return self.slack.posts[1:]

    @property
    def shown(self) -> str:
        return str(self.asked[-1]["blocks"])

    def clicked(self, action: str, ticket: Ticket, user: str = ASKER) -> InboundEvent:
        body = {
            "team": {"id": TEAM},
            "user": {"id": user},
            "channel": {"id": "C7"},
            "container": {
                "channel_id": "C7",
                "message_ts": self.asked[-1]["ts"],
                "thread_ts": THREAD.thread,
            },
            "trigger_id": "trigger",
            "actions": [{"action_id": action, "value": ticket.id}],
        }
        return InboundEvent("slack", action, f"action:{action}", "g", body)

    def sent(self, nps: str | None, comment: str | None, user: str = ASKER) -> InboundEvent:
        view = self.slack.called("views.open")[-1]["view"]
        values = {
            "nps": {"nps": {"selected_option": {"value": nps} if nps else None}},
            "comment": {"comment": {"value": comment}},
        }
        body = {
            "team": {"id": TEAM},
            "user": {"id": user},
            "view": {**view, "state": {"values": values}},
        }
        return InboundEvent("slack", "v", f"view:{MORE}", "g", body)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("locale", list(Locale))
def test_what_is_asked_can_be_read_and_sent(locale: Locale) -> None:
    card = SurveyCard(PromptFiles(), locale)
    asked = list(card.asked("T-12", "t" * 32))
    ends = [list(card.over(name)[1]) for name in ("done", "declined", "closed")]
    for blocks in (asked, list(card.rated(4, "t" * 32)), *ends):
        check_blocks(blocks)
    dialog = card.dialog("T-12", "{}")
    check_view(dialog)
    check_golden(f"survey.{locale}", asked)
    check_golden(f"survey_dialog.{locale}", dialog)


async def test_it_is_asked_once_in_the_thread(desk: Desk) -> None:
    ticket = await desk.resolved()
    for _ in range(3):
        await desk.offer(ticket)
    (asked,) = desk.asked
    assert asked["thread_ts"] == THREAD.thread
    assert "T-1" in asked["text"]


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
    assert survey is not None
    assert (survey.csat, survey.closed_at) == (4, None)
    assert MORE in desk.shown
    await desk.channel.open_dialog(desk.clicked(MORE, ticket).body)
    await desk.channel.handle(desk.clicked(MORE, ticket))
    await desk.channel.handle_dialog(desk.sent("9", " Fast & kind "))
    survey = await desk.survey(ticket)
    assert survey is not None
    assert (survey.csat, survey.nps, survey.comment) == (4, 9, "Fast & kind")
    assert survey.closed_at is not None
    assert MORE not in desk.shown
    await desk.channel.handle(desk.clicked(f"{RATE}.1", ticket))
    survey = await desk.survey(ticket)
    assert survey is not None
    assert survey.csat == 4


async def test_who_declines_is_not_asked_again(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    await desk.channel.handle(desk.clicked(DECLINE, ticket))
    survey = await desk.survey(ticket)
    assert survey is not None
    assert survey.closed_at is not None
    assert "survey.rate" not in desk.shown
    await desk.offer(ticket)
    assert len(desk.asked) == 1


async def test_nobody_answers_for_somebody_else(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    await desk.channel.handle(desk.clicked(f"{RATE}.1", ticket, OTHER))
    await desk.channel.open_dialog(desk.clicked(MORE, ticket, OTHER).body)
    survey = await desk.survey(ticket)
    assert survey is not None
    assert not survey.is_begun
    assert desk.slack.called("views.open") == []
    assert {one["user"] for one in desk.slack.called("chat.postEphemeral")} == {OTHER}
    await desk.channel.open_dialog(desk.clicked(MORE, ticket).body)
    await desk.channel.handle_dialog(desk.sent("1", "bad", OTHER))
    survey = await desk.survey(ticket)
    assert survey is not None
    assert not survey.is_begun


async def test_a_question_that_was_deleted_is_answered_all_the_same(desk: Desk) -> None:
    ticket = await desk.resolved()
    await desk.offer(ticket)
    desk.slack.failures = [("chat.update", refused("message_not_found"))]
    await desk.channel.handle(desk.clicked(f"{RATE}.5", ticket))
    survey = await desk.survey(ticket)
    assert survey is not None
    assert survey.csat == 5


async def test_it_comes_behind_the_last_word_and_only_there() -> None:
    done: list[str] = []

    class Courier:
        async def deliver(self, conversation: Conversation, message: Message) -> None:
            done.append(message.text)

    async def offer(conversation: Conversation) -> None:
        done.append(f"asked in {conversation.channel}")

    courier = AskingCourier(Courier(), offer)
    conversation = Conversation("slack")
    for author in (Author.BOT, Author.AGENT, Author.SYSTEM):
        await courier.deliver(conversation, Message(conversation.id, author, author.value))
    assert done == ["bot", "agent", "system", "asked in slack"]
