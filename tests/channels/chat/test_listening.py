"""What is said to the bot is heard once, in the conversation that it belongs to."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import Member, Said
from bot.domain.conversation import Conversation, ConversationStatus, Locale
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, FakeProgram, customer_id
from tests.channels.chat.talk import ANN, BEN, GROUP, PRIVATE, Talk, talk

HOUR = timedelta(hours=1)
OWN = Place(TEAM, ROOM, f"@{ANN}")  # in a group without threads


@pytest.fixture
async def held() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


@pytest.fixture
async def flat() -> AsyncIterator[Talk]:
    async with talk(FakeProgram(has_threads=False)) as held:
        yield held


class Auto:
    async def wants(self, channel: str, text: str) -> bool:
        return channel == ROOM and text.startswith("How")


async def test_who_names_the_bot_or_writes_to_it_alone_is_heard(held: Talk) -> None:
    await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
    private = replace(PRIVATE, thread="m9")
    await held.hear(held.said(private, ANN, "What?", "2", is_direct=True))
    assert await held.asked(GROUP) == ["How?"]
    assert await held.asked(private) == ["What?"]
    conversation = await held.held(GROUP)
    assert conversation is not None
    assert conversation.customer == customer_id(CHANNEL, TEAM, ANN)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"user": ANN}, True),
        ({"user": ANN, "names_others": True}, False),
        ({"user": ANN, "names_others": True, "names_bot": True}, True),
        ({"user": BEN}, False),
        ({"user": BEN, "names_bot": True}, True),
    ],
)
async def test_in_a_thread_the_asker_goes_on(
    held: Talk, said: dict[str, object], heard: bool
) -> None:
    await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
    user = str(said.pop("user"))
    await held.hear(held.said(GROUP, user, "And then?", "2", is_reply=True, **said))
    assert await held.asked(GROUP) == ["How?", *(["And then?"] if heard else [])]


async def test_once_a_person_has_it_everybody_is_heard_and_nothing_is_shown(held: Talk) -> None:
    await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
    await held.hand_over(GROUP)
    shown = len(held.screen.posts)
    await held.hear(held.said(GROUP, BEN, "Me too", "2", is_reply=True, names_others=True))
    assert await held.asked(GROUP) == ["How?", "ben: Me too"]
    assert len(held.screen.posts) == shown


async def test_unasked_it_answers_where_it_may(held: Talk) -> None:
    held.listening = held.new_listening(auto=Auto())
    unasked = Place(TEAM, ROOM, "m-other")
    for key, text, more in (
        ("1", "How does it work?", {"is_reply": True}),
        ("2", "How does it work?", {"names_others": True}),
        ("3", "Good morning", {}),
    ):
        await held.hear(held.said(unasked, ANN, text, key, **more))
        assert await held.held(unasked) is None
    await held.hear(held.said(unasked, ANN, "How does it work?", "4"))
    assert await held.asked(unasked) == ["How does it work?"]


async def test_what_is_diverted_is_nobody_s_question(held: Talk) -> None:
    taken: list[str] = []

    async def divert(said: Said) -> bool:
        taken.append(said.text)
        return said.text.startswith("//")

    held.listening = held.new_listening(diversions=[divert])
    await held.hear(held.said(GROUP, ANN, "// a note", names_bot=True))
    assert await held.held(GROUP) is None
    await held.hear(held.said(GROUP, ANN, "A question", "2", names_bot=True))
    assert await held.asked(GROUP) == ["A question"]


async def test_who_says_nothing_but_its_name_means_what_stands_above(held: Talk) -> None:
    held.fake.reader.topmost = "How do I export?"
    await held.hear(held.said(GROUP, ANN, "", names_bot=True, is_reply=True))
    other = Place(TEAM, ROOM, "m-other")
    await held.hear(held.said(other, ANN, "", "2", names_bot=True))
    assert await held.asked(GROUP) == ["How do I export?"]
    assert await held.asked(other) == ["Hello"]


async def test_files_are_named(held: Talk) -> None:
    await held.hear(held.said(GROUP, ANN, "看一下", names_bot=True, files=("a.png", "b.pdf")))
    assert await held.asked(GROUP) == ["看一下\n\n（附件，未打开：a.png, b.pdf）"]


async def test_other_bots_are_not_answered(held: Talk) -> None:
    held.fake.people.bots.add(BEN)
    await held.hear(held.said(GROUP, BEN, "How?", names_bot=True))
    assert await held.held(GROUP) is None


async def test_an_edit_is_asked_anew_and_a_deletion_is_told_to_who_works_on_it(held: Talk) -> None:
    await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
    await held.hear(held.said(GROUP, ANN, "How much?", "1/edit", names_bot=True), "edited")
    assert await held.asked(GROUP) == ["How?", "How much?"]
    ticket = await held.hand_over(GROUP)
    await held.hear(held.said(GROUP, ANN, "", "1"), "deleted")
    [note] = await held.store.notes(ticket.id)
    assert note.text.endswith("deleted a message of this conversation in Parley.")


async def test_what_was_deleted_and_never_heard_is_told_to_nobody(held: Talk) -> None:
    """Such as what others say to each other there."""
    await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
    await held.hear(held.said(GROUP, BEN, "Lunch?", "2", is_reply=True))
    await held.hear(held.said(GROUP, BEN, "Me too", "3", is_reply=True))
    await held.hear(held.said(GROUP, BEN, "Me too", "3/edit", names_bot=True), "edited")
    ticket = await held.hand_over(GROUP)
    await held.hear(held.said(GROUP, BEN, "", "2"), "deleted")
    assert not await held.store.notes(ticket.id)
    await held.hear(held.said(GROUP, BEN, "", "3"), "deleted")
    assert len(await held.store.notes(ticket.id)) == 1


async def test_what_is_internal_is_so_only_there() -> None:
    async with talk(internal=(ROOM,)) as held:
        await held.hear(held.said(GROUP, ANN, "How?", names_bot=True))
        conversation = await held.held(GROUP)
        assert conversation is not None
        assert conversation.internal
        held.internal = ()
        held.listening = held.new_listening()
        await held.hear(held.said(GROUP, ANN, "And?", "2", is_reply=True))
        conversation = await held.held(GROUP)
        assert conversation is not None
        assert not conversation.internal


async def silence(held: Talk, hours: float, key: str, text: str, place: Place = PRIVATE) -> None:
    """Then something is said."""
    held.clock.advance(hours * HOUR)
    await held.hear(held.said(place, ANN, text, key, is_direct=True, names_bot=True))


@pytest.mark.parametrize("place", [PRIVATE, OWN])
async def test_without_threads_a_talk_ends_with_a_long_silence(flat: Talk, place: Place) -> None:
    await silence(flat, 0, "1", "How?", place)
    await silence(flat, 11, "2", "And then?", place)
    assert await flat.asked(place) == ["How?", "And then?"]
    await silence(flat, 13, "3", "Something else", place)
    assert await flat.asked(place) == ["Something else"]


async def test_without_threads_too_what_a_person_has_goes_on(flat: Talk) -> None:
    await silence(flat, 0, "1", "How?")
    await flat.hand_over(PRIVATE)
    await silence(flat, 99, "2", "Any news?")
    assert await flat.asked(PRIVATE) == ["How?", "Any news?"]
    conversation = await flat.held(PRIVATE)
    assert conversation is not None
    assert conversation.status is ConversationStatus.OPEN


async def test_what_is_heard_late_or_again_is_where_it_belongs(flat: Talk) -> None:
    """By its own time, not by that of the process that hears it."""
    await silence(flat, 0, "1", "How?")
    said = flat.said(PRIVATE, ANN, "And then?", "2", is_direct=True)
    flat.clock.advance(20 * HOUR)
    await flat.hear(said)
    assert await flat.asked(PRIVATE) == ["How?", "And then?"]
    old = await flat.held(PRIVATE)
    await silence(flat, 13, "3", "Something else")
    again = flat.said(PRIVATE, ANN, "And then?", "2", is_direct=True)
    new = await flat.held(PRIVATE)
    assert isinstance(old, Conversation)
    assert isinstance(new, Conversation)
    await flat.store.hold_thread(CHANNEL, PRIVATE.address, new.id)
    await flat.hear(again)
    assert [one.text for one in await flat.store.messages(old.id)].count("And then?") == 1
    assert await flat.asked(PRIVATE) == ["Something else"]


async def test_where_nothing_was_written_the_program_says_the_language(held: Talk) -> None:
    held.fake.people.members[ANN] = Member("Ann")
    held.fake.people.locales[ANN] = Locale.ZH
    await held.hear(held.said(GROUP, ANN, "", names_bot=True))
    assert await held.asked(GROUP) == ["你好"]
