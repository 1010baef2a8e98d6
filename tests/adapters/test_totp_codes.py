"""Codes of authenticator apps, against the vectors of RFC 6238."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.fernet_seals import FernetSeals, ListedKeys, new_key
from bot.adapters.totp_codes import TotpCodes

SECRET = b32encode(b"12345678901234567890").decode()
STEP = timedelta(seconds=30)
KEYS = [new_key(), new_key()]


def codes_by(*keys: str) -> TotpCodes:
    return TotpCodes(FernetSeals(ListedKeys(" ".join(keys), "store.keys")))


CODES = codes_by(KEYS[0])


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (1111111111, "050471"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    codes = CODES
    assert codes.step(SECRET, code, at) == seconds // 30
    assert codes.step(SECRET, f" {code[:3]} {code[3:]} ", at) == seconds // 30
    for off in (-1, 1):
        assert codes.step(SECRET, code, at + off * STEP) == seconds // 30
        assert codes.step(SECRET, code, at + 2 * off * STEP) is None


@pytest.mark.parametrize("code", ["", "28708", "2870820", "２８７０８２", "abcdef", "287 08²"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert CODES.step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_secrets_are_new_each_time_and_apps_can_read_them() -> None:
    codes = CODES
    assert len({codes.new_secret() for _ in range(10)}) == 10
    address = codes.address(SECRET, "li@example.com")
    assert address.startswith("otpauth://totp/Firstline:li%40example.com?secret=")
    assert "issuer=Firstline" in address


def test_kept_secret_is_sealed_and_comes_to_a_new_key() -> None:
    at = datetime.fromtimestamp(1111111111, UTC)
    kept = CODES.seal(SECRET)
    assert SECRET not in kept
    assert CODES.reseal(kept) == kept
    rotated = codes_by(KEYS[1], KEYS[0])
    for former in (kept, SECRET):
        resealed = rotated.reseal(former)
        assert SECRET not in resealed
        assert codes_by(KEYS[1]).step(resealed, "050471", at) is not None
