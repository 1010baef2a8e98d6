import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.budget import count_tokens, cut

TEXTS = st.text(st.sampled_from("ab12 _中文。.,-é\n😀"), max_size=300)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("word", 2),
        ("one two three four five six seven eight nine ten", 13),
        ("创建任务", 4),
        ("创建 task", 4),
        ("a" * 120, 13),
        ("----", 1),
        ("😀😀😀😀", 1),
    ],
)
def test_tokens_are_estimated(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@given(TEXTS, st.integers(2, 40))
def test_pieces_keep_the_budget_and_lose_nothing(text: str, budget: int) -> None:
    pieces = cut(text, budget)
    assert all(count_tokens(piece) <= budget for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_words_are_not_cut() -> None:
    assert cut("alpha beta gamma delta", 3) == ["alpha beta ", "gamma delta"]


def test_a_link_is_cut_only_when_it_is_larger_than_the_budget() -> None:
    link = "[one two three](a.md)"
    assert cut(f"alpha beta {link} gamma", 8) == ["alpha beta ", f"{link} ", "gamma"]
    assert all(count_tokens(piece) <= 4 for piece in cut(f"alpha {link}", 4))


@given(TEXTS, TEXTS)
def test_a_joined_text_has_no_more_tokens_than_its_parts(one: str, other: str) -> None:
    assert count_tokens(f"{one}\n{other}") <= count_tokens(one) + count_tokens(other)
