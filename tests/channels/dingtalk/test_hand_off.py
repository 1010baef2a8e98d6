"""A person takes over in DingTalk: from the asker's chat to the triage group and back."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.channels.dingtalk.buttons import Seal, unpack
from bot.channels.dingtalk.place import group
from bot.domain.conversation import Author
from bot.domain.ticket import TicketState
from tests.channels.chat.desk import HUMAN, OURS, ChatDesk, staff_of
from tests.channels.chat.office import QUESTION
from tests.channels.dingtalk.office import DingTalkOffice, dingtalk_office, settings_of
from tests.channels.office import Clock
from tests.dingtalk_server import ANN, BEN, CLIENT_SECRET, CORP, GROUP, TRIAGE, Card
from tests.services.test_dialogue import COLUMNS

LEE, MEI = "lee01", "mei02"


class Desk(ChatDesk[DingTalkOffice]):
    """The triage group and the asker's chat of one office."""

    def __init__(self, office: DingTalkOffice, clock: Clock) -> None:
        super().__init__(office, clock)
        self.dingtalk = office.dingtalk
        self.dingtalk.add_person(LEE, "Lee Wu", "lee@example.com")
        self.dingtalk.add_person(MEI, "Mei Lin", "mei@example.com")

    async def ask(self, text: str = HUMAN, chat: str | None = None) -> None:
        await self.office.take(self.dingtalk.say(text, ANN, chat))

    @property
    def card(self) -> Card:
        return self.dingtalk.posted(TRIAGE)[0]

    def triage(self) -> str:
        return "\n".join(one.text for one in self.dingtalk.posted(TRIAGE))

    def chat(self, chat: str = ANN) -> str:
        return "\n".join(one.text for one in self.dingtalk.posted(chat))

    async def press(self, label: str, user: str = LEE, card: Card | None = None) -> None:
        await self.office.take(self.dingtalk.press(card or self.card, label, user))

    async def resolve(self) -> None:
        """It asks whether they are sure, on a card that nobody else sees."""
        await self.press("Resolve")
        assert (await self.ticket()).state is TicketState.OPEN
        sure = self.dingtalk.whispered(LEE)[-1]
        await self.office.take(self.dingtalk.press(sure, next(iter(sure.buttons)), LEE))

    async def say(self, text: str, user: str = LEE) -> None:
        await self.office.take(self.dingtalk.say(text, user, TRIAGE))

    async def quote(self, text: str, card: Card | None = None, user: str = LEE) -> None:
        await self.office.take(self.dingtalk.quote(card or self.card, text, user))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = Clock(datetime.now(UTC))
    settings = settings_of(triage_channel=TRIAGE, corp_id=CORP)
    async with dingtalk_office(settings, clock=clock, staff=staff_of(clock)) as office:
        yield Desk(office, clock)


async def test_the_whole_way_and_back(desk: Desk) -> None:
    await desk.ask(QUESTION)
    (answer,) = desk.dingtalk.posted(ANN)
    (person,) = [label for label in answer.buttons if "person" in label.lower()]
    await desk.press(person, ANN, answer)
    ticket = await desk.ticket()
    assert ticket.label in desk.chat()
    assert "Ann Lee" in desk.card.text
    assert QUESTION in desk.triage()
    await desk.press("Claim")
    assert (await desk.ticket()).assignee == OURS.id
    assert "**Lee** has it." in desk.card.text
    await desk.quote("Which browser is it?")
    assert "Which browser is it?" in desk.chat()
    await desk.ask("Firefox, and @all *I* wait")
    assert r"Firefox, and @all \*I\* wait" in desk.triage()
    await desk.say(f"{ticket.label} Update it, please.")
    assert "Update it, please." in desk.chat()
    await desk.quote("// will it last?")
    assert "will it last" not in desk.chat()
    await desk.resolve()
    assert (await desk.ticket()).state is TicketState.RESOLVED
    assert "**Resolved.**" in desk.card.text
    assert await desk.said(Author.AGENT) == ["Which browser is it?", "Update it, please."]


async def test_the_whole_way_in_chinese(desk: Desk) -> None:
    await desk.ask("看板最多可以有多少列？")
    (answer,) = desk.dingtalk.posted(ANN)
    await desk.press("转人工客服", ANN, answer)
    ticket = await desk.ticket()
    assert ticket.label in desk.chat()
    assert "转交" in desk.chat()
    await desk.press(next(iter(desk.card.buttons)))
    await desk.quote("您好，请问是哪个浏览器？")
    assert "请问是哪个浏览器" in desk.chat()


async def test_an_old_card_leads_to_the_ticket_that_is_open(desk: Desk) -> None:
    await desk.ask(QUESTION)
    (old,) = desk.dingtalk.posted(ANN)
    desk.dingtalk.epoch += 13 * 3600
    await desk.ask()
    (ticket,) = await desk.tickets()
    (person,) = [label for label in old.buttons if "person" in label.lower()]
    await desk.press(person, ANN, old)
    assert [one.id for one in await desk.tickets()] == [ticket.id]
    assert len(await desk.office.conversations()) == 2
    assert f"open already as {ticket.label}" in desk.chat()


