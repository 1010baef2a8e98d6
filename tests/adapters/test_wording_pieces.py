"""Which weights a message's wording has."""

from bot.adapters.wording_pieces import PLACES, places


def test_nothing_said_has_no_pieces() -> None:
    assert places("") == ()
    assert places("   ") == ()


def test_each_piece_has_one_place() -> None:
    found = places("the the the same same")
    assert len(found) == len(set(found))
    assert all(0 <= place < PLACES for place in found)


def test_a_slip_of_the_keyboard_leaves_most_of_a_word() -> None:
    some, others = set(places("frustrating")), set(places("frustratng"))
    assert len(some & others) >= 6


def test_the_order_of_words_and_characters_matters() -> None:
    assert places("not bad") != places("bad not")
    assert places("没有用") != places("有没用")


def test_a_message_has_pieces_up_to_a_length() -> None:
    assert places("word " * 400) == places("word " * 4000)
