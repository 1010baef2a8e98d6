"""Nothing counts as signed that was so long ago, or not by who knows the secret."""

import pytest

from bot.channels.chat.proofs import OLDEST_S, is_recent, is_same

NOW = 1_772_452_800


@pytest.mark.parametrize("off_s", [0, OLDEST_S, -OLDEST_S])
def test_what_was_just_signed_is_recent(off_s: int) -> None:
    assert is_recent(str(NOW + off_s), NOW)
    assert is_recent(str((NOW + off_s) * 1000), NOW, per_second=1000)


@pytest.mark.parametrize("off_s", [OLDEST_S + 1, -OLDEST_S - 1])
def test_what_is_old_or_dated_ahead_is_not_unless_that_is_allowed(off_s: int) -> None:
    assert not is_recent(str(NOW + off_s), NOW)
    assert is_recent(str(NOW + off_s), NOW, oldest_s=3600)


@pytest.mark.parametrize("told", ["", "soon", f"-{NOW}", f" {NOW}", f"{NOW}.0", "١٢", "9" * 5000])
def test_what_is_no_time_is_not_recent(told: str) -> None:
    assert not is_recent(told, NOW)


@pytest.mark.parametrize("given", ["", "secre", "secret ", "geheim\udcff"])
def test_only_the_same_is_the_same(given: str) -> None:
    assert is_same("secret", "secret")
    assert not is_same("secret", given)
