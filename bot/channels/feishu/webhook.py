"""`POST /feishu/events`: events and clicks, signed and encrypted by Feishu."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from bot.channels.chat.bodies import read_object
from bot.channels.chat.proofs import is_recent, is_same
from bot.channels.feishu import PATH
from bot.channels.feishu.callbacks import Callbacks
from bot.channels.feishu.encryption import decrypt
from bot.channels.problems import Problem, ProblemKind

TIMESTAMP, NONCE, SIGNATURE = (
    f"x-lark-{name}" for name in ("request-timestamp", "request-nonce", "signature")
)
CHALLENGE = "url_verification"

router = APIRouter()


class Proofs:
    """That Feishu sent it: by the key it signs and encrypts with, and the token it repeats. One of
    the two is set."""

    def __init__(
        self, encrypt_key: str, token: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = encrypt_key
        self._token = token
        self._clock = clock

    def open(self, headers: Mapping[str, str], content: bytes) -> Mapping[str, Any]:
        """The body; names of headers in lower case. Raises ValueError for what proves nothing."""
        body = read_object(content)
        if self._key:
            sealed = body.get("encrypt")
            if not isinstance(sealed, str):
                raise ValueError("not encrypted")
            body = read_object(decrypt(self._key, sealed))
            # Which address it is, Feishu asks without a signature.
            if body.get("type") != CHALLENGE and not self._is_signed(headers, content):
                raise ValueError("not signed, or long ago")
        if self._token and not is_same(self._token, _token_of(body)):
            raise ValueError("another token")
        return body

    def _is_signed(self, headers: Mapping[str, str], content: bytes) -> bool:
        """https://open.feishu.cn/document/server-docs/event-subscription-guide"""
        timestamp = headers.get(TIMESTAMP, "")
        if not is_recent(timestamp, self._clock()):
            return False
        signed = f"{timestamp}{headers.get(NONCE, '')}{self._key}".encode() + content
        return is_same(sha256(signed).hexdigest(), headers.get(SIGNATURE, ""))


@dataclass(frozen=True, slots=True)
class FeishuInbound:
    proofs: Proofs
    callbacks: Callbacks


def mount_feishu(app: FastAPI, inbound: FeishuInbound) -> None:
    app.state.feishu = inbound
    app.include_router(router)


@router.post(PATH, include_in_schema=False)
async def take_event(request: Request) -> Response:
    """200 says that it is committed. The same event again changes nothing."""
    inbound: FeishuInbound = request.app.state.feishu
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = inbound.proofs.open(headers, await request.body())
    except ValueError as error:
        raise Problem(ProblemKind.CREDENTIALS_REFUSED) from error
    if body.get("type") == CHALLENGE:
        return JSONResponse({"challenge": str(body.get("challenge", ""))})
    return JSONResponse(dict(await inbound.callbacks.take(body)))


def _token_of(body: Mapping[str, Any]) -> str:
    header = body.get("header")
    told = header.get("token") if isinstance(header, Mapping) else body.get("token")
    return told if isinstance(told, str) else ""
