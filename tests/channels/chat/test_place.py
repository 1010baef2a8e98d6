"""Where in a chat program something is said, as an address and back."""

import pytest

from bot.channels.chat.place import Place


@pytest.mark.parametrize(
    ("place", "address"),
    [
        (Place("T", "C"), "T/C"),
        (Place("T", "C", "1.2"), "T/C/1.2"),
        (Place("T", "C", "1.2", "U"), "T/C/1.2/U"),
        (Place("T", "C", user="U"), "T/C//U"),
    ],
)
def test_an_address_names_one_place(place: Place, address: str) -> None:
    assert place.address == address
    assert Place.parse(address) == place
    assert place.is_ephemeral == (place.user is not None)
    assert place.around == Place("T", "C")


@pytest.mark.parametrize("address", ["", "T", "/C", "T/", "T/C/1/U/more", "ann@example.com"])
def test_what_is_no_place_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        Place.parse(address)
