"""HTTP mode: what the robot is told is posted to `/dingtalk/messages`, clicks on cards to
`/dingtalk/cards`.

DingTalk signs the time alone, not the body. What was signed before says so by its time; the same
again changes nothing, since it is kept under the same key.
"""

import hmac
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from bot.channels.chat.bodies import read_object
from bot.channels.chat.proofs import is_recent, is_same
from bot.channels.dingtalk import CARDS_PATH, MESSAGES_PATH
from bot.channels.dingtalk.events import CARD, MESSAGE
from bot.channels.problems import Problem, ProblemKind

OLDEST_S = 3600  # as DingTalk has it

router = APIRouter()


class Signatures:
    """DingTalk's, over the time (https://open.dingtalk.com/document/orgapp/receive-message)."""

    def __init__(self, client_secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = client_secret.encode()
        self._clock = clock

    @property
    def cards_secret(self) -> str:
        """What DingTalk is told to sign clicks by."""
        return hmac.new(self._secret, b"firstline cards", sha256).hexdigest()

    def of_message(self, timestamp: str) -> str:
        return _signed(self._secret, timestamp.encode() + b"\n" + self._secret)

    def of_click(self, timestamp: str) -> str:
        return _signed(self.cards_secret.encode(), timestamp.encode())

    def prove(self, timestamp: str, given: str, sign: Callable[[str], str]) -> bool:
        was_now = is_recent(timestamp, self._clock(), OLDEST_S, per_second=1000)
        return was_now and is_same(sign(timestamp), given)


@dataclass(frozen=True, slots=True)
class DingTalkInbound:
    signatures: Signatures
    # Commits a body; raises StoreError.
    take: Callable[[Mapping[str, Any]], Awaitable[Any]]


def mount_dingtalk(app: FastAPI, inbound: DingTalkInbound) -> None:
    app.state.dingtalk = inbound
    app.include_router(router)


@router.post(MESSAGES_PATH, include_in_schema=False)
async def take_message(request: Request) -> Response:
    """200 says that it is committed. The same message again changes nothing."""
    inbound: DingTalkInbound = request.app.state.dingtalk
    timestamp, sign = request.headers.get("timestamp"), request.headers.get("sign")
    data = await _proved(request, timestamp, sign, inbound.signatures.of_message)
    await inbound.take({"kind": MESSAGE, "id": "", "data": data})
    return JSONResponse({})


@router.post(CARDS_PATH, include_in_schema=False)
async def take_click(request: Request) -> Response:
    """Likewise, of a click."""
    inbound: DingTalkInbound = request.app.state.dingtalk
    timestamp = request.headers.get("x-ddpaas-signature-timestamp")
    sign = request.headers.get("x-ddpaas-signature")
    data = await _proved(request, timestamp, sign, inbound.signatures.of_click)
    await inbound.take({"kind": CARD, "id": timestamp, "data": data})
    return JSONResponse({})


async def _proved(
    request: Request, timestamp: str | None, given: str | None, sign: Callable[[str], str]
) -> Mapping[str, Any]:
    inbound: DingTalkInbound = request.app.state.dingtalk
    if not timestamp or not given or not inbound.signatures.prove(timestamp, given, sign):
        raise Problem(ProblemKind.CREDENTIALS_REFUSED)  # before anybody's body is read
    try:
        return read_object(await request.body())
    except ValueError as error:
        raise Problem(ProblemKind.INVALID_REQUEST) from error


def _signed(secret: bytes, text: bytes) -> str:
    return b64encode(hmac.new(secret, text, sha256).digest()).decode()
