"""One-time codes of authenticator apps: six digits, SHA-1, 30 seconds, as all of them make."""

import re
from datetime import datetime

import pyotp

from bot.adapters.fernet_seals import FernetSeals

ISSUER = "Firstline"
WINDOW = 1  # steps a phone's clock may be wrong by
_CODE = re.compile(r"[0-9]{6}")


class TotpCodes:
    def __init__(self, seals: FernetSeals) -> None:
        self._seals = seals

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def address(self, secret: str, account: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

    def seal(self, secret: str) -> str:
        return self._seals.seal(secret)

    def reseal(self, kept: str) -> str:
        opened = self._seals.open(kept)
        return kept if self._seals.is_by_newest(kept) else self._seals.seal(opened)

    def step(self, kept: str, code: str, at: datetime) -> int | None:
        code = "".join(code.split())
        if not _CODE.fullmatch(code):
            return None
        totp = pyotp.TOTP(self._seals.open(kept))
        now = totp.timecode(at)
        for step in (now, now - WINDOW, now + WINDOW):
            if totp.verify(code, for_time=step * totp.interval):
                return step
        return None
