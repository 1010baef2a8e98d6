"""`POST /slack/events`: events, interactivity and commands, signed by Slack."""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from fastapi import APIRouter, FastAPI, Request
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.responses import Response

from bot.channels.chat.proofs import is_recent, is_same
from bot.channels.problems import Problem, ProblemKind
from bot.channels.slack import PATH

router = APIRouter()


class Signatures:
    """Slack's, over the time and the body (https://docs.slack.dev/authentication/)."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def prove(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Names of headers in lower case."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not is_recent(timestamp, self._clock()):
            return False
        signed = b"v0:" + timestamp.encode() + b":" + body
        expected = "v0=" + hmac.new(self._secret, signed, sha256).hexdigest()
        return is_same(expected, headers.get("x-slack-signature", ""))


@dataclass(frozen=True, slots=True)
class SlackInbound:
    signatures: Signatures
    bolt: AsyncApp


def mount_slack(app: FastAPI, inbound: SlackInbound) -> None:
    app.state.slack = inbound
    app.include_router(router)


@router.post(PATH, include_in_schema=False)
async def take_event(request: Request) -> Response:
    """200 says that it is committed. The same event again changes nothing."""
    inbound: SlackInbound = request.app.state.slack
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not {"x-slack-request-timestamp", "x-slack-signature"} <= headers.keys():
        raise Problem(ProblemKind.CREDENTIALS_REFUSED)  # before anybody's body is read
    body = await request.body()
    if not inbound.signatures.prove(headers, body):
        raise Problem(ProblemKind.CREDENTIALS_REFUSED)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem(ProblemKind.INVALID_REQUEST) from error
    return await AsyncSlackRequestHandler(inbound.bolt).handle(request)
