"""Password hashes, with parameters that take no time."""

import pytest
from argon2 import PasswordHasher

from bot.adapters.argon2_passwords import Argon2Passwords


@pytest.fixture
def passwords() -> Argon2Passwords:
    return Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def test_password_matches_its_own_hash_alone(passwords: Argon2Passwords) -> None:
    hashes = [await passwords.hash("correct horse battery") for _ in range(2)]
    assert hashes[0] != hashes[1]  # salted
    assert all([await passwords.verify(each, "correct horse battery") for each in hashes])
    assert not await passwords.verify(hashes[0], "correct horse batterz")


async def test_nobodys_hash_and_a_broken_one_match_nothing(passwords: Argon2Passwords) -> None:
    for known in (None, "", "no hash", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$"):
        assert not await passwords.verify(known, "")


async def test_nobodys_password_costs_as_much(passwords: Argon2Passwords) -> None:
    """The same parameters, so the same work."""
    await passwords.verify(None, "x")
    assert passwords._nobodys is not None
    own, nobodys = await passwords.hash("x"), passwords._nobodys
    assert own.split("$")[:4] == nobodys.split("$")[:4]


async def test_one_password_is_one_however_it_is_typed(passwords: Argon2Passwords) -> None:
    known = await passwords.hash("caf\u00e9 １２３")
    assert await passwords.verify(known, "cafe\u0301 123")
    assert not await passwords.verify(known, "\ud800")


async def test_default_is_argon2id_with_64_mebibytes() -> None:
    assert (await Argon2Passwords().hash("x")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
