"""Words below a card: the customer reads those of whoever has the ticket, and no others."""

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import Member
from bot.channels.chat.ticket_sheet import CLAIM, RESOLVE
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Ticket
from tests.channels.chat.program import ROOM, TEAM
from tests.channels.chat.triage_room import GUEST, LEE, MEI, Triage


@pytest.fixture
def room() -> Triage:
    return Triage()


@pytest.fixture
async def ticket(room: Triage) -> Ticket:
    return await room.open()


@pytest.fixture
def flat() -> Triage:
    """Of a program in which nothing stands below anything."""
    return Triage(has_threads=False)


async def test_who_has_it_writes_to_the_customer_once(room: Triage, ticket: Ticket) -> None:
    await room.click(CLAIM, ticket)
    for _ in range(3):
        assert await room.type("See the guide & try <b>")
    assert await room.said(ticket) == ["See the guide & try <b>"]
    assert await room.notes(ticket) == []


@pytest.mark.parametrize("user", [LEE, MEI])
async def test_before_it_is_claimed_all_of_it_is_a_note(
    room: Triage, ticket: Ticket, user: str
) -> None:
    assert await room.type("Is this known?", user)
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == ["Is this known?"]


@pytest.mark.parametrize(
    ("text", "user", "is_aside", "note"),
    [
        ("They pay for premium.", MEI, False, "They pay for premium."),
        ("// ask billing", LEE, False, "ask billing"),
        ("  ／／问财务", LEE, False, "问财务"),
        ("、、问财务", LEE, False, "问财务"),
        ("/／问财务", LEE, False, "问财务"),
        ("@Mei do you know?", LEE, True, "@Mei do you know?"),
    ],
)
async def test_talk_among_colleagues_stays_there(
    room: Triage, ticket: Ticket, text: str, user: str, is_aside: bool, note: str
) -> None:
    await room.click(CLAIM, ticket)
    for _ in range(2):
        assert await room.type(text, user, is_aside=is_aside)
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == [note]
    assert room.wall.told() == []


async def test_what_was_a_note_stays_one_when_it_is_taken_again(
    room: Triage, ticket: Ticket
) -> None:
    """As after a crash, behind which its author claimed the ticket."""
    assert await room.type("What a muddle")
    await room.click(CLAIM, ticket)
    assert await room.type("What a muddle")
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == ["What a muddle"]


async def test_who_names_a_colleague_beside_the_bot_means_them(
    room: Triage, ticket: Ticket
) -> None:
    await room.click(CLAIM, ticket)
    assert await room.type("do you know?", names_bot=True, names_others=True)
    assert await room.type("I asked @Mei", key="said-2", names_others=True)
    assert await room.said(ticket) == ["I asked @Mei"]
    assert await room.notes(ticket) == ["do you know?"]


async def test_without_threads_who_names_a_colleague_means_them(flat: Triage) -> None:
    """The bot is named there in any case, and names may stand in no text."""
    ticket = await flat.open()
    await flat.click(CLAIM, ticket)
    assert await flat.type("T-1 do you know?", names_bot=True, names_others=True)
    assert await flat.said(ticket) == []
    assert await flat.notes(ticket) == ["do you know?"]


async def test_of_two_who_are_called_the_same_one_has_it(room: Triage, ticket: Ticket) -> None:
    room.parley.people.members |= {user: Member("张伟") for user in (LEE, MEI)}
    await room.click(CLAIM, ticket)
    assert await room.type("您好")
    assert await room.type("这个客户是谁？", MEI, key="said-2")
    assert await room.said(ticket) == ["您好"]
    assert await room.notes(ticket) == ["这个客户是谁？"]


async def test_who_is_called_otherwise_by_now_has_it_still(room: Triage, ticket: Ticket) -> None:
    room.parley.people.members[LEE] = Member(LEE)
    await room.click(CLAIM, ticket)
    room.parley.people.members |= {LEE: Member("小陈"), MEI: Member("小陈")}
    assert await room.type("您好")
    assert await room.type("这个客户是谁？", MEI, key="said-2")
    assert await room.said(ticket) == ["您好"]
    assert await room.notes(ticket) == ["这个客户是谁？"]


@pytest.mark.parametrize("user", [GUEST, ""])
async def test_nobody_else_is_heard(room: Triage, ticket: Ticket, user: str) -> None:
    await room.click(CLAIM, ticket)
    assert await room.type("Hello", user)
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == []


async def test_what_comes_after_the_end_is_kept_as_a_note(room: Triage, ticket: Ticket) -> None:
    for action in (CLAIM, RESOLVE):
        await room.click(action, ticket)
    assert await room.type("One more thing")
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == ["One more thing"]
    ((user, text),) = room.wall.told()
    assert user == LEE
    assert "kept as a note" in text


