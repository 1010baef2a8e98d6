"""Only objects are read; what no database holds is replaced, wherever it stands; times are read
where they are some."""

from datetime import UTC, datetime

import pytest

from bot.channels.chat.bodies import moment_of, read_object, storable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_object_is_read() -> None:
    assert read_object(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"[1]", "no object"), (b"{", "Expecting"), (b"\xff", "decode"), (b"[" * 100_000, "deeply")],
)
def test_what_is_no_object_is_not_read(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_object(content)


def test_what_no_database_holds_is_replaced() -> None:
    body = {"a\x00": ["b\ud800", {"c": "\x00"}], "n": 1, "none": None}
    assert storable(body) == {"a\ufffd": ["b\ufffd", {"c": "\ufffd"}], "n": 1, "none": None}


@pytest.mark.parametrize("told", [1_772_366_400_000, "1772366400000"])
def test_a_time_in_milliseconds(told: object) -> None:
    assert moment_of(told, datetime(1970, 1, 1, tzinfo=UTC)) == NOON


@pytest.mark.parametrize("told", [None, "", "soon", "9" * 30])
def test_what_is_no_time(told: object) -> None:
    assert moment_of(told, NOON) == NOON
