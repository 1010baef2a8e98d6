"""What no database holds is replaced, wherever it stands."""

from bot.channels.chat.bodies import storable


def test_what_no_database_holds_is_replaced() -> None:
    body = {"a\x00": ["b\ud800", {"c": "\x00"}], "n": 1, "none": None}
    assert storable(body) == {"a\ufffd": ["b\ufffd", {"c": "\ufffd"}], "n": 1, "none": None}
