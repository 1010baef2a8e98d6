"""Questions without a message in a thread: seen by the asker, shared at their wish."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import pytest

from bot.channels.chat.answers import SHARE, SUGGEST
from bot.channels.chat.asking import Asking
from bot.channels.slack.ask import AskCommand
from bot.channels.slack.events import read_event
from bot.channels.slack.private import url_key
from bot.channels.slack.sharing import Sharing
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.reply import Handoff, HandoffReason
from bot.services.turns import TurnRunner
from tests.channels.slack.goldens import check_blocks
from tests.channels.slack.talk import Talk, talk
from tests.fakes import FakeDialogue, reply_to
from tests.slack_server import ANN, CHANNEL, DIRECT, RESET_AFTER, Json, refused

QUESTION = "How do I create a &lt;!channel&gt; team?"  # as Slack sends what was typed


INTERNAL = "CINTERNAL"


@dataclass
class Room:
    held: Talk

    def __post_init__(self) -> None:
        held = self.held
        self.turns = TurnRunner(held.store, FakeDialogue(held.store))  # type: ignore[arg-type]
        self.choices = Asking(
            held.program, held.store, self.turns, held.presenter, held.prompts, (), held.private
        )
        self.asking = AskCommand(
            held.store,
            self.turns,
            held.people,
            held.responses,
            held.private,
            held.prompts,
            [INTERNAL],
            reply_to(Message("c", Author.CUSTOMER, "x")).locale,
        )
        self.sharing = self.new_sharing([INTERNAL])

    def new_sharing(self, internal: Sequence[str]) -> Sharing:
        held = self.held
        posts = (held.store, held.poster, held.private, held.responses)
        return Sharing(*posts, held.writer, held.retriever, internal)

    @property
    def told(self) -> list[Json]:
        """By response_url, those that only the asker sees."""
        said = self.held.server.workspace.responses
        return [one for one in said if one.get("response_type") == "ephemeral"]

    async def ask(self, text: str = QUESTION, channel: str = CHANNEL) -> Conversation:
        """The conversation that it began, answered."""
        event = read_event(self.held.server.command("/ask", text, channel))
        assert event is not None
        for _ in range(2):  # as after a crash
            await self.asking.ask(event)
        return await self.answered()

    async def answered(self) -> Conversation:
        await self.turns.close()
        while await self.held.outbox.deliver_due():
            pass
        [conversation] = await self.conversations()
        return conversation

    async def conversations(self) -> list[Conversation]:
        found = await self.held.store.conversations_of(f"slack/T1/{ANN}", 10)
        return list(found)

    async def share(self, shown: Json, user: str = ANN) -> None:
        [button] = [one for one in buttons(shown) if one["action_id"] == SHARE]
        body = self.held.server.action(SHARE, button["value"], user=user)
        event = read_event({**body, "channel": {"id": CHANNEL}})
        assert event is not None
        for _ in range(2):
            await self.sharing.share(event)


def buttons(shown: Json) -> list[Json]:
    actions = [block for block in shown["blocks"] if block["type"] == "actions"]
    return [one for block in actions for one in block["elements"]]


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with talk() as held:
        yield Room(held)


async def test_only_the_asker_sees_the_answer_and_what_it_answers(room: Room) -> None:
    conversation = await room.ask()
    [shown] = room.told
    check_blocks(shown["blocks"])
    assert SHARE in [one["action_id"] for one in buttons(shown)]
    assert "> How do I create a &lt;!channel&gt; team?" in str(shown["blocks"][0])
    assert room.held.server.posted() == []
    assert conversation.customer == f"slack/T1/{ANN}"
    assert not conversation.internal


async def test_each_question_has_a_conversation_of_its_own(room: Room) -> None:
    await room.ask()
    event = read_event(room.held.server.command("/ask", "And a board?"))
    assert event is not None
    await room.asking.ask(event)
    assert len(await room.conversations()) == 2


async def test_who_asks_nothing_is_told_how(room: Room) -> None:
    event = read_event(room.held.server.command("/ask", "  "))
    assert event is not None
    await room.asking.ask(event)
    assert "/ask" in str(room.told)
    assert await room.conversations() == []


async def test_where_the_channel_is_internal_the_conversation_is(room: Room) -> None:
    assert (await room.ask(channel=INTERNAL)).internal


@pytest.mark.parametrize(("internal", "count"), [([INTERNAL], 1), ([], 0)])
async def test_what_is_internal_is_shared_where_that_is_read_alone(
    room: Room, internal: Sequence[str], count: int
) -> None:
    room.held.server.workspace.add_channel(INTERNAL, "team")
    await room.ask(channel=INTERNAL)
    room.sharing = room.new_sharing(internal)
    await room.share(room.told[0])
    assert len(room.held.server.posted(INTERNAL)) == count


async def test_a_shared_answer_is_everybody_s_and_goes_on_there(room: Room) -> None:
    conversation = await room.ask()
    await room.share(room.told[0])
    [post] = room.held.server.posted()
    check_blocks(post["blocks"])
    assert f"<@{ANN}> asked" in str(post["blocks"][0])
    assert SHARE not in [one["action_id"] for one in buttons(post)]
    address = f"T1/{CHANNEL}/{post['ts']}"
    assert await room.held.store.thread("slack", address) == conversation.id
    assert {"delete_original": True} in room.held.server.workspace.responses


async def test_what_is_said_below_a_shared_answer_is_answered_there(room: Room) -> None:
    conversation = await room.ask()
    await room.share(room.told[0])
    [post] = room.held.server.posted()
    await room.turns.submit(
        Message(conversation.id, Author.CUSTOMER, "And then?", client_message_id="T1/C1/2")
    )
    await room.answered()
    assert [one.get("thread_ts") for one in room.held.server.posted()] == [None, post["ts"]]
    assert len(room.told) == 1


async def test_nobody_else_shares_it(room: Room) -> None:
    await room.ask()
    await room.share(room.told[0], user="UMEI")
    assert room.held.server.posted() == []


async def test_it_is_shared_also_where_the_app_is_no_member(room: Room) -> None:
    await room.ask()
    room.held.server.fail("chat.postMessage", refused("not_in_channel"))
    await room.share(room.told[0])
    said = room.held.server.workspace.responses
    assert [one["response_type"] for one in said if "response_type" in one] == [
        "ephemeral",
        "in_channel",
    ]


async def test_a_person_s_answer_comes_as_a_direct_message(room: Room) -> None:
    conversation = await room.ask()
    said = Message(conversation.id, Author.AGENT, "I had a look.", agent="agent-1")
    for _ in range(2):
        await room.held.courier.deliver(conversation, said)
    root, answer = room.held.server.posted(DIRECT)
    assert "&lt;!channel&gt; team" in str(root["blocks"])
    assert "I had a look." in str(answer["blocks"])
    assert answer["thread_ts"] == root["ts"]
    address = f"T1/{DIRECT}/{root['ts']}"
    assert await room.held.store.thread("slack", address) == conversation.id


async def test_who_is_handed_over_gets_a_place_to_talk(room: Room) -> None:
    conversation = await room.ask()
    asked = await room.held.ask(conversation, "a person please", key="ask/2")
    handed = replace(reply_to(asked), act=Handoff("T-1 is open.", HandoffReason.ASKED_FOR_HUMAN))
    await room.held.deliver(conversation, await room.held.answer(asked, handed))
    assert "T-1 is open." in str(room.held.server.posted(DIRECT)[1]["blocks"])


async def test_an_answer_that_may_have_been_seen_says_so_when_it_is_shown_again(
    room: Room,
) -> None:
    room.held.server.fail("response_url", RESET_AFTER)
    conversation = await room.ask()
    [answer] = [
        one for one in await room.held.store.messages(conversation.id) if one.author is Author.BOT
    ]
    for _ in range(2):
        await room.held.courier.deliver(conversation, answer)
    first, again = room.told
    assert "already" not in str(first)
    assert "You may have seen this answer already." in str(again["blocks"][0])
    check_blocks(again["blocks"])
    assert again["blocks"][1:] == first["blocks"]


async def test_an_answer_too_late_for_its_command_is_ephemeral_or_direct(room: Room) -> None:
    conversation = await room.ask()
    kept = await room.held.store.post("slack", url_key(conversation.id))
    assert kept is not None
    late = replace(kept, reference=kept.reference.replace("/response/", "/gone/"))
    await room.held.store.save_post(late)
    first = await room.held.ask(conversation, key="ask/2")
    await room.held.deliver(conversation, await room.held.answer(first))
    assert len(room.held.server.workspace.ephemeral) == 1
    room.held.server.fail("chat.postEphemeral", refused("not_in_channel"))
    second = await room.held.ask(conversation, key="ask/3")
    await room.held.deliver(conversation, await room.held.answer(second))
    assert len(room.held.server.posted(DIRECT)) == 2


async def test_a_message_is_asked_about_by_its_shortcut(room: Room) -> None:
    said = room.held.server.say("How do I create a team? <@UMEI> knows")
    ts = said["event"]["ts"]
    event = read_event(room.held.server.shortcut("ask_about_message", ts))
    assert event is not None
    await room.asking.ask_about(event)
    await room.answered()
    assert "> How do I create a team? @UMEI knows" in str(room.told[0]["blocks"][0])
    await room.share(room.told[0])
    assert room.held.server.posted()[0]["thread_ts"] == ts


async def test_a_choice_is_asked_in_its_thread(room: Room) -> None:
    place = room.held.place()
    conversation = await room.held.begin(place)
    body = room.held.server.action(f"{SUGGEST}.0", f"{conversation.id}.Boards", place.thread)
    event = read_event(body)
    assert event is not None
    for _ in range(2):
        await room.choices.choose(event)
    await room.turns.close()
    while await room.held.outbox.deliver_due():
        pass
    said = await room.held.store.messages(conversation.id)
    assert [one.text for one in said if one.author is Author.CUSTOMER] == ["Boards"]
    answers = [one for one in room.held.server.posted() if one.get("metadata")]
    assert [one["thread_ts"] for one in answers] == [place.thread]
    assert "> Boards" in str(answers[0]["blocks"][0])
