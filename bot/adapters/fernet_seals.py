"""What the store shall not show to whoever reads it or a backup of it: Fernet (AES and HMAC) with
several keys at a time, the newest of which seals, so that one can take the place of another."""

import os
import re
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken

from bot.domain.agent import CodesUnreadable
from bot.domain.errors import ConfigurationError

KEY_BYTES = 32
KEYS_KEPT = 2  # by a file: the newest, and the one that servers at work may still seal with
_SEALED = re.compile(r"fernet:([0-9a-f]{8}):(.+)")
_WAY_OUT = "; or let these agents set it up anew: firstline agents reset-totp EMAIL"


class Keys(Protocol):
    """Base64 of 32 random bytes each, the newest first. Raises ConfigurationError."""

    place: str

    def to_open(self) -> Sequence[str]: ...

    def to_seal(self) -> Sequence[str]:
        """At least one."""
        ...


class ListedKeys:
    """Those of the settings."""

    def __init__(self, text: str, place: str) -> None:
        self.place = place
        self._keys = _checked(text.replace(",", " ").split(), place)

    def to_open(self) -> Sequence[str]:
        return self._keys

    to_seal = to_open


class KeyFile:
    """One key a line, made when the first is needed. It is read each time, which is seldom: what
    one process writes the others know at once."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self._path = path

    def to_open(self) -> Sequence[str]:
        try:
            return _checked(self._path.read_text().split(), self.place)
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"the keys in {self.place} cannot be read: {error}") from error

    def to_seal(self) -> Sequence[str]:
        if not self._path.exists():
            self._write((new_key(),), replacing=False)
        keys = self.to_open()
        if not keys:
            raise ConfigurationError(
                f"{self.place} is empty; put its keys back from a backup, or remove it"
            )
        return keys

    def rotate(self) -> None:
        """A new key becomes the newest; the oldest goes."""
        self._write((new_key(), *self.to_open())[:KEYS_KEPT], replacing=True)

    def _write(self, keys: Sequence[str], replacing: bool) -> None:
        """Whole or not at all, for its owner alone. Of those who make the file, the first does."""
        written = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.writelines(f"{key}\n" for key in keys)
                file.flush()
                os.fsync(descriptor)
            if replacing:
                written.replace(self._path)
            else:
                _put_where_nothing_is(written, self._path)
        except OSError as error:
            raise ConfigurationError(
                f"no key can be kept in {self.place}: {error.strerror}; make the folder writable "
                "or set store.keys"
            ) from error
        finally:
            with suppress(OSError):
                written.unlink()


class FernetSeals:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, text: str) -> str:
        key = self._keys.to_seal()[0]
        return f"fernet:{key_id(key)}:{_fernet(key).encrypt(text.encode()).decode()}"

    def is_by_newest(self, text: str) -> bool:
        found = _SEALED.fullmatch(text)
        return found is not None and found[1] == key_id(self._keys.to_seal()[0])

    def open(self, text: str) -> str:
        """What is not sealed as it is; raises CodesUnreadable where its key is not there."""
        found = _SEALED.fullmatch(text)
        if found is None:
            return text
        keys = {key_id(key): key for key in self._keys.to_open()}
        if not keys:
            raise CodesUnreadable(
                f"there is no key in {self._keys.place} to read one-time codes with; put back key "
                f"{found[1]} from a backup{_WAY_OUT}"
            )
        if found[1] not in keys:
            raise CodesUnreadable(
                f"one-time codes were encrypted with key {found[1]}, but {self._keys.place} has "
                f"{', '.join(keys)}; put the former key back behind the new one{_WAY_OUT}"
            )
        try:
            return _fernet(keys[found[1]]).decrypt(found[2]).decode()
        except InvalidToken:
            raise CodesUnreadable(
                f"the secret of one-time codes is damaged in the database{_WAY_OUT}"
            ) from None


def new_key() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_id(key: str) -> str:
    """Tells keys apart and nothing about them."""
    return sha256(b64decode(key)).hexdigest()[:8]


def _checked(keys: Sequence[str], place: str) -> Sequence[str]:
    normal = [key.replace("-", "+").replace("_", "/") for key in keys]
    for number, key in enumerate(normal, 1):
        try:
            is_key = len(b64decode(key, validate=True)) == KEY_BYTES
        except (NotBase64, ValueError):
            is_key = False
        if not is_key:
            raise ConfigurationError(
                f"key {number} in {place} is not {KEY_BYTES} bytes in Base64; "
                f"make one with: openssl rand -base64 {KEY_BYTES}"
            )
    return normal


def _fernet(key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(b64decode(key)))


def _put_where_nothing_is(written: Path, path: Path) -> None:
    # Unlike renaming, a link never replaces what another process just made.
    with suppress(FileExistsError):
        os.link(written, path)
