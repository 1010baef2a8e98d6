"""What a button's choice asks is asked once, where the answer stood."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.answers import SUGGEST
from bot.channels.chat.place import Place
from bot.domain.conversation import Author, Conversation
from tests.adapters.test_ticket_store import opened
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, FakeProgram
from tests.channels.chat.talk import ANN, BEN, GROUP, PRIVATE, Talk, talk


@pytest.fixture
async def held() -> AsyncIterator[Talk]:
    async with talk(internal=(ROOM,)) as held:
        yield held


async def test_a_choice_is_asked_once_and_shown_with_its_answer(held: Talk) -> None:
    conversation = await held.begin()
    event = held.fake.clicked(f"{SUGGEST}.0", f"{conversation.id}.Boards. All", ANN, GROUP)
    for _ in range(2):
        await held.asking.choose(event)
    await held.turns.close()
    said = await held.store.messages(conversation.id)
    assert [one.text for one in said if one.author is Author.CUSTOMER] == ["Boards. All"]
    assert len(held.dialogue.finished) == 1
    assert len(held.screen.posts) == 1


async def test_what_was_chosen_in_another_channel_reads_nothing_internal(held: Talk) -> None:
    conversation = await held.begin(internal=True)
    value = f"{conversation.id}.Boards"
    await held.asking.choose(held.fake.clicked(f"{SUGGEST}.0", value, ANN, GROUP))
    kept = await held.store.conversation(conversation.id)
    assert kept is not None
    assert kept.internal
    elsewhere = Place(TEAM, "elsewhere")
    await held.asking.choose(held.fake.clicked(f"{SUGGEST}.0", value, ANN, elsewhere))
    kept = await held.store.conversation(conversation.id)
    assert kept is not None
    assert not kept.internal


@pytest.mark.parametrize("is_with_person", [False, True])
async def test_without_threads_the_talk_of_the_choice_goes_on_unless_a_person_has_another(
    is_with_person: bool,
) -> None:
    async with talk(FakeProgram(has_threads=False)) as held:
        old, new = await held.begin(PRIVATE), Conversation(CHANNEL, address=PRIVATE.address)
        await held.store.add_conversation(new)
        await held.store.hold_thread(CHANNEL, PRIVATE.address, new.id)
        if is_with_person:
            await opened(held.store, new)
        event = held.fake.clicked(f"{SUGGEST}.0", f"{old.id}.Boards", ANN, PRIVATE)
        await held.asking.choose(event)
        goes_on = new if is_with_person else old
        assert await held.store.thread(CHANNEL, PRIVATE.address) == goes_on.id


async def choose_of_ann(held: Talk, place: Place, user: str, *, handed_over: bool) -> list[str]:
    """What stands in Ann's talk behind her question."""
    await held.hear(held.said(place, ANN, "How?", names_bot=True))
    conversation = await held.held(place)
    assert conversation is not None
    if handed_over:
        await held.hand_over(place)
    event = held.fake.clicked(f"{SUGGEST}.0", f"{conversation.id}.Boards", user, place)
    for _ in range(2):
        await held.asking.choose(event)
    await held.turns.close()
    return (await held.asked(place))[1:]


@pytest.mark.parametrize("handed_over", [False, True])
async def test_without_threads_nobody_chooses_in_somebody_else_s_talk(handed_over: bool) -> None:
    own = Place(TEAM, ROOM, f"@{ANN}")
    async with talk(FakeProgram(has_threads=False)) as held:
        assert await choose_of_ann(held, own, BEN, handed_over=handed_over) == []
        assert {user for user, _ in held.wall.told()} == {BEN}
        assert "Ask me yourself" in held.wall.told()[0][1]


async def test_in_a_thread_others_choose_too_until_a_person_has_it(held: Talk) -> None:
    assert await choose_of_ann(held, GROUP, BEN, handed_over=False) == ["Boards"]
    other = Place(TEAM, ROOM, "m-other")
    assert await choose_of_ann(held, other, BEN, handed_over=True) == []
    assert {user for user, _ in held.wall.told()} == {BEN}
    third = Place(TEAM, ROOM, "m-third")
    assert await choose_of_ann(held, third, ANN, handed_over=True) == ["Boards"]


@pytest.mark.parametrize("value", ["", "unknown.Boards", "."])
async def test_a_choice_of_nothing_is_left_alone(held: Talk, value: str) -> None:
    await held.asking.choose(held.fake.clicked(f"{SUGGEST}.0", value, ANN, GROUP))
    assert held.dialogue.started == []
