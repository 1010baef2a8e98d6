"""Password hashes by Argon2id (RFC 9106, its second choice: 64 MiB, three passes)."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # each takes 64 MiB and up to four cores for a moment; others wait


class Argon2Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._verify, password_hash, password)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_typed(password))

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        try:
            self._hasher.verify(password_hash or self._nobodys, _typed(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


def _typed(password: str) -> bytes:
    """One form for what keyboards and input methods write in several; lone surrogates survive."""
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")
