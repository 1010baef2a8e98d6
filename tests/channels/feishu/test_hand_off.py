"""A person takes over in Feishu: the whole way, from the asker's chat to the card and back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.chat.answers import PERSON
from bot.channels.chat.survey_sheet import MORE, RATE
from bot.channels.chat.ticket_sheet import CLAIM, REPLY, RESOLVE, RETURN
from bot.domain.conversation import Author
from bot.domain.ticket import TicketState
from tests.channels.chat.desk import HUMAN, ChatDesk, staff_of
from tests.channels.chat.office import CHINESE_QUESTION, QUESTION
from tests.channels.feishu.office import FeishuOffice, feishu_office, settings_of
from tests.channels.office import Clock
from tests.feishu_server import ANN, ANNS_CHAT, GROUP, RESET_AFTER, Json, feishu_server, refused
from tests.services.test_dialogue import COLUMNS

TRIAGE = "oc_triage"
LEE, MEI, EVE = "ou_lee", "ou_mei", "ou_eve"
CHINESE = "转人工"


class Desk(ChatDesk[FeishuOffice]):
    """The triage group and the asker's chat of one office."""

    def __init__(self, office: FeishuOffice, clock: Clock) -> None:
        super().__init__(office, clock)
        self.feishu = office.feishu

    async def ask(self, text: str = HUMAN, chat: str = ANNS_CHAT, **more: Any) -> None:
        await self.office.take(self.feishu.say(text, chat, **more))

    @property
    def card(self) -> Json:
        (card,) = [
            one for one in self.feishu.posted(TRIAGE) if "thread_id" not in one or self._root(one)
        ]
        return card

    @staticmethod
    def _root(message: Json) -> bool:
        return message.get("root_id", message["message_id"]) == message["message_id"]

    @property
    def shown(self) -> str:
        return self.feishu.text(self.card)

    def below(self) -> list[str]:
        return [self.feishu.text(one) for one in self.feishu.below(self.card["message_id"])]

    def read(self, chat: str = ANNS_CHAT) -> str:
        return "\n".join(self.feishu.text(one) for one in self.feishu.posted(chat))

    async def click(self, action: str, user: str = LEE) -> None:
        await self.office.take(self.feishu.click(self.card["message_id"], action, user))

    async def reply(self, text: str, user: str = LEE, *, resolves: bool = False) -> None:
        """By the form."""
        await self.click(REPLY, user)
        form = self.feishu.below(self.card["message_id"])[-1]["message_id"]
        sent = self.feishu.submit(form, {"text": text, "resolves": resolves}, user)
        answer = await self.office.press(sent)
        self.feishu.replace(form, answer)

    async def type(self, text: str, user: str = LEE) -> str:
        """Below the card."""
        said = self.feishu.say(text, TRIAGE, user, root=self.card["message_id"])
        await self.office.take(said)
        return str(said["event"]["message"]["message_id"])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = Clock(datetime.now(UTC))
    async with feishu_server() as feishu:
        feishu.add_chat(TRIAGE, "support")
        feishu.add_user(LEE, "Lee Wu", "lee@example.com")
        feishu.add_user(MEI, "Mei Lin", "mei@example.com")
        settings = settings_of(feishu, triage_channel=TRIAGE)
        async with feishu_office(feishu, settings, clock=clock, staff=staff_of(clock)) as office:
            yield Desk(office, clock)


async def test_an_old_card_leads_to_the_ticket_that_is_open(desk: Desk) -> None:
    await desk.ask(QUESTION)
    old = desk.feishu.posted()[-1]["message_id"]
    later = desk.feishu.say(HUMAN)
    at = datetime.now(UTC) + timedelta(hours=13)
    later["event"]["message"]["create_time"] = str(int(at.timestamp() * 1000))
    await desk.office.take(later)
    (ticket,) = await desk.tickets()
    await desk.office.take(desk.feishu.click(old, PERSON))
    assert [one.id for one in await desk.tickets()] == [ticket.id]
    assert len(await desk.office.conversations()) == 2
    assert f"open already as {ticket.label}" in desk.read()


async def test_the_whole_way_and_back(desk: Desk) -> None:
    await desk.ask(QUESTION)
    await desk.ask()
    assert "Ann Lee" in desk.shown
    ticket = await desk.ticket()
    assert ticket.label in desk.read()
    await desk.click(CLAIM)
    assert "**Lee** has it." in desk.shown
    await desk.reply("Which browser is it?")
    assert "Which browser is it?" in desk.read()
    assert any("Which browser" in one for one in desk.below())
    await desk.ask("Firefox, and <at id=all></at> I wait")
    assert any("&#60;at id=all&#62;" in one for one in desk.below())
    typed = await desk.type("Update it, please.")
    assert "Update it, please." in desk.read()
    assert (typed, "DONE") in desk.feishu.reactions
    await desk.type("// will it last?")
    assert "will it last" not in desk.read()
    await desk.click(RESOLVE)
    assert (await desk.ticket()).state is TicketState.RESOLVED
    survey = desk.feishu.posted()[-1]["message_id"]
    await desk.office.take(desk.feishu.click(survey, f"{RATE}.5"))
    kept = await desk.office.store.survey(ticket.conversation, ticket.escalation)
    assert kept is not None
    assert kept.csat == 5
    assert await desk.said(Author.AGENT) == ["Which browser is it?", "Update it, please."]
    assert not await desk.office.store.dead_deliveries()


