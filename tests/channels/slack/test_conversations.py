"""What is said in Slack and to whom: which of it the bot answers, and in which conversation."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.place import Place
from bot.domain.conversation import ConversationStatus
from bot.domain.ticket import TicketEventKind
from tests.channels.chat.office import QUESTION
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.services.test_dialogue import COLUMNS
from tests.slack_server import (
    ANN,
    BOT_ID,
    BOT_USER,
    CHANNEL,
    DIRECT,
    TEAM,
    refused,
)

BOB = "UBOB"
ANSWER = f"{COLUMNS} [1]"
PERSON = "I want to talk to a human"


@pytest.fixture
async def office() -> AsyncIterator[SlackOffice]:
    async with slack_office() as office:
        office.slack.workspace.add_user(BOB, "Bob Day")
        yield office


async def test_a_direct_message_is_answered_in_its_thread(office: SlackOffice) -> None:
    event = office.slack.say(QUESTION, DIRECT)
    await office.take(event)
    assert await office.asked() == [QUESTION]
    assert await office.answered() == [ANSWER]
    [conversation] = await office.conversations()
    assert Place.parse(conversation.address or "") == Place(TEAM, DIRECT, event["event"]["ts"])
    assert conversation.timezone == "Europe/Berlin"
    assert not conversation.internal


async def test_the_customer_is_known_by_the_workspace(office: SlackOffice) -> None:
    await office.take(office.slack.say(QUESTION, DIRECT))
    customer = await office.store.customer(f"slack/{TEAM}/{ANN}")
    assert customer is not None
    assert (customer.name, customer.email) == ("Ann Lee", "ann@example.com")


@pytest.mark.parametrize("failure", [refused("missing_scope", needed="users:read")])
async def test_who_has_no_name_is_answered_all_the_same(
    office: SlackOffice, failure: object
) -> None:
    office.slack.fail("users.info", failure)  # type: ignore[arg-type]
    await office.take(office.slack.say(QUESTION, DIRECT))
    assert await office.answered() == [ANSWER]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_mention_is_answered_once_whichever_event_comes_first(
    office: SlackOffice, first: int
) -> None:
    twins = office.slack.mention(QUESTION)
    await office.take(twins[first], twins[1 - first])
    assert await office.asked() == [QUESTION]
    assert await office.answered() == [ANSWER]


async def test_the_asker_need_not_name_the_bot_again(office: SlackOffice) -> None:
    mention, message = office.slack.mention(QUESTION)
    root = message["event"]["ts"]
    await office.take(mention)
    await office.take(office.slack.say("And how many rows?", thread_ts=root))
    assert await office.asked() == [QUESTION, "And how many rows?"]
    assert len(await office.conversations()) == 1


async def test_talk_among_people_is_left_alone(office: SlackOffice) -> None:
    mention, message = office.slack.mention(QUESTION)
    root = message["event"]["ts"]
    await office.take(mention)
    await office.take(
        office.slack.say("Does anybody know?"),
        office.slack.say("I think it is 24", user=BOB, thread_ts=root),
        office.slack.say(f"<@{BOB}> thank you", thread_ts=root),
    )
    assert await office.asked() == [QUESTION]
    assert not await office.conversations(BOB)


async def test_a_colleague_who_names_the_bot_is_heard_in_the_same_conversation(
    office: SlackOffice,
) -> None:
    mention, message = office.slack.mention(QUESTION)
    await office.take(mention)
    twin, _ = office.slack.mention("and how many rows?", user=BOB, thread_ts=message["event"]["ts"])
    await office.take(twin)
    assert await office.asked() == [QUESTION, "and how many rows?"]


async def test_who_only_names_the_bot_below_a_question_means_that_question(
    office: SlackOffice,
) -> None:
    root = office.slack.say(QUESTION)
    mention, _ = office.slack.mention("", user=BOB, thread_ts=root["event"]["ts"])
    await office.take(root, mention)
    assert await office.asked(BOB) == [QUESTION]


async def test_own_and_other_bots_messages_are_left_alone(office: SlackOffice) -> None:
    await office.take(
        office.slack.say(QUESTION, DIRECT, user=BOT_USER, bot_id=BOT_ID),
        office.slack.say(QUESTION, DIRECT, bot_id="BOTHER", subtype="bot_message"),
        office.slack.say("joined", DIRECT, subtype="channel_join"),
    )
    office.slack.workspace.add_user("UOTHER", "Robot", is_bot=True)
    await office.take(office.slack.mention(QUESTION, user="UOTHER")[0])
    assert not await office.asked()
    assert not await office.asked("UOTHER")


async def test_an_edited_question_is_answered_anew_and_a_link_that_unfolds_is_not(
    office: SlackOffice,
) -> None:
    event = office.slack.say("How many colums?", DIRECT)
    ts = event["event"]["ts"]
    await office.take(event)
    edit = office.slack.edit(ts, QUESTION, DIRECT)
    await office.take(edit, edit)
    unfolded = office.slack.edit(ts, QUESTION, DIRECT)
    await office.take(unfolded)
    assert await office.asked() == ["How many colums?", QUESTION]
    assert len(await office.answered()) == 2


async def test_somebody_of_another_company_is_answered_once_in_a_shared_channel(
    office: SlackOffice,
) -> None:
    """Their events name their own workspace beside that of the app."""
    office.slack.workspace.add_user("UEVE", "Eve Ek", team_id="T9", is_stranger=True)
    mention, message = office.slack.mention(QUESTION, user="UEVE")
    more = office.slack.say("And rows?", user="UEVE", thread_ts=message["event"]["ts"])
    told = [{**one, "team_id": "T9"} for one in (mention, message, more)]
    await office.take(*told)
    assert await office.parts.edge.backfill.read_back() == 0
    await office.work()
    assert await office.asked("UEVE") == [QUESTION, "And rows?"]
    [conversation] = await office.conversations("UEVE")
    assert conversation.address == f"{TEAM}/{CHANNEL}/{message['event']['ts']}"


async def test_agents_learn_of_a_deleted_message(office: SlackOffice) -> None:
    event = office.slack.say(PERSON, DIRECT)
    await office.take(event)
    deletion = office.slack.delete(event["event"]["ts"], DIRECT)
    await office.take(deletion, deletion)
    [conversation] = await office.conversations()
    assert conversation.status is ConversationStatus.OPEN
    [ticket] = await office.store.tickets_of(conversation.id)
    events = await office.store.events(ticket.id)
    assert [one.kind for one in events].count(TicketEventKind.NOTED) == 1
    assert PERSON in await office.asked()


async def test_once_a_person_has_it_everybody_in_the_thread_is_heard(office: SlackOffice) -> None:
    mention, message = office.slack.mention(PERSON)
    root = message["event"]["ts"]
    await office.take(mention)
    answers = len(await office.answered())
    await office.take(
        office.slack.say("It is urgent", thread_ts=root),
        office.slack.say("For me too", user=BOB, thread_ts=root),
    )
    assert await office.asked() == [PERSON, "It is urgent", "Bob Day: For me too"]
    assert len(await office.answered()) == answers


async def test_slacks_own_marks_are_read_as_people_read_them(office: SlackOffice) -> None:
    await office.take(
        office.slack.say("See &lt;b&gt; in <#C2|news> &amp; <https://x.test/a|the page>", DIRECT)
    )
    assert await office.asked() == ["See <b> in #news & the page (https://x.test/a)"]


async def test_files_are_named_and_not_opened(office: SlackOffice) -> None:
    await office.take(
        office.slack.say("Why?", DIRECT, subtype="file_share", files=[{"name": "a.png"}])
    )
    assert await office.asked() == ["Why?\n\n(Attached, not opened: a.png)"]


async def test_where_internal_articles_may_be_read_the_conversation_says_so() -> None:
    async with slack_office(settings_of(internal_channels=(CHANNEL,))) as office:
        await office.take(office.slack.mention(QUESTION)[0])
        await office.take(office.slack.say(QUESTION, DIRECT))
        assert [one.internal for one in await office.conversations()] == [True, False]


async def test_a_channel_that_is_marked_no_more_has_public_conversations() -> None:
    async with slack_office(settings_of(internal_channels=(CHANNEL,))) as before:
        asked = before.slack.mention(QUESTION)[0]
        await before.take(asked)
        thread = asked["event"]["ts"]
        async with slack_office(store=before.store, slack=before.slack) as office:
            await office.take(office.slack.say("And for a team?", thread_ts=thread))
            assert [one.internal for one in await office.conversations()] == [False]


async def test_two_workspaces_with_the_same_channel_do_not_meet(office: SlackOffice) -> None:
    event = office.slack.say(QUESTION, DIRECT)
    app = {"team_id": "T2", "user_id": BOT_USER, "is_bot": True}
    other = {**event, "team_id": "T2", "event_id": "EvOther", "authorizations": [app]}
    await office.take(event, other)
    assert len(await office.conversations()) == 1
    assert len(await office.conversations(team="T2")) == 1


async def test_a_very_long_message_is_taken(office: SlackOffice) -> None:
    await office.take(office.slack.say("long " * 12_000, DIRECT))
    [asked] = await office.asked()
    assert len(asked) <= 4000


@pytest.mark.parametrize("text", ["看看这个", ""])
async def test_a_file_is_named_in_the_language_they_write(office: SlackOffice, text: str) -> None:
    root = office.slack.say("看板最多有多少列？", DIRECT)
    file = office.slack.say(
        text,
        DIRECT,
        thread_ts=root["event"]["ts"],
        subtype="file_share",
        files=[{"name": "a.png"}],
    )
    await office.take(root, file)
    assert (await office.asked())[-1].endswith("（附件，未打开：a.png）")


async def test_who_only_names_the_bot_is_greeted_in_their_language(office: SlackOffice) -> None:
    office.slack.workspace.users[ANN]["locale"] = "zh-CN"
    await office.take(office.slack.mention("")[0])
    assert await office.asked() == ["你好"]
