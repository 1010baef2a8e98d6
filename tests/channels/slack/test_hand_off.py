"""A person takes over in Slack: the whole way, from the asker's thread to the card and back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.answers import CANCEL
from bot.channels.chat.survey_sheet import RATE
from bot.channels.chat.ticket_sheet import CLAIM, REPLY, RESOLVE, RETURN
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.ticket import TicketState
from tests.channels.chat.desk import HUMAN, OURS, ChatDesk, staff_of
from tests.channels.chat.office import QUESTION, eventually
from tests.channels.office import Clock
from tests.channels.slack.goldens import check_blocks
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.channels.slack.test_scenarios import elements
from tests.services.test_dialogue import COLUMNS
from tests.slack_server import (
    ANN,
    CHANNEL,
    DIRECT,
    HANG_AFTER,
    RESET,
    RESET_AFTER,
    Json,
    refused,
)

TRIAGE = "CTRIAGE"
LEE, MEI = "ULEE", "UMEI"
FURIOUS = "This is the third time it fails and nobody helps. This is ridiculous!!! Get me a human."
SLACK_TIME = datetime.fromtimestamp(1_700_000_000, UTC)  # as the server has it


class Desk(ChatDesk[SlackOffice]):
    """The triage channel and the asker's thread of one office."""

    def __init__(self, office: SlackOffice, clock: Clock) -> None:
        super().__init__(office, clock)
        self.slack = office.slack
        workspace = self.slack.workspace
        if TRIAGE not in workspace.channels:
            workspace.add_channel(TRIAGE, "support")
            workspace.add_user(LEE, "Lee Wu", "lee@example.com")
            workspace.add_user(MEI, "Mei Lin", "mei@example.com")
        self.root = ""

    async def ask(self, text: str = HUMAN, channel: str = DIRECT, **more: Any) -> None:
        event = self.slack.say(text, channel, **more)
        self.root = self.root or event["event"]["ts"]
        await self.office.take(event)

    async def answer(self, text: str) -> None:
        await self.office.take(self.slack.say(text, DIRECT, thread_ts=self.root))

    @property
    def card(self) -> Json:
        (card,) = [one for one in self.slack.posted(TRIAGE) if "thread_ts" not in one]
        return card

    @property
    def shown(self) -> str:
        return str(self.card["blocks"])

    def below(self) -> list[str]:
        """What stands below the card, behind the packet."""
        ts = self.card["ts"]
        found = [one for one in self.slack.posted(TRIAGE) if one.get("thread_ts") == ts]
        return [one["text"] for one in found[1:]]

    def thread(self) -> list[Json]:
        """What the bot put into the asker's thread."""
        return [one for one in self.slack.posted(DIRECT) if one.get("thread_ts") == self.root]

    def read(self) -> str:
        return "\n".join(f"{one['text']} {one.get('blocks', '')}" for one in self.thread())

    async def click(self, action: str, user: str = LEE, ts: str | None = None) -> None:
        ticket = await self.ticket()
        ts = ts or self.card["ts"]
        await self.office.take(self.slack.action(action, ticket.id, ts, TRIAGE, user))

    async def reply(self, text: str, user: str = LEE, *, resolves: bool = False) -> None:
        """By the dialog."""
        await self.click(REPLY, user)
        view = self.slack.workspace.views[-1]
        ticked = [{"value": "yes"}] if resolves else []
        values = {
            "text": {"text": {"type": "plain_text_input", "value": text}},
            "resolves": {"resolves": {"type": "checkboxes", "selected_options": ticked}},
        }
        await self.office.take(self.slack.submission(view, values, user))

    async def type(self, text: str, user: str = LEE) -> None:
        """Below the card."""
        ts = self.card["ts"]
        await self.office.take(self.slack.say(text, TRIAGE, user, thread_ts=ts))


def clock_of() -> Clock:
    return Clock(SLACK_TIME)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = clock_of()
    settings = settings_of(triage_channel=TRIAGE)
    async with slack_office(settings, clock=clock, staff=staff_of(clock)) as office:
        yield Desk(office, clock)