async def test_more_is_told_by_a_form_below_the_survey(desk: Desk) -> None:
    await desk.ask()
    await desk.click(CLAIM)
    await desk.click(RESOLVE)
    survey = desk.feishu.posted()[-1]["message_id"]
    await desk.office.take(desk.feishu.click(survey, f"{RATE}.4"))
    await desk.office.take(desk.feishu.click(survey, MORE))
    form = desk.feishu.posted()[-1]["message_id"]
    [fields] = [one for one in desk.feishu.card(form)["body"]["elements"] if one["tag"] == "form"]
    names = {
        one["name"]: one for one in fields["elements"] if "name" in one and one["tag"] != "button"
    }
    values = {
        name: one["options"][0]["value"] if one["tag"] == "select_static" else "Fine"
        for name, one in names.items()
    }
    await desk.office.take(desk.feishu.submit(form, values))
    ticket = await desk.ticket()
    kept = await desk.office.store.survey(ticket.conversation, ticket.escalation)
    assert kept is not None
    assert kept.comment == "Fine"


async def test_the_button_for_a_person_in_a_group_s_thread(desk: Desk) -> None:
    mention = desk.feishu.mention(CHINESE_QUESTION)
    root = mention["event"]["message"]["message_id"]
    await desk.office.take(mention)
    [post] = desk.feishu.below(root)
    assert CHINESE in desk.feishu.text(post)
    await desk.office.take(desk.feishu.click(post["message_id"], PERSON))
    ticket = await desk.ticket()
    assert ticket.state.is_active
    await desk.click(CLAIM)
    await desk.reply("我来看看。")
    assert any("我来看看" in desk.feishu.text(one) for one in desk.feishu.below(root))
    assert desk.feishu.posted(GROUP) == desk.feishu.below(root)


async def test_a_resolving_reply_is_one_step(desk: Desk) -> None:
    await desk.ask()
    await desk.click(CLAIM)
    await desk.reply("All good now.", resolves=True)
    assert (await desk.ticket()).state is TicketState.RESOLVED


async def test_a_form_is_for_who_opened_it_and_sent_once(desk: Desk) -> None:
    await desk.ask()
    await desk.click(CLAIM)
    await desk.click(REPLY)
    form = desk.feishu.below(desk.card["message_id"])[-1]["message_id"]
    answer = await desk.office.press(desk.feishu.submit(form, {"text": "Mine"}, MEI))
    assert answer["toast"]["type"] == "warning"
    assert not await desk.said(Author.AGENT)
    for _ in range(2):
        await desk.office.take(desk.feishu.submit(form, {"text": "Hello"}, LEE))
    assert await desk.said(Author.AGENT) == ["Hello"]


async def test_a_form_that_is_closed_is_gone(desk: Desk) -> None:
    await desk.ask()
    await desk.click(CLAIM)
    await desk.click(REPLY)
    form = desk.feishu.below(desk.card["message_id"])[-1]["message_id"]
    answer = await desk.office.press(desk.feishu.click(form, "close_form", LEE))
    desk.feishu.replace(form, answer)
    assert desk.feishu.actions(form) == []


async def test_who_is_not_of_the_company_does_nothing(desk: Desk) -> None:
    desk.feishu.tenants[EVE] = "tenant2"
    await desk.ask()
    await desk.click(CLAIM, EVE)
    await desk.type("I answer", EVE)
    assert (await desk.ticket()).assignee is None
    assert not await desk.said(Author.AGENT)
    assert "I answer" not in desk.read()


async def test_without_contacts_colleagues_work_all_the_same(desk: Desk) -> None:
    desk.feishu.scopes.discard("contact:contact.base:readonly")
    await desk.ask()
    await desk.click(CLAIM)
    await desk.reply("I am here.")
    assert "I am here." in desk.read()


async def test_what_one_agent_is_refused_only_they_read(desk: Desk) -> None:
    await desk.ask()
    late = desk.feishu.click(desk.card["message_id"], CLAIM, MEI)
    await desk.click(CLAIM)
    await desk.office.take(late)
    assert [one["open_id"] for one in desk.feishu.ephemeral] == [MEI]


async def test_returned_to_the_bot_it_answers_again(desk: Desk) -> None:
    await desk.ask()
    await desk.click(RETURN)
    assert (await desk.ticket()).state is TicketState.RETURNED
    await desk.ask(QUESTION)
    assert COLUMNS in desk.read()


async def test_a_recalled_message_is_noted(desk: Desk) -> None:
    said = desk.feishu.say(HUMAN)
    await desk.office.take(said)
    await desk.office.take(desk.feishu.recall(said["event"]["message"]["message_id"]))
    assert any("deleted a message" in one for one in desk.below())


async def test_a_card_that_was_recalled_is_put_up_anew(desk: Desk) -> None:
    await desk.ask()
    desk.feishu.recall(desk.card["message_id"])
    await desk.ask("Are you there?")
    await desk.office.work()
    assert "Ann Lee" in desk.shown


async def test_answers_of_feishu_that_get_lost_post_nothing_twice(desk: Desk) -> None:
    desk.feishu.fail("create", RESET_AFTER, refused(230049), RESET_AFTER)
    desk.feishu.fail("reply", RESET_AFTER, refused(230020), RESET_AFTER)
    desk.feishu.fail("patch", RESET_AFTER)
    desk.feishu.fail("card_update", RESET_AFTER)
    await desk.ask()
    for _ in range(12):
        desk.clock.advance(hours=1)
        await desk.office.work()
    assert not await desk.office.store.dead_deliveries()
    assert "Ann Lee" in desk.shown
    assert len(desk.feishu.posted()) == len(set(map(desk.feishu.text, desk.feishu.posted())))
    assert len(desk.below()) == len(set(desk.below()))


async def test_members_are_asked_for_by_the_name_that_the_company_gave(desk: Desk) -> None:
    await desk.ask()
    await desk.click(CLAIM, MEI)
    assert "**Mei Lin" in desk.shown
    assert desk.feishu.users[ANN]["name"] == "Ann Lee"
