"""Codes for who has lost the phone."""

import pytest

from bot.services.recovery_codes import (
    ALPHABET,
    HOW_MANY,
    code_digest,
    digests_of,
    new_codes,
    normal_code,
)


def test_ten_different_codes_in_groups_that_can_be_read() -> None:
    codes = new_codes()
    assert len({*codes, *new_codes()}) == 2 * HOW_MANY
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert set(code) <= {*ALPHABET, "-"}


@pytest.mark.parametrize(
    "typed",
    ["0123-4567-89ab-1jk0", " 0123 4567 89AB 1JK0 ", "0I23456789abljko", "o123-4567-89ab-ijkO"],
)
def test_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normal_code(typed) == "0123456789ab1jk0"


@pytest.mark.parametrize(
    "typed", ["", "123456", "0123-4567-89ab", "0123-4567-89ab-1jk0-0", "u" * 16]
)
def test_what_is_no_recovery_code(typed: str) -> None:
    assert normal_code(typed) is None


def test_digests_tell_no_code_and_differ_between_agents() -> None:
    code = new_codes()[0]
    (kept,) = digests_of("a1", [code])
    assert kept == code_digest("a1", normal_code(code) or "")
    assert kept != code_digest("a2", normal_code(code) or "")
    assert code not in kept