@pytest.mark.parametrize("text", [HUMAN, FURIOUS])
async def test_the_whole_way_and_back(desk: Desk, text: str) -> None:
    await desk.ask(QUESTION)
    await desk.answer(text)
    check_blocks(desk.card["blocks"])
    assert "Ann Lee" in desk.shown
    ticket = await desk.ticket()
    assert ticket.label in desk.read()
    await desk.click(CLAIM)
    assert "*Lee* has it." in desk.shown
    await desk.reply("Which browser is it?")
    assert "Which browser is it?" in desk.read()
    assert "Lee" in desk.read()
    assert any("Which browser" in one for one in desk.below())
    await desk.answer("Firefox, and &lt;!channel&gt; I wait")
    assert any("Firefox, and &lt;!channel&gt; I wait" in one for one in desk.below())
    assert len(desk.slack.posted(DIRECT)) == len(desk.thread())
    await desk.type("Update it, please.")
    assert "Update it, please." in desk.read()
    assert desk.slack.called("reactions.add")[-1]["name"] == "white_check_mark"
    await desk.type("// will it last?")
    assert "will it last" not in desk.read()
    await desk.click(RESOLVE)
    assert (await desk.ticket()).state is TicketState.RESOLVED
    assert "*Resolved.*" in desk.shown
    survey = desk.thread()[-1]
    assert "survey.rate.5" in str(survey["blocks"])
    await desk.office.take(desk.slack.action(f"{RATE}.5", ticket.id, survey["ts"], DIRECT))
    kept = await desk.office.store.survey(ticket.conversation, ticket.escalation)
    assert kept is not None
    assert kept.csat == 5
    assert await desk.said(Author.AGENT) == ["Which browser is it?", "Update it, please."]


async def test_the_bot_keeps_silent_while_a_person_has_it(desk: Desk) -> None:
    await desk.ask()
    spoken = len(await desk.said(Author.BOT))
    await desk.answer(QUESTION)
    assert len([one for one in await desk.said(Author.BOT) if one]) == spoken
    assert COLUMNS not in desk.read()


async def test_a_long_conversation_stands_below_the_card_whole(desk: Desk) -> None:
    told = [f"Story {n}: {'so it went on. ' * 250}" for n in range(5)]
    for text in told:
        await (desk.answer(text) if desk.root else desk.ask(text))
    await desk.answer(HUMAN)
    await desk.answer("Are you there?")
    assert not await desk.office.store.dead_deliveries()
    below = str([one["blocks"] for one in desk.slack.posted(TRIAGE) if "thread_ts" in one])
    assert all(text.strip()[-500:] in below for text in told)
    assert "Are you there?" in below


async def test_returned_to_the_bot_it_answers_again(desk: Desk) -> None:
    await desk.ask()
    await desk.click(RETURN)
    assert (await desk.ticket()).state is TicketState.RETURNED
    await desk.answer(QUESTION)
    assert COLUMNS in desk.read()
    assert "survey.rate" not in desk.read()


async def test_who_asked_takes_it_back_and_has_the_bot_again(desk: Desk) -> None:
    await desk.ask()
    [offered] = [one for one in desk.thread() if CANCEL in str(one.get("blocks"))]
    [value] = [
        element["value"]
        for block in offered["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == CANCEL
    ]
    for user in (LEE, ANN, ANN):
        click = desk.slack.action(CANCEL, value, offered["ts"], DIRECT, user)
        await desk.office.take({**click, "trigger_id": user})
    assert (await desk.ticket()).state is TicketState.CANCELLED
    assert "is cancelled, as you wished" in desk.thread()[-1]["text"]
    assert "Cancelled by the customer" in desk.shown
    assert [(one["user"], one["text"]) for one in desk.slack.workspace.ephemeral] == [
        (LEE, "Only whoever asked for a person can take that back."),
        (ANN, "There was nothing left to cancel."),
    ]
    await desk.answer(QUESTION)
    assert COLUMNS in desk.read()


async def test_what_is_written_in_the_inbox_stands_in_both_threads(desk: Desk) -> None:
    await desk.ask()
    ticket = await desk.ticket()
    casework = desk.office.bot.hand_over.casework
    await casework.reply(ticket.id, OURS.id, "Hello from the inbox", "x")
    await desk.office.work()
    assert "Hello from the inbox" in desk.read()
    assert any("Hello from the inbox" in one for one in desk.below())
    assert "*Lee* has it." in desk.shown
    await casework.resolve(ticket.id, OURS.id)
    await desk.office.work()
    assert "*Resolved.*" in desk.shown
    assert any("Resolved by Lee" in one for one in desk.below())


async def test_of_two_who_claim_at_once_one_has_it(desk: Desk) -> None:
    await desk.ask()
    ticket, ts = await desk.ticket(), desk.card["ts"]
    bodies = [desk.slack.action(CLAIM, ticket.id, ts, TRIAGE, user) for user in (LEE, MEI)]
    await asyncio.gather(*(desk.office.post(body) for body in bodies * 2))
    await desk.office.work()
    assert (await desk.ticket()).assignee in (OURS.id, f"desk:slack/{MEI}:Mei")
    (told,) = desk.slack.workspace.ephemeral
    assert "has T-1 already" in told["text"]


async def test_a_mention_in_the_triage_channel_is_still_a_question(desk: Desk) -> None:
    mention, _ = desk.slack.mention(QUESTION, TRIAGE, user=LEE)
    await desk.office.take(mention)
    assert await desk.office.asked(LEE) == [QUESTION]


async def test_tickets_of_other_channels_are_worked_on_as_well(desk: Desk) -> None:
    bot = desk.office.bot
    conversation = Conversation("widget", created_at=desk.clock())
    await bot.store.add_conversation(conversation)
    await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, HUMAN))
    await desk.office.work()
    (ticket,) = await bot.store.tickets_of(conversation.id)
    await desk.office.take(desk.slack.action(CLAIM, ticket.id, desk.card["ts"], TRIAGE, LEE))
    await desk.type("Hello over there")
    messages = await bot.store.messages(conversation.id)
    assert [one.text for one in messages if one.author is Author.AGENT] == ["Hello over there"]


