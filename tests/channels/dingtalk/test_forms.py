"""Forms and what asks first stand on cards for who clicked; quoting the card fills the form in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.handlers import Handlers
from bot.channels.chat.program import Click, Said
from bot.channels.chat.sheet import Choice, Form, TextField, Tick
from bot.channels.dingtalk.buttons import Pressed, Seal, unpack
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.cards import DingTalkCards
from bot.channels.dingtalk.events import click_of
from bot.channels.dingtalk.forms import Asking, DingTalkForms, FormReplies, SingleCards
from bot.channels.dingtalk.place import group
from bot.channels.dingtalk.plain import PlainMessages, Sessions
from bot.channels.dingtalk.reading import DingTalkReader
from bot.channels.dingtalk.tracks import Track, Tracks
from bot.channels.dingtalk.wall import DingTalkWall
from bot.domain.conversation import Locale, now
from bot.domain.inbound import InboundEvent
from tests.dingtalk_server import (
    ANN,
    BEN,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    GROUP,
    Card,
    DingTalkServer,
    dingtalk_server,
)

SEAL = Seal("secret")
AT = group(CORP, GROUP)
FORM = Form(
    "reply",
    "ticket",
    "Reply to T-1",
    "Send",
    "Close",
    (
        TextField("text", "Words", "A draft", hint="To the customer"),
        Choice("nps", "Score", {"1": "bad", "9": "good"}, is_optional=True),
        Tick("resolves", "Then", "Resolve"),
    ),
    intro="Everybody waits",
)


async def name(team: str, user: str) -> str:
    return user


@dataclass
class Room:
    dingtalk: DingTalkServer
    reader: DingTalkReader
    forms: DingTalkForms
    replies: FormReplies
    asking: Asking
    tracks: Tracks
    filled: list[InboundEvent] = field(default_factory=list)

    async def fill(self, event: InboundEvent) -> None:
        self.filled.append(event)

    def card(self, user: str = ANN) -> Card:
        return self.dingtalk.whispered(user)[-1]

    async def said(self, text: str, answers: str | None, user: str = ANN) -> bool:
        place = group(CORP, GROUP, user)
        said = Said(place=place, user=user, key=f"k.{text}", text=text, at=now(), answers=answers)
        return await self.replies.take(said)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with dingtalk_server() as dingtalk:
        calls = DingTalkCalls(Credentials(CLIENT_ID, CLIENT_SECRET), dingtalk.url)
        store, handlers = MemoryStore(), Handlers()
        tracks = Tracks(store)
        plain = PlainMessages(calls, Sessions(""), store)
        wall = DingTalkWall(DingTalkCards(calls), plain, tracks, SEAL, name)
        singles, reader = SingleCards(wall, tracks), DingTalkReader(tracks)
        forms = DingTalkForms(singles, store, PromptFiles(), Locale.EN)
        asking, replies = Asking(reader, singles, wall), FormReplies(store, handlers)
        room = Room(dingtalk, reader, forms, replies, asking, tracks)
        handlers.add("form:*", room.fill)
        await tracks.note(Track("card", "conversation", AT.address, {}))
        yield room
        await calls.close()


def click(key: str = "k", user: str = ANN) -> Click:
    at = {"key": key, "action": "ticket.reply", "value": "t", "user": user, "team": CORP}
    return Click(**at, at=AT, post="card", handle="card")  # type: ignore[arg-type]


async def test_a_form_is_a_card_for_who_clicked_and_says_how_to_go_on(room: Room) -> None:
    await room.forms.open(click(), FORM)
    await room.forms.open(click(), FORM)
    (card,) = room.dingtalk.whispered(ANN)
    assert card.chat == GROUP
    for words in ("Everybody waits", "Words", "To the customer", "A draft", "Quote (reply to)"):
        assert words in card.text
    assert list(card.buttons) == ["bad", "good"]


async def test_a_form_in_chinese_says_so_in_chinese(room: Room) -> None:
    await room.forms.open(click(), Form("a", "v", "回复工单", "发送", "关闭", FORM.fields[:1]))
    assert "请引用" in room.card().text


async def test_a_quotation_of_it_fills_it_in(room: Room) -> None:
    await room.forms.open(click(), FORM)
    assert await room.said("Hello", room.card().track)
    (event,) = room.filled
    filled = room.reader.click(event)
    assert event.kind == "form:reply"
    assert (filled.value, filled.post, filled.user) == ("ticket", "card", ANN)
    assert filled.values == {"text": "Hello"}
    assert filled.at == AT


async def test_a_choice_fills_it_in_as_well(room: Room) -> None:
    await room.forms.open(click(), FORM)
    packed = SEAL.open(room.card().buttons["good"])
    assert packed is not None
    assert unpack(packed).values == {"nps": "9"}


async def test_what_fills_in_no_form_is_left(room: Room) -> None:
    await room.forms.open(click(), FORM)
    track = room.card().track
    assert not await room.said("Hello", None)
    assert not await room.said("Hello", "card")
    assert not await room.said("", track)
    assert not await room.said("Hello", track, BEN)
    await room.forms.open(click("k2"), Form("a", "v", "Score", "Send", "Close", FORM.fields[1:2]))
    assert not await room.said("Hello", room.card().track)
    assert room.filled == []


async def test_what_asks_first_is_done_on_yes_and_dismissed_on_no(room: Room) -> None:
    ask = ("Ticket T-1", "The customer is told.", "Resolve", "Close")
    pressed = Pressed("ticket.resolve", "t", AT.address, ask=ask)
    data = {"corpId": CORP, "userId": ANN, "outTrackId": "card"}
    event = click_of("k", SEAL.open(SEAL.id(pressed)) or "", data)
    assert event.kind == "sure:ticket.resolve"
    await room.asking.ask(event)
    await room.asking.ask(event)
    (card,) = room.dingtalk.whispered(ANN)
    assert "The customer is told." in card.text
    sure, no = (unpack(SEAL.open(one) or "") for one in card.buttons.values())
    assert (sure.action, sure.post, sure.ask) == ("ticket.resolve", "card", None)
    gone = click_of("k2", SEAL.open(SEAL.id(no)) or "", {**data, "outTrackId": card.track})
    await room.asking.dismiss(gone)
    assert card.carrier in room.dingtalk.recalled
