"""Each channel that settings name is looked at for what it is for."""

from bot.channels.chat.rooms import Rooms


def test_each_is_told_by_its_use() -> None:
    rooms = Rooms("T1/C1", auto=("C2", "C3"), internal=("C4",))
    told = {"triage": ["T1/C1"], "auto-answer": ("C2", "C3"), "internal": ("C4",)}
    assert rooms.by_use == told


def test_where_none_is_named_none_is_looked_at() -> None:
    assert not any(Rooms().by_use.values())