async def test_support_brings_a_person_without_a_thread(desk: Desk) -> None:
    await desk.office.take(desk.slack.command("/support", "Exports fail", CHANNEL))
    starter, *_ = desk.slack.posted(DIRECT)
    desk.root = starter["ts"]
    assert "Exports fail" in desk.shown
    assert (await desk.ticket()).label in desk.read()
    assert "direct messages" in desk.slack.workspace.ephemeral[0]["text"]


@pytest.mark.parametrize("texts", [("", ""), ("Exports fail", "They still fail")])
async def test_support_again_is_the_same_request(desk: Desk, texts: tuple[str, str]) -> None:
    for text in texts:
        await desk.office.take(desk.slack.command("/support", text, CHANNEL))
    assert [one.label for one in await desk.tickets()] == ["T-1"]
    first, second = desk.slack.workspace.ephemeral
    assert second["text"] == first["text"]
    assert texts[1] in str(desk.below())


async def test_support_says_where_it_goes_on_once_an_answer_was_shared(desk: Desk) -> None:
    await desk.office.take(desk.slack.command("/ask", QUESTION))
    [share] = elements(desk.slack.workspace.responses[0], "share")
    click = desk.slack.action("share", share["value"])
    click |= {"channel": {"id": CHANNEL}, "container": {"type": "message", "is_ephemeral": True}}
    await desk.office.take(click)
    await desk.office.take(desk.slack.command("/support", "", CHANNEL))
    shared, handed = desk.slack.posted()
    assert handed["thread_ts"] == shared["ts"]
    [told] = desk.slack.workspace.ephemeral
    assert "thread above" in told["text"]
    assert f"/thread/{CHANNEL}-{shared['ts']}" in told["text"]


async def test_what_was_asked_unseen_by_others_is_said_again_once(desk: Desk) -> None:
    await desk.office.take(desk.slack.command("/ask", HUMAN))
    root, handed = desk.slack.posted(DIRECT)
    assert f"> {HUMAN}" in str(root["blocks"])
    assert "T-1" in handed["text"]
    assert f"> {HUMAN}" not in str(handed["blocks"])


async def test_support_leads_to_the_direct_message_that_it_speaks_of(desk: Desk) -> None:
    await desk.office.take(desk.slack.command("/ask", QUESTION))
    await desk.office.take(desk.slack.command("/support", "", CHANNEL))
    [told] = desk.slack.workspace.ephemeral
    assert "comes as a direct message" in told["text"]
    assert told["text"].endswith(f"/{DIRECT}")


@pytest.mark.parametrize(("text", "locale"), [("", "zh-CN"), ("导出失败了", "en-US")])
async def test_support_speaks_the_language_of_who_asks(desk: Desk, text: str, locale: str) -> None:
    desk.slack.workspace.users[ANN]["locale"] = locale
    await desk.office.take(desk.slack.command("/support", text, CHANNEL))
    starter, handed = desk.slack.posted(DIRECT)
    assert "您请求了人工服务" in starter["text"]
    assert "已为您转交" in handed["text"]
    assert "私信" in desk.slack.workspace.ephemeral[0]["text"]


async def test_nobody_is_asked_to_keep_a_window_open(desk: Desk) -> None:
    """Slack keeps the thread, also of somebody whose mail address it does not tell."""
    del desk.slack.workspace.users[ANN]["profile"]["email"]
    await desk.ask()
    assert "T-1" in desk.read()
    assert "window" not in desk.read()


