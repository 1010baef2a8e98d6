"""Who acts at a desk is known by what the desk calls them apart from their name."""

import pytest

from bot.domain.desk_news import actor_at, is_same

ANN = actor_at("parley", "Ann", "U1")


@pytest.mark.parametrize(
    ("actor", "is_theirs"),
    [
        (ANN, True),
        (actor_at("parley", "小安: Ann", "U1"), True),
        (actor_at("parley", "Ann", "U2"), False),
        (actor_at("parley", "Ann", "U11"), False),
        (actor_at("other", "Ann", "U1"), False),
        (actor_at("parley", "Ann"), False),
        ("8f2a", False),
        ("", False),
        (None, False),
    ],
)
def test_one_person_by_whatever_name(actor: str | None, is_theirs: bool) -> None:
    assert is_same(actor, ANN) == is_theirs


def test_without_more_than_a_name_the_name_tells() -> None:
    assert is_same(actor_at("mail", "Ann"), actor_at("mail", "Ann"))
    assert not is_same(actor_at("mail", "Ann"), actor_at("mail", "Ben"))
    assert is_same("8f2a", "8f2a")
    assert not is_same(None, "8f2a")