@pytest.mark.parametrize(("actions", "text"), [((CLAIM, RESOLVE), "Yes"), ((CLAIM,), "so " * 2000)])
async def test_who_could_not_be_told_at_once_is_told_later(
    room: Triage, ticket: Ticket, actions: tuple[str, ...], text: str
) -> None:
    for action in actions:
        await room.click(action, ticket)
    room.wall.failures["whisper"] = DeskUnavailable("down")
    with pytest.raises(DeskUnavailable):
        await room.type(text)
    assert await room.type(text)
    assert await room.said(ticket) == []
    assert len(await room.notes(ticket)) == len(room.wall.told()) == 1


async def test_what_no_message_holds_is_kept_and_its_author_told(
    room: Triage, ticket: Ticket
) -> None:
    await room.click(CLAIM, ticket)
    long = "so it goes " * 400
    assert await room.type(long)
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == [long.strip()]
    ((_, text),) = room.wall.told()
    assert "in parts" in text


async def test_files_are_not_passed_on_and_their_author_is_told(
    room: Triage, ticket: Ticket
) -> None:
    await room.click(CLAIM, ticket)
    assert await room.type("See this", files=("a.png",))
    assert await room.type("", files=("a.png",), key="said-2")
    assert await room.said(ticket) == ["See this"]
    assert ["files" in text for _, text in room.wall.told()] == [True, True]


@pytest.mark.parametrize(
    ("place", "is_reply"),
    [
        (Place(TEAM, ROOM, "m1"), False),  # a message of its own
        (Place(TEAM, ROOM, "m99"), True),
        (Place(TEAM, "other", "m1"), True),
        (Place("T2", ROOM, "m1"), True),
    ],
)
async def test_what_stands_below_no_card_is_left_to_others(
    room: Triage, ticket: Ticket, place: Place, is_reply: bool
) -> None:
    await room.click(CLAIM, ticket)
    assert not await room.type("T-1 Hello", place=place, is_reply=is_reply)


async def test_a_card_is_known_by_what_it_says_of_itself(room: Triage, ticket: Ticket) -> None:
    """Somebody was faster than what is written down of it."""
    await room.click(CLAIM, ticket)
    room.posts.kept.clear()
    assert await room.type("Hello")
    assert await room.said(ticket) == ["Hello"]


async def test_out_of_reach_it_is_taken_later(room: Triage, ticket: Ticket) -> None:
    await room.click(CLAIM, ticket)
    room.posts.kept.clear()
    with room.wall.outage(), pytest.raises(DeskUnavailable):
        await room.type("Hello")
    assert await room.type("Hello")
    assert await room.said(ticket) == ["Hello"]


@pytest.mark.parametrize("text", ["T-1 Hello", "t-1: Hello", "T-1，Hello", " T-1 \nHello"])
async def test_without_threads_its_label_says_which_ticket(flat: Triage, text: str) -> None:
    ticket = await flat.open()
    await flat.open()
    await flat.click(CLAIM, ticket)
    assert await flat.type(text)
    assert await flat.type("T-1 // ask billing", key="said-2")
    assert await flat.said(ticket) == ["Hello"]
    assert await flat.notes(ticket) == ["ask billing"]


async def test_without_threads_it_may_answer_any_post_of_the_ticket(flat: Triage) -> None:
    first, second = [await flat.open() for _ in range(2)]
    for ticket in (first, second):
        await flat.click(CLAIM, ticket)
    posts = [post.reference for post in flat.wall.posts]
    assert len(posts) == 4  # a card and a packet each
    for n, post in enumerate(posts):
        assert await flat.type(f"Words {n}", key=f"said-{n}", answers=post)
    assert await flat.said(first) == ["Words 0", "Words 1"]
    assert await flat.said(second) == ["Words 2", "Words 3"]


async def test_what_is_answered_is_known_by_what_went_along_with_it(flat: Triage) -> None:
    """The program knows an answer to a post by another name than the post."""
    ticket = await flat.open()
    await flat.click(CLAIM, ticket)
    flat.posts.kept.clear()
    for n, post in enumerate([one.reference for one in flat.wall.posts]):
        assert await flat.type(f"Words {n}", key=f"said-{n}", answers=post)
    assert await flat.said(ticket) == ["Words 0", "Words 1"]


async def test_what_is_answered_counts_more_than_another_label(flat: Triage) -> None:
    first, second = [await flat.open() for _ in range(2)]
    for ticket in (first, second):
        await flat.click(CLAIM, ticket)
    card = flat.wall.cards()[0].reference
    assert await flat.type("T-2 is the same, I think", answers=card)
    assert await flat.type("T-1 it is", answers=card, key="said-2")
    assert await flat.said(first) == ["T-2 is the same, I think", "it is"]
    assert await flat.said(second) == []


@pytest.mark.parametrize("text", ["Hello", "T-99 Hello", "T-1x Hello", "See T-1"])
async def test_without_threads_all_else_is_left_to_others(flat: Triage, text: str) -> None:
    ticket = await flat.open()
    await flat.click(CLAIM, ticket)
    assert not await flat.type(text)
    assert not await flat.type(text, answers="somebody's")
    assert not await flat.type("T-1 Hello", place=Place(TEAM, "other"))
    assert await flat.said(ticket) == []
