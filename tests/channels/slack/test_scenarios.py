"""What somebody meets in Slack, from their first word on: the whole application, and a Slack of our
own on the other side."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.conversation import Locale
from bot.domain.feedback import Rating
from tests.channels.chat.office import CHINESE_ANSWER, CHINESE_QUESTION, QUESTION
from tests.channels.slack.goldens import check_blocks, check_view
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.slack_server import ANN, CHANNEL, DIRECT, Json, refused

BOB = "UBOB"
INTERNAL, AUTO = "CINTERNAL", "CAUTO"


@pytest.fixture
async def office() -> AsyncIterator[SlackOffice]:
    settings = settings_of(internal_channels=(INTERNAL,), auto_channels=(AUTO,))
    async with slack_office(settings) as office:
        office.slack.workspace.add_user(BOB, "Bob Day")
        office.slack.workspace.add_channel(INTERNAL, "team")
        office.slack.workspace.add_channel(AUTO, "ask-anything")
        yield office


def texts(post: Json) -> list[str]:
    return [one["text"]["text"] for one in post["blocks"] if one["type"] == "section"]


def elements(post: Json, action: str) -> list[Json]:
    found = [one for block in post["blocks"] for one in block.get("elements", ())]
    return [one for one in found if one.get("action_id", "").startswith(action)]


@pytest.mark.parametrize("streams", [True, False])
async def test_a_direct_message_is_answered_below_it(office: SlackOffice, streams: bool) -> None:
    office.slack.workspace.streams = streams
    said = office.slack.say(QUESTION, DIRECT)
    await office.take(said)
    [post] = office.slack.posted(DIRECT)
    check_blocks(post["blocks"])
    assert post["thread_ts"] == said["event"]["ts"]
    assert texts(post) == [f"{COLUMNS} [1]"]
    assert "streaming" not in post
    assert bool(office.slack.called("chat.startStream")) is True
    assert bool(office.slack.called("chat.stopStream")) is streams
    assert len(office.slack.called("chat.postMessage")) == (0 if streams else 1)
    assert office.slack.called("assistant.threads.setTitle")[0]["title"] == QUESTION


async def test_a_mention_and_what_follows_stay_in_one_thread(office: SlackOffice) -> None:
    mention, message = office.slack.mention(QUESTION)
    root = message["event"]["ts"]
    await office.take(mention, message)
    await office.take(office.slack.say("And how many rows?", thread_ts=root))
    posts = office.slack.posted()
    assert [post["thread_ts"] for post in posts] == [root, root]
    assert all(post["blocks"][-1]["type"] == "context_actions" for post in posts)


async def test_who_asks_in_chinese_is_answered_with_chinese_around_it() -> None:
    retriever = ScriptedRetriever(passage(CHINESE_ANSWER, Locale.ZH, "zh/boards.md"))
    async with slack_office(retriever=retriever) as office:
        await office.take(office.slack.say(CHINESE_QUESTION, DIRECT))
        [post] = office.slack.posted(DIRECT)
        assert texts(post) == [f"{CHINESE_ANSWER} [1]"]
        assert "转人工客服" in str(post["blocks"])
        assert office.slack.called("chat.startStream")[0]["chunks"][0]["title"].startswith("正在")


async def test_the_same_event_three_times_and_a_restart_are_one_answer(
    office: SlackOffice,
) -> None:
    mention, message = office.slack.mention(QUESTION)
    for body in (mention, message, mention):
        assert (await office.post(body)).status_code == 200
    await office.work()
    async with slack_office(store=office.store, slack=office.slack) as again:
        await again.take(mention, message)
    assert len(office.slack.posted()) == 1


async def test_ask_is_seen_by_one_and_then_shared_with_all(office: SlackOffice) -> None:
    await office.take(office.slack.command("/ask", QUESTION))
    assert office.slack.posted() == []
    [shown] = office.slack.workspace.responses
    check_blocks(shown["blocks"])
    assert f"> {QUESTION}" in str(shown["blocks"][0])
    [share] = elements(shown, "share")
    clicked = office.slack.action("share", share["value"])
    clicked |= {"channel": {"id": CHANNEL}, "container": {"type": "message", "is_ephemeral": True}}
    await office.take(clicked)
    [post] = office.slack.posted()
    assert f"<@{ANN}> asked" in str(post["blocks"][0])
    assert {"delete_original": True} in office.slack.workspace.responses
    await office.take(office.slack.say("And rows?", thread_ts=post["ts"]))
    assert [one.get("thread_ts") for one in office.slack.posted()] == [None, post["ts"]]
    assert len(await office.conversations()) == 1


async def test_a_shortcut_asks_what_somebody_else_wrote(office: SlackOffice) -> None:
    said = office.slack.say(QUESTION, user=BOB)
    await office.take(office.slack.shortcut("ask_about_message", said["event"]["ts"]))
    [shown] = office.slack.workspace.responses
    assert f"> {QUESTION}" in str(shown["blocks"][0])
    assert await office.asked() == [QUESTION]
    assert await office.asked(BOB) == []


async def test_the_assistant_pane_from_its_opening_to_an_answer(office: SlackOffice) -> None:
    thread = {"user_id": ANN, "channel_id": DIRECT, "thread_ts": "1.1", "context": {}}
    opened = office.slack.event({"type": "assistant_thread_started", "assistant_thread": thread})
    await office.take(opened)
    [told] = office.slack.called("assistant.threads.setSuggestedPrompts")
    office.slack.workspace.channels[DIRECT].messages.append({"ts": "1.1", "text": ""})
    prompt = told["prompts"][0]["message"]
    await office.take(office.slack.say(prompt, DIRECT, thread_ts="1.1"))
    [post] = office.slack.posted(DIRECT)
    assert post["thread_ts"] == "1.1"
    assert "help articles" in post["text"]
    [status] = office.slack.called("assistant.threads.setStatus")
    assert status["status"]


async def test_a_thumb_down_asks_what_went_wrong(office: SlackOffice) -> None:
    await office.take(office.slack.say(QUESTION, DIRECT))
    [post] = office.slack.posted(DIRECT)
    [buttons] = elements(post, "feedback")
    value = buttons["negative_button"]["value"]
    await office.take(office.slack.action("feedback", value, post["ts"], DIRECT))
    [view] = office.slack.workspace.views
    check_view({key: one for key, one in view.items() if key not in ("id", "hash")})
    filled = {"comment": {"comment": {"type": "plain_text_input", "value": "It was 25 once."}}}
    await office.take(office.slack.submission(view, filled))
    [message] = [one for one in await office.said() if one.author.value == "bot"]
    given = (await office.store.feedback([message.id]))[message.id]
    assert (given.rating, given.comment) == (Rating.DOWN, "It was 25 once.")


async def test_where_the_bot_may_speak_unasked_it_does_so_only_where_it_is_sure(
    office: SlackOffice,
) -> None:
    await office.take(office.slack.say(QUESTION, AUTO))
    assert len(office.slack.posted(AUTO)) == 1
    retriever = office.retriever
    retriever.evidence = type(retriever.evidence)(retriever.evidence.passages, 0.7, "snapshot-1")
    await office.take(office.slack.say("How many rows can a board have?", AUTO))
    await office.take(office.slack.say(f"<@{BOB}> how many rows?", AUTO))
    await office.take(office.slack.say(QUESTION, AUTO, bot_id="BOTHER", subtype="bot_message"))
    assert len(office.slack.posted(AUTO)) == 1
    assert await office.asked() == [QUESTION]


async def test_a_rant_among_people_opens_no_ticket(office: SlackOffice) -> None:
    await office.take(office.slack.say("This is a disgrace, I want to talk to a human NOW", AUTO))
    assert office.slack.posted(AUTO) == []
    assert await office.conversations() == []


@pytest.mark.parametrize(
    ("channel", "audience"), [(INTERNAL, {"public", "internal"}), (CHANNEL, {"public"})]
)
async def test_internal_articles_are_quoted_among_those_alone_who_may_read_them(
    office: SlackOffice, channel: str, audience: set[str]
) -> None:
    mention, _ = office.slack.mention(QUESTION, channel)
    await office.take(mention)
    await office.take(office.slack.command("/ask", QUESTION, channel))
    assert [query.audience for query in office.retriever.queries] == [audience, audience]


async def test_who_wants_a_person_gets_one_also_from_ask(office: SlackOffice) -> None:
    await office.take(office.slack.command("/ask", QUESTION))
    [shown] = office.slack.workspace.responses
    [person] = elements(shown, "talk_to_person")
    clicked = office.slack.action("talk_to_person", person["value"])
    clicked |= {"channel": {"id": CHANNEL}, "container": {"type": "message", "is_ephemeral": True}}
    await office.take(clicked)
    root, handed = office.slack.posted(DIRECT)
    assert "T-1" in handed["text"]
    [conversation] = await office.conversations()
    [ticket] = await office.store.tickets_of(conversation.id)
    assert ticket.packet.channel == "slack"
    await office.take(office.slack.say("It is about boards.", DIRECT, thread_ts=root["ts"]))
    said = [one.text for one in await office.store.messages(conversation.id)]
    assert "It is about boards." in said
    assert len(office.slack.posted(DIRECT)) == 2  # a person has it: the bot is silent


async def test_a_silent_bot_leaves_nothing_behind(office: SlackOffice) -> None:
    said = office.slack.say("I want to talk to a human", DIRECT)
    await office.take(said)
    before = len(office.slack.posted(DIRECT))
    await office.take(office.slack.say(QUESTION, DIRECT, thread_ts=said["event"]["ts"]))
    assert len(office.slack.posted(DIRECT)) == before


async def test_the_home_tab_knows_who_opens_it(office: SlackOffice) -> None:
    await office.take(office.slack.say(QUESTION, DIRECT))
    await office.take(office.slack.say("I want to talk to a human", DIRECT))
    opened = office.slack.event({"type": "app_home_opened", "user": ANN, "tab": "home"})
    await office.take(opened)
    home = office.slack.workspace.homes[ANN]
    check_view(home)
    assert QUESTION in str(home)
    assert "*T-1*" in str(home)


async def test_what_slack_refuses_is_seen_as_a_dead_letter(office: SlackOffice) -> None:
    office.slack.workspace.streams = False
    office.slack.fail("chat.postMessage", *[refused("is_archived")] * 3)
    await office.take(office.slack.mention(QUESTION)[0])
    [dead] = await office.store.dead_deliveries()
    assert "unarchive" in (dead.error or "")