async def test_the_button_below_an_answer_brings_a_person_once(desk: Desk) -> None:
    await desk.ask(QUESTION)
    answer = desk.thread()[-1]
    conversation = await desk.conversation()
    body = desk.slack.action("talk_to_person", conversation.id, answer["ts"], DIRECT)
    await desk.office.take(body, {**body, "trigger_id": "again"})
    assert len(await desk.office.store.tickets_of(conversation.id)) == 1
    assert (await desk.ticket()).label in desk.read()


async def test_nobody_asks_for_a_person_in_the_name_of_another(desk: Desk) -> None:
    await desk.office.take(desk.slack.mention(QUESTION)[0])
    [answer], conversation = desk.slack.posted(), await desk.conversation()
    desk.slack.workspace.users[MEI]["locale"] = "zh-CN"
    click = desk.slack.action("talk_to_person", conversation.id, answer["ts"], CHANNEL, MEI)
    await desk.office.take(click)
    assert await desk.tickets() == []
    [told] = desk.slack.workspace.ephemeral
    assert (told["user"], told["thread_ts"]) == (MEI, answer["thread_ts"])
    assert "提问者" in told["text"]


@pytest.mark.parametrize(
    "failure",
    [RESET, RESET_AFTER, refused("ratelimited"), refused("service_unavailable")],
    ids=["reset", "reset after", "put off", "unavailable"],
)
@pytest.mark.parametrize("spared", [0, 1, 2])
async def test_a_broken_answer_posts_nothing_twice(desk: Desk, failure: Any, spared: int) -> None:
    """Of the answer to the asker, the card and the packet below it."""
    desk.slack.fail("chat.postMessage", *[None] * spared, failure)
    await desk.ask()
    for _ in range(4):
        await desk.wait(minutes=10)
    assert (await desk.ticket()).label in desk.shown
    assert len([one for one in desk.slack.posted(TRIAGE) if "thread_ts" in one]) == 1
    texts = [one["text"] for one in desk.thread()]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("spared", [0, 1, 2])
async def test_dying_between_the_outbox_and_slack_posts_nothing_twice(spared: int) -> None:
    """Slack has the post, nobody has written down that it has."""
    clock = clock_of()
    settings, store = settings_of(triage_channel=TRIAGE), MemoryStore(clock)
    async with slack_office(settings, store, clock=clock, staff=staff_of(clock)) as office:
        first = Desk(office, clock)
        office.slack.fail("chat.postMessage", *[None] * spared, HANG_AFTER)
        dying = asyncio.create_task(first.ask())
        await eventually(lambda: len(office.slack.called("chat.postMessage")) > spared)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        office.slack.release()
        clock.advance(minutes=2)
        async with slack_office(
            settings, store, office.slack, clock=clock, staff=staff_of(clock)
        ) as again:
            second = Desk(again, clock)
            second.root = first.root
            for _ in range(3):
                await second.wait(minutes=10)
            assert (await second.ticket()).label in second.shown
            assert len(second.slack.posted(TRIAGE)) == 2
            assert len(second.thread()) == 1


async def test_a_channel_that_is_gone_is_a_dead_letter_that_says_the_way_out(desk: Desk) -> None:
    desk.slack.workspace.channels[TRIAGE].is_archived = True
    await desk.ask()
    (dead,) = await desk.office.store.dead_deliveries()
    assert "unarchive it" in (dead.error or "")
    desk.slack.workspace.channels[TRIAGE].is_archived = False
    await desk.office.store.replay_delivery(dead.key)
    await desk.wait(minutes=1)
    assert (await desk.ticket()).label in desk.shown


@pytest.mark.parametrize("user", [ANN, LEE])
async def test_nobody_works_on_tickets_from_elsewhere(desk: Desk, user: str) -> None:
    await desk.ask()
    ticket, post = await desk.ticket(), desk.thread()[-1]
    await desk.office.take(desk.slack.action(CLAIM, ticket.id, post["ts"], DIRECT, user))
    assert (await desk.ticket()).assignee is None


async def test_the_deadline_is_watched_on_the_card(desk: Desk) -> None:
    await desk.ask()
    desk.clock.advance(days=30)
    await desk.office.bot.hand_over.sla_watch.look()
    await desk.office.work()
    assert "*Late:* the first answer was due" in desk.shown
    loud = [one for one in desk.slack.posted(TRIAGE) if one.get("reply_broadcast")]
    assert loud
