"""What the store keeps sealed: with which keys, where these are, and what to do without them."""

import asyncio
import stat
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest

from bot.adapters.fernet_seals import FernetSeals, KeyFile, ListedKeys, key_id, new_key
from bot.domain.agent import CodesUnreadable
from bot.domain.errors import ConfigurationError

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "secret.keys"


def listed(*keys: str) -> FernetSeals:
    return FernetSeals(ListedKeys(",".join(keys), "store.keys"))


def test_sealed_text_shows_nothing_and_is_never_the_same() -> None:
    seals = listed(new_key())
    sealed = [seals.seal(SECRET) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert not any(SECRET in text for text in sealed)
    assert [seals.open(text) for text in sealed] == [SECRET] * 2


def test_what_was_never_sealed_is_read_as_it_is() -> None:
    seals = listed(new_key())
    assert seals.open(SECRET) == SECRET
    assert not seals.is_by_newest(SECRET)


def test_new_key_seals_and_the_former_still_opens() -> None:
    former, new = new_key(), new_key()
    sealed = listed(former).seal(SECRET)
    both = listed(new, former)
    assert both.open(sealed) == SECRET
    assert not both.is_by_newest(sealed)
    assert both.is_by_newest(both.seal(SECRET))
    assert listed(new).open(both.seal(SECRET)) == SECRET


def test_wrong_key_is_told_with_the_way_out() -> None:
    former, new = new_key(), new_key()
    sealed = listed(former).seal(SECRET)
    with pytest.raises(CodesUnreadable) as refused:
        listed(new).open(sealed)
    told = str(refused.value)
    assert key_id(former) in told
    assert key_id(new) in told
    assert "store.keys" in told
    assert "firstline agents reset-totp EMAIL" in told
    assert former not in told
    assert new not in told


def test_damage_is_no_wrong_key() -> None:
    seals = listed(new_key())
    sealed = seals.seal(SECRET)
    for at in (20, len(sealed) // 2, -5):
        other = "A" if sealed[at] != "A" else "B"
        damaged = sealed[:at] + other + sealed[at:][1:]
        with pytest.raises(CodesUnreadable, match="damaged"):
            seals.open(damaged)


def test_keys_are_taken_in_both_alphabets() -> None:
    raw = bytes(range(224, 256))
    for key in (b64encode(raw), urlsafe_b64encode(raw)):
        assert key_id(ListedKeys(key.decode(), "x").to_seal()[0]) == key_id(b64encode(raw).decode())


@pytest.mark.parametrize("key", ["short", "!" * 44, b64encode(b"x" * 31).decode(), "é"])
def test_what_is_no_key_is_told_by_its_number_alone(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"key 2 in store\.keys.*openssl rand") as refused:
        ListedKeys(f"{new_key()}, {key}", "store.keys")
    assert key not in str(refused.value)


def test_file_is_made_when_it_is_needed_for_its_owner_alone(path: Path) -> None:
    seals = FernetSeals(KeyFile(path))
    assert not path.exists()
    sealed = seals.seal(SECRET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert FernetSeals(KeyFile(path)).open(sealed) == SECRET
    assert list(path.parent.iterdir()) == [path]


async def test_those_who_make_the_file_at_once_agree(path: Path) -> None:
    path.parent.mkdir()
    sealed = await asyncio.gather(
        *(asyncio.to_thread(FernetSeals(KeyFile(path)).seal, SECRET) for _ in range(8))
    )
    assert len(KeyFile(path).to_open()) == 1
    assert {FernetSeals(KeyFile(path)).open(text) for text in sealed} == {SECRET}


def test_missing_file_is_not_made_for_reading(path: Path) -> None:
    sealed = listed(new_key()).seal(SECRET)
    with pytest.raises(CodesUnreadable, match=r"no key in .*secret\.keys.*backup.*reset-totp"):
        FernetSeals(KeyFile(path)).open(sealed)
    assert not path.exists()


def test_rotation_keeps_the_former_key_and_other_processes_know_at_once(path: Path) -> None:
    server = FernetSeals(KeyFile(path))
    first = server.seal(SECRET)
    KeyFile(path).rotate()
    assert not server.is_by_newest(first)
    assert server.open(first) == SECRET
    second = server.seal(SECRET)
    KeyFile(path).rotate()
    assert server.open(second) == SECRET
    with pytest.raises(CodesUnreadable):  # it was to be sealed anew between the two
        server.open(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_empty_file_is_not_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(ConfigurationError, match="is empty"):
        FernetSeals(KeyFile(path)).seal(SECRET)


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"no key can be kept.*store\.keys"):
        FernetSeals(KeyFile(tmp_path / "file" / "secret.keys")).seal(SECRET)


def test_file_that_cannot_be_read_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FernetSeals(KeyFile(path)).open(listed(new_key()).seal(SECRET))
