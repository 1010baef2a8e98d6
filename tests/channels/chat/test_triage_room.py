"""The one room in which tickets are worked on."""

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.triage_room import TriageRoom
from bot.domain.outbox import DeskRefused
from tests.channels.chat.program import TEAM, FakePeople


@pytest.mark.parametrize(
    ("name", "place"), [("C1", Place(TEAM, "C1")), ("T9/C1", Place("T9", "C1"))]
)
async def test_it_is_in_the_one_team_unless_another_is_named(name: str, place: Place) -> None:
    assert await TriageRoom(name, FakePeople()).place() == place


@pytest.mark.parametrize(
    ("address", "is_around"),
    [
        ("T1/C1", True),
        ("T1/C1/m1", True),
        ("T1/C1/@lee", True),
        ("T1/C2/m1", False),
        ("T2/C1", False),
    ],
)
async def test_all_that_is_said_in_it_is_around_it(address: str, is_around: bool) -> None:
    room = TriageRoom("C1", FakePeople())
    assert await room.is_around(Place.parse(address)) is is_around


async def test_what_is_said_elsewhere_does_not_wait_for_whose_it_is() -> None:
    class Several(FakePeople):
        async def own_team(self) -> str:
            raise DeskRefused("the app is in several teams")

    room = TriageRoom("C1", Several())
    assert not await room.is_around(Place.parse("T1/C2/m1"))
    with pytest.raises(DeskRefused):
        await room.is_around(Place.parse("T1/C1/m1"))
