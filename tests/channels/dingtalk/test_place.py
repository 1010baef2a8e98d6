"""Places are addresses and come back from them."""

import pytest

from bot.channels.chat.place import Place
from bot.channels.dingtalk.place import conversation_of, group, private, reached, user_of
from bot.domain.outbox import DeskRefused
from tests.dingtalk_server import ANN, CORP, GROUP


@pytest.mark.parametrize(
    ("place", "conversation", "user"),
    [
        (private(CORP, ANN), None, ANN),
        (private(CORP, "a/b@c 1"), None, "a/b@c 1"),
        (group(CORP, GROUP), GROUP, None),
        (group(CORP, GROUP, ANN), GROUP, ANN),
        (group(CORP, GROUP, "$:LWCP_v1:$x/y"), GROUP, "$:LWCP_v1:$x/y"),
    ],
)
def test_a_place_comes_back_from_its_address(
    place: Place, conversation: str | None, user: str | None
) -> None:
    again = Place.parse(place.address)
    assert again == place
    assert conversation_of(again) == conversation
    assert user_of(again) == user


def test_all_places_go_on_without_threads() -> None:
    assert all(place.is_flat for place in (private(CORP, ANN), group(CORP, GROUP, ANN)))
    assert group(CORP, GROUP, ANN).around == group(CORP, GROUP)


def test_people_of_other_companies_cannot_be_written_to_alone() -> None:
    assert reached(private(CORP, ANN)) == ANN
    with pytest.raises(DeskRefused, match="elsewhere"):
        reached(private(CORP, "$:LWCP_v1:$x"))
