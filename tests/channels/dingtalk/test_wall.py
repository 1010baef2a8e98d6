"""Posts in DingTalk: cards, once under a name of ours, and plain messages where none may be."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.place import Place
from bot.channels.chat.program import NotHeard, OutcomeUnknown, PostGone
from bot.channels.chat.sheet import Button, Buttons, Heading, Markdown, Paragraph, Sheet
from bot.channels.chat.text import Mention
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.buttons import Seal
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.cards import DENIED_S, Delivery, DingTalkCards
from bot.channels.dingtalk.drawing import data_of_live
from bot.channels.dingtalk.place import group, private
from bot.channels.dingtalk.plain import PLAIN, PlainMessages, Sessions
from bot.channels.dingtalk.refusals import DingTalkRefused
from bot.channels.dingtalk.tracks import Tracks, track_of
from bot.channels.dingtalk.wall import DingTalkWall
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.dingtalk_server import (
    ANN,
    BEN,
    BROKEN,
    CHANGE,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    CREATE,
    DELIVER,
    GROUP,
    RESET,
    RESET_AFTER,
    SESSION,
    TO_GROUP,
    UNKNOWN,
    DingTalkServer,
    Failure,
    dingtalk_server,
    refused,
)

ALONE, ROOM, TALK = private(CORP, ANN), group(CORP, GROUP), group(CORP, GROUP, ANN)
SHEET = Sheet("Hello *you*", (Paragraph((("Words",),)), Buttons("b", (Button("a", "Go", "v"),))))
OTHER = Sheet("Other", (Paragraph((("Others",),)),))


async def name(team: str, user: str) -> str:
    return {ANN: "Ann Lee"}.get(user, user)


@dataclass
class Chat:
    dingtalk: DingTalkServer
    calls: DingTalkCalls
    store: MemoryStore
    tracks: Tracks
    sessions: Sessions
    wall: DingTalkWall

    async def put(self, key: str = "k", place: Place = ALONE, sheet: Sheet = SHEET) -> str:
        await self.store.save_post(
            Post(CHANNEL, key, "conversation", place.address, "", PostState.PROVISIONAL)
        )
        return await self.wall.put(key, place, sheet, {"ticket": "t"})

    async def again(self, put: Callable[[], Awaitable[str]]) -> str:
        """Until it is done."""
        for _ in range(3):
            try:
                return await put()
            except DeskUnavailable:
                continue
        return await put()


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with dingtalk_server() as dingtalk:
        calls = DingTalkCalls(Credentials(CLIENT_ID, CLIENT_SECRET), dingtalk.url, 5, lambda: 0)
        store = MemoryStore()
        tracks, sessions = Tracks(store), Sessions(dingtalk.url)
        plain = PlainMessages(calls, sessions, store)
        wall = DingTalkWall(DingTalkCards(calls), plain, tracks, Seal("secret"), name)
        yield Chat(dingtalk, calls, store, tracks, sessions, wall)
        await calls.close()


async def test_a_post_is_a_card_under_the_name_of_its_key(chat: Chat) -> None:
    reference = await chat.put()
    (card,) = chat.dingtalk.posted(ANN)
    assert card.track == reference == track_of("k")
    assert card.text == "Words"
    assert card.is_finished
    assert card.callback == {"callbackType": "STREAM"}
    track = await chat.tracks.carried(card.carrier)
    assert track is not None
    assert (track.reference, track.facts) == (reference, {"ticket": "t"})
    at = Place(CORP, ALONE.channel, reference)
    assert await chat.wall.facts(at) == {"ticket": "t"}


async def test_put_up_again_it_stands_once_as_it_is_now(chat: Chat) -> None:
    first = await chat.put()
    assert await chat.put(sheet=OTHER) == first
    (card,) = chat.dingtalk.posted(ANN)
    assert card.text == "Others"
    assert card.buttons == {}
    assert card.deliveries == 1


@pytest.mark.parametrize("failure", [RESET, RESET_AFTER, BROKEN, Failure("", 502)])
async def test_a_lost_answer_puts_up_nothing_twice(chat: Chat, failure: Failure) -> None:
    chat.dingtalk.fail(CREATE, failure)
    with pytest.raises(OutcomeUnknown):
        await chat.put()
    await chat.put()
    (card,) = chat.dingtalk.posted(ANN)
    assert card.deliveries == 1


async def test_who_asked_in_a_group_is_notified_and_nobody_else(chat: Chat) -> None:
    await chat.put("talk", TALK)
    await chat.put("room", ROOM, Sheet("n", (Paragraph(((Mention(BEN), " asks @all"),)),)))
    talk, room = chat.dingtalk.posted(GROUP)
    assert talk.named == {ANN: "Ann Lee"}
    assert room.named == {}
    assert room.in_text == [BEN]


async def test_created_in_two_steps_where_there_is_no_call_for_both(chat: Chat) -> None:
    chat.dingtalk.fail(CREATE, UNKNOWN, UNKNOWN)
    chat.dingtalk.fail(DELIVER, RESET_AFTER)
    await chat.again(chat.put)
    (card,) = chat.dingtalk.posted(ANN)
    assert card.text == "Words"
    assert [one.path for one in chat.dingtalk.calls].count(CREATE) == 2


async def test_undelivered_it_is_a_plain_message_and_stays_one(chat: Chat) -> None:
    chat.dingtalk.robots[GROUP] = []
    reference = await chat.put("k", ROOM)
    assert reference.startswith(PLAIN)
    chat.dingtalk.robots[GROUP] = [CLIENT_ID]
    assert await chat.put("k", ROOM) == reference
    assert [one["text"] for one in chat.dingtalk.messages] == ["Words"]
    assert chat.dingtalk.posted(GROUP) == []


async def test_what_arrived_in_no_way_is_delivered_once_the_robot_is_there(chat: Chat) -> None:
    chat.dingtalk.robots[GROUP] = []
    chat.dingtalk.fail(TO_GROUP, refused("chatbot.notFound"))
    with pytest.raises(DeskRefused, match=r"dingtalk\.robot_code"):
        await chat.put("k", ROOM)
    chat.dingtalk.robots[GROUP] = [CLIENT_ID]
    await chat.put("k", ROOM)
    (card,) = chat.dingtalk.posted(GROUP)
    assert card.deliveries == 1
    assert chat.dingtalk.messages == []


@pytest.mark.parametrize("place", [ALONE, ROOM])
async def test_without_cards_it_is_a_plain_message_that_is_sent_once(
    chat: Chat, place: Place
) -> None:
    chat.dingtalk.lacking.add("Card.Instance.Write")
    sheet = Sheet("Title\nof it", (Heading("T-1: *x*"), Paragraph((("Words",),))))
    reference = await chat.put("k", place, sheet)
    assert await chat.put("k", place, sheet) == reference
    (message,) = chat.dingtalk.messages
    assert message["title"] == "Title of it"
    assert message["text"] == "**T-1: \\*x\\***\n\nWords"
    await chat.wall.change(place, reference, OTHER)  # it stays as it is
    await chat.wall.remove(place, reference)
    assert chat.dingtalk.recalled == [reference.removeprefix(PLAIN)]


async def test_without_cards_it_does_not_ask_for_one_every_time(chat: Chat) -> None:
    now, data = [0.0], data_of_live("Hi")
    cards = DingTalkCards(chat.calls, clock=lambda: now[0])
    chat.dingtalk.lacking.add("Card.Instance.Write")
    for number in range(3):
        with pytest.raises(DingTalkRefused):
            await cards.create(f"firstline.{number}", ROOM, data, Delivery("Hi", {}))
    assert len(chat.dingtalk.called(CREATE)) == 1
    chat.dingtalk.lacking.clear()
    now[0] = DENIED_S
    assert await cards.create("firstline.4", ROOM, data, Delivery("Hi", {}))


async def test_without_robot_messages_it_answers_by_the_address_that_came_with_the_question(
    chat: Chat,
) -> None:
    chat.dingtalk.lacking |= {"Card.Instance.Write", "qyapi_robot_sendmsg"}
    with pytest.raises(DeskRefused, match="firstline dingtalk check"):
        await chat.put("k", TALK)
    chat.sessions.note(TALK, chat.dingtalk.say("Hi", ANN, GROUP))
    assert (await chat.put("k", TALK)).startswith(PLAIN)
    (message,) = chat.dingtalk.messages
    assert message["text"] == f"@{ANN}\n\nWords"
    assert message["at"] == {"atUserIds": [ANN]}


@pytest.mark.parametrize(
    ("url", "until_ms", "is_known"),
    [
        ("https://oapi.dingtalk.com/robot/sendBySession?session=x", 2_000_000, True),
        ("https://oapi.dingtalk.com/robot/sendBySession?session=x", 500_000, False),
        ("https://oapi.dingtalk.com/robot/sendBySession?session=x", None, True),
        ("https://oapi.dingtalk.com/robot/sendBySession?session=x", "²", True),
        ("https://oapi.dingtalk.com/robot/sendBySession?session=x", "9" * 5000, True),
        ("https://evil.test/robot", 2_000_000, False),
        ("https://evildingtalk.com/robot", 2_000_000, False),
        ("https://dingtalk.com@evil.test/robot", 2_000_000, False),
        ("http://oapi.dingtalk.com/robot", 2_000_000, False),
        ("http://127.0.0.1:81/robot", 2_000_000, False),
        ("http://127.0.0.1:80/robot", 2_000_000, True),
        ("https://127.0.0.1:80/robot", 2_000_000, False),
        ("http://127.0.0.1:80@evil.test/robot", 2_000_000, False),
        ("https://[", 2_000_000, False),
        ("file:///etc/passwd", 2_000_000, False),
        (None, 2_000_000, False),
    ],
)
def test_only_dingtalk_is_answered(
    url: str | None, until_ms: int | str | None, is_known: bool
) -> None:
    sessions = Sessions("http://127.0.0.1:80", lambda: 1000, any_port=False)
    sessions.note(TALK, {"sessionWebhook": url, "sessionWebhookExpiredTime": until_ms})
    assert (sessions.url(TALK) is not None) == is_known


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("https://oapi.dingtalk.com/robot", True),
        ("http://127.0.0.1:81/robot", True),
        ("http://10.0.0.1:80/robot", False),
        ("https://evil.test/robot", False),
    ],
)
def test_by_a_connection_of_ours_nobody_else_is_answered_either(url: str, is_known: bool) -> None:
    sessions = Sessions("http://127.0.0.1:80", lambda: 1000)
    sessions.note(TALK, {"sessionWebhook": url})
    assert (sessions.url(TALK) is not None) == is_known


async def test_a_plain_message_in_doubt_is_sent_again_only_when_somebody_says_so(
    chat: Chat,
) -> None:
    chat.dingtalk.lacking.add("Card.Instance.Write")
    chat.dingtalk.fail(TO_GROUP, RESET_AFTER)
    with pytest.raises(OutcomeUnknown):
        await chat.put("k", ROOM)
    with pytest.raises(DeskRefused, match="nobody knows"):
        await chat.put("k", ROOM)
    assert len(chat.dingtalk.messages) == 1
    assert (await chat.put("k", ROOM)).startswith(PLAIN)
    assert len(chat.dingtalk.messages) == 2


async def test_a_person_who_has_left_is_said(chat: Chat) -> None:
    with pytest.raises(DingTalkRefused, match="left the company"):
        await chat.put("k", private(CORP, "nobody"))


async def test_words_that_do_not_fit_go_over_several_cards_each_once(chat: Chat) -> None:
    text = "\n".join(f"Line {n}. {'字' * 200}" for n in range(20))
    sheet = Sheet("n", (Markdown(text, breaks=True),))
    chat.dingtalk.fail(CREATE, *[RESET_AFTER] * 3)
    await chat.again(lambda: chat.put("k", ALONE, sheet))
    cards = chat.dingtalk.posted(ANN)
    shown = "".join(one.text for one in cards)
    assert len(cards) > 1
    assert [shown.count(f"Line {n}.") for n in range(20)] == [1] * 20


async def test_a_card_that_is_gone_says_so(chat: Chat) -> None:
    reference = await chat.put()
    chat.dingtalk.cards.clear()
    with pytest.raises(PostGone):
        await chat.wall.change(ALONE, reference, OTHER)
    chat.dingtalk.fail(CHANGE, refused("param.cardNotExist"))
    with pytest.raises(PostGone):
        await chat.wall.change(ALONE, reference, OTHER)


async def test_a_card_is_taken_back(chat: Chat) -> None:
    reference = await chat.put()
    await chat.wall.remove(ALONE, reference)
    assert chat.dingtalk.posted(ANN) == []
    await chat.wall.remove(ALONE, "unknown")


async def test_a_whisper_is_seen_by_one(chat: Chat) -> None:
    await chat.wall.whisper(TALK, BEN, OTHER)
    (card,) = chat.dingtalk.whispered(BEN)
    assert card.chat == GROUP
    assert card.named == {}
    chat.dingtalk.lacking.add("Card.Instance.Write")
    with pytest.raises(NotHeard):
        await chat.wall.whisper(TALK, BEN, OTHER)


async def test_the_session_is_not_asked_where_the_robot_may_write(chat: Chat) -> None:
    chat.sessions.note(ALONE, chat.dingtalk.say("Hi"))
    chat.dingtalk.lacking.add("Card.Instance.Write")
    await chat.put()
    assert chat.dingtalk.called(SESSION) == []