async def test_the_form_for_a_reply_is_filled_in_by_quoting_it(desk: Desk) -> None:
    await desk.ask()
    await desk.press("Reply")
    (form,) = desk.dingtalk.whispered(LEE)
    assert form.chat == TRIAGE
    await desk.quote("Not mine", form, MEI)
    assert "Not mine" not in desk.chat()
    await desk.quote("Try it again, please.", form)
    assert "Try it again, please." in desk.chat()
    assert await desk.said(Author.AGENT) == ["Try it again, please."]


async def test_the_survey_and_its_comment(desk: Desk) -> None:
    await desk.ask()
    ticket = await desk.ticket()
    await desk.press("Claim")
    await desk.quote("It works again.")
    await desk.resolve()
    survey = desk.dingtalk.posted(ANN)[-1]
    await desk.press("5", ANN, survey)
    kept = await desk.office.store.survey(ticket.conversation, ticket.escalation)
    assert kept is not None
    assert kept.csat == 5
    (comment,) = [label for label in survey.buttons if "omment" in label]
    await desk.press(comment, ANN, survey)
    form = [one for one in desk.dingtalk.posted(ANN) if "Quote" in one.text][-1]
    await desk.quote("Very quick", form, ANN)
    kept = await desk.office.store.survey(ticket.conversation, ticket.escalation)
    assert kept is not None
    assert (kept.csat, kept.comment) == (5, "Very quick")


async def test_the_bot_keeps_silent_while_a_person_has_it(desk: Desk) -> None:
    await desk.ask()
    await desk.press("Claim")
    await desk.ask(QUESTION)
    assert COLUMNS not in desk.chat()


async def test_what_is_written_in_the_inbox_stands_in_both_chats(desk: Desk) -> None:
    await desk.ask()
    ticket = await desk.ticket()
    casework = desk.office.bot.hand_over.casework
    await casework.reply(ticket.id, OURS.id, "Hello from the inbox", "x")
    await desk.office.work()
    assert "Hello from the inbox" in desk.chat()
    assert "Hello from the inbox" in desk.triage()


async def test_who_asked_in_a_group_is_answered_there_by_name(desk: Desk) -> None:
    await desk.ask(HUMAN, GROUP)
    await desk.press("Claim")
    await desk.quote("Which browser is it?")
    (reply,) = [one for one in desk.dingtalk.posted(GROUP) if "Which browser" in one.text]
    assert reply.named == {ANN: "Ann Lee"}


async def test_nobody_works_on_tickets_from_elsewhere(desk: Desk) -> None:
    await desk.ask(HUMAN, GROUP)
    seal = Seal(CLIENT_SECRET)
    packed = seal.open(desk.card.buttons["Claim"])
    assert packed is not None
    forged = [
        desk.card.buttons["Claim"][:-1] + "x",
        Seal("another").id(unpack(packed)),
        seal.id(replace(unpack(packed), at=group(CORP, GROUP).address)),
    ]
    for id in forged:
        content = json.dumps({"cardPrivateData": {"params": {"id": id}}})
        said = desk.dingtalk.press(desk.card, "Claim", BEN)
        await desk.office.take({**said, "content": content, "value": content})
    assert (await desk.ticket()).assignee is None


async def test_who_asked_can_take_the_request_back(desk: Desk) -> None:
    await desk.ask()
    handed = desk.dingtalk.posted(ANN)[-1]
    (cancel,) = [label for label in handed.buttons if "ancel" in label]
    await desk.press(cancel, ANN, handed)
    assert (await desk.ticket()).state.is_active
    sure = desk.dingtalk.posted(ANN)[-1]
    await desk.press(next(iter(sure.buttons)), ANN, sure)
    assert not (await desk.ticket()).state.is_active
    await desk.ask(QUESTION)
    assert COLUMNS in desk.chat()


async def test_without_a_corp_id_the_card_comes_once_somebody_has_written() -> None:
    async with dingtalk_office(settings_of(triage_channel=TRIAGE)) as office:
        await office.take(office.dingtalk.say(HUMAN))
        assert office.dingtalk.posted(TRIAGE)


async def test_without_cards_agents_work_by_words() -> None:
    """Under an API that has no cards at all."""
    clock = Clock(datetime.now(UTC))
    settings = settings_of(triage_channel=TRIAGE, corp_id=CORP)
    async with dingtalk_office(settings, clock=clock, staff=staff_of(clock)) as office:
        office.dingtalk.add_person(LEE, "Lee Wu", "lee@example.com")
        office.dingtalk.lacking |= {"Card.Instance.Write", "Card.Streaming.Write"}
        await office.take(office.dingtalk.say(QUESTION))
        assert COLUMNS in office.dingtalk.messages[-1]["text"]
        await office.take(office.dingtalk.say(HUMAN))
        told = [one["text"] for one in office.dingtalk.messages if one["chat"] == TRIAGE]
        assert any("T-1" in one for one in told)
        (conversation,) = await office.conversations()
        (ticket,) = await office.store.tickets_of(conversation.id)
        await office.bot.hand_over.casework.claim(ticket.id, OURS.id)
        await office.take(office.dingtalk.say("T-1 Which browser?", LEE, TRIAGE))
        mine = [one["text"] for one in office.dingtalk.messages if one["chat"] == ANN]
        assert any("Which browser?" in one for one in mine)
