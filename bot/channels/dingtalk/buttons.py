"""What buttons of cards say about themselves, sealed: a click could bring anything else."""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

_MARK = "fl."  # begins the id of every button of ours
_MAC_BYTES = 12
_MAC_LENGTH = 16  # in Base64
# DingTalk appends which one of several buttons it is to the ids of those that data describes.
_INDEX = re.compile(r"\d{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pressed:
    action: str
    value: str
    at: str  # the address where its card stands
    post: str = ""  # of what it is about, where it stands on another card than that
    ask: tuple[str, str, str, str] | None = None  # title, text, yes, no: asked before it is done
    values: Mapping[str, str] | None = None  # of a form, filled in by it


class Seal:
    def __init__(self, secret: str) -> None:
        """`secret`: of the app."""
        self._secret = hmac.digest(secret.encode(), b"firstline buttons", "sha256")

    def id(self, pressed: Pressed) -> str:
        """Of a button."""
        packed = pack(pressed)
        return f"{_MARK}{packed}.{self._mac(packed)}"

    def open(self, id: object) -> str | None:
        """What was packed; None where it is no button of ours."""
        if not isinstance(id, str) or not id.startswith(_MARK):
            return None
        packed, _, tail = id.removeprefix(_MARK).rpartition(".")
        mac, index = tail[:_MAC_LENGTH], tail[_MAC_LENGTH:]
        is_ours = hmac.compare_digest(mac.encode(errors="replace"), self._mac(packed).encode())
        return packed if is_ours and _INDEX.fullmatch(index) else None

    def _mac(self, packed: str) -> str:
        mac = hmac.new(self._secret, packed.encode(errors="replace"), sha256).digest()
        return _base64(mac[:_MAC_BYTES])


def pack(pressed: Pressed) -> str:
    told: list[Any] = [pressed.action, pressed.value, pressed.at, pressed.post]
    if pressed.ask is not None or pressed.values is not None:
        told += [list(pressed.ask) if pressed.ask else None, dict(pressed.values or {}) or None]
    return _base64(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def unpack(packed: str) -> Pressed:
    """Raises ValueError for what was packed by another release, and cannot be read."""
    try:
        told = json.loads(urlsafe_b64decode(f"{packed}{'=' * (-len(packed) % 4)}"))
        action, value, at, post, *more = told
        ask, values = more or (None, None)
        asked = tuple(map(str, ask)) if ask else None
        filled = {str(k): str(v) for k, v in values.items()} if values else None
    except (NotBase64, ValueError, TypeError, AttributeError) as error:
        raise ValueError("a button that cannot be read") from error
    if asked is not None and len(asked) != 4:
        raise ValueError("a button that cannot be read")
    return Pressed(str(action), str(value), str(at), str(post), asked, filled)


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
