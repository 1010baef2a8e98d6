"""Words below a card: the customer reads those of whoever has the ticket, and no others."""

import pytest

from bot.channels.slack.card import CLAIM, RESOLVE
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Ticket
from tests.channels.slack.triage_room import BOT, GUEST, LEE, MEI, TriageRoom


@pytest.fixture
def room() -> TriageRoom:
    return TriageRoom()


@pytest.fixture
async def ticket(room: TriageRoom) -> Ticket:
    return await room.open()


async def texts(room: TriageRoom, ticket: Ticket) -> list[str]:
    return [message.text for message in await room.said(ticket)]


async def test_who_has_it_writes_to_the_customer_once(room: TriageRoom, ticket: Ticket) -> None:
    await room.click(CLAIM, ticket)
    for _ in range(3):
        assert await room.type("See <https://help.test/a|the guide> &amp; try &lt;b&gt;")
    assert await texts(room, ticket) == ["See the guide (https://help.test/a) & try <b>"]
    assert await room.notes(ticket) == []


@pytest.mark.parametrize("user", [LEE, MEI])
async def test_before_it_is_claimed_all_of_it_is_a_note(
    room: TriageRoom, ticket: Ticket, user: str
) -> None:
    assert await room.type("Is this known?", user)
    assert await texts(room, ticket) == []
    assert await room.notes(ticket) == ["Is this known?"]


@pytest.mark.parametrize(
    ("text", "user", "note"),
    [
        ("They pay for premium.", MEI, "They pay for premium."),
        ("// ask billing", LEE, "ask billing"),
        ("  ／／问财务", LEE, "问财务"),
        ("<@UMEI> do you know?", LEE, "@UMEI do you know?"),
    ],
)
async def test_talk_among_colleagues_stays_there(
    room: TriageRoom, ticket: Ticket, text: str, user: str, note: str
) -> None:
    await room.click(CLAIM, ticket)
    for _ in range(2):
        assert await room.type(text, user)
    assert await texts(room, ticket) == []
    assert await room.notes(ticket) == [note]
    assert room.told() == []


@pytest.mark.parametrize("user", [GUEST, BOT, "UNOBODY", ""])
async def test_nobody_else_is_heard(room: TriageRoom, ticket: Ticket, user: str) -> None:
    await room.click(CLAIM, ticket)
    assert await room.type("Hello", user)
    assert await texts(room, ticket) == []
    assert await room.notes(ticket) == []


async def test_what_comes_after_the_end_is_kept_as_a_note(room: TriageRoom, ticket: Ticket) -> None:
    for action in (CLAIM, RESOLVE):
        await room.click(action, ticket)
    assert await room.type("One more thing")
    assert await texts(room, ticket) == []
    assert await room.notes(ticket) == ["One more thing"]
    ((user, text),) = room.told()
    assert user == LEE
    assert "kept as a note" in text


async def test_what_no_message_holds_is_kept_and_its_author_told(
    room: TriageRoom, ticket: Ticket
) -> None:
    await room.click(CLAIM, ticket)
    long = "so it goes " * 400
    assert await room.type(long)
    assert await texts(room, ticket) == []
    assert await room.notes(ticket) == [long.strip()]
    ((_, text),) = room.told()
    assert "in parts" in text


async def test_files_are_not_passed_on_and_their_author_is_told(
    room: TriageRoom, ticket: Ticket
) -> None:
    await room.click(CLAIM, ticket)
    assert await room.type("See this", subtype="file_share", files=[{"id": "F1"}])
    assert await room.type("", subtype="file_share", files=[{"id": "F1"}], ts="1772370000.2")
    assert await texts(room, ticket) == ["See this"]
    assert ["files" in text for _, text in room.told()] == [True, True]


@pytest.mark.parametrize(
    "more",
    [
        {"thread_ts": None},
        {"thread_ts": "1.1"},
        {"channel": "COTHER"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
    ],
)
async def test_what_stands_below_no_card_is_left_to_others(
    room: TriageRoom, ticket: Ticket, more: dict[str, str | None]
) -> None:
    await room.click(CLAIM, ticket)
    assert not await room.type("Hello", **more)


async def test_a_card_is_known_by_what_it_says_of_itself(room: TriageRoom, ticket: Ticket) -> None:
    """Somebody was faster than what is written down of it."""
    await room.click(CLAIM, ticket)
    room.posts.kept.clear()
    assert await room.type("Hello")
    assert await texts(room, ticket) == ["Hello"]


async def test_out_of_reach_it_is_taken_later(room: TriageRoom, ticket: Ticket) -> None:
    await room.click(CLAIM, ticket)
    with room.slack.outage(), pytest.raises(DeskUnavailable):
        await room.type("Hello")
    assert await room.type("Hello")
    assert await texts(room, ticket) == ["Hello"]
