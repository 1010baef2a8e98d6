"""Buttons come back as they were put up, and nothing comes that was not."""

import pytest

from bot.channels.dingtalk.buttons import Pressed, Seal, pack, unpack

SEAL = Seal("secret")
ALL = [
    Pressed("ticket.claim", "t-1", "corp/cid"),
    Pressed("feedback", "up.m", "corp/@ann", "firstline.abc"),
    Pressed("ticket.resolve", "t", "corp/cid", ask=("工单 T-1", "客户会知道。", "解决", "关闭")),
    Pressed("survey.more", "t", "corp/@ann", "card", values={"nps": "9"}),
]


@pytest.mark.parametrize("pressed", ALL)
def test_a_button_comes_back(pressed: Pressed) -> None:
    packed = SEAL.open(SEAL.id(pressed))
    assert packed is not None
    assert unpack(packed) == pressed


@pytest.mark.parametrize("index", ["0", "12"])
def test_dingtalk_appends_which_of_several_it_is(index: str) -> None:
    assert SEAL.open(SEAL.id(ALL[0]) + index) == pack(ALL[0])


@pytest.mark.parametrize(
    "id",
    [
        None,
        7,
        "",
        "agree",
        "fl.",
        "fl..",
        "fl.AAAA",
        f"fl.{pack(ALL[0])}",
        f"fl.{pack(ALL[0])}.",
        f"fl.{pack(ALL[0])}.é",
        Seal("another").id(ALL[0]),
        f"{SEAL.id(ALL[0])}x",
        f"{SEAL.id(ALL[0])}1234",
        f"{SEAL.id(ALL[0])}²",
        SEAL.id(ALL[0])[:-1],
        SEAL.id(ALL[0]).replace("fl.", "fl.A"),
    ],
)
def test_what_is_no_button_of_ours_is_not_opened(id: object) -> None:
    assert SEAL.open(id) is None


@pytest.mark.parametrize("packed", ["", "%%%", "e30", "W10", "WzEsMiwzLDQsWzFdLG51bGxd", "bnVsbA"])
def test_what_another_release_packed_says_so(packed: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        unpack(packed)
