"""`POST /slack/events`: events, interactivity and commands, signed by Slack."""

import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
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
        # As text it would be read by Bolt, to whom a command that speaks of a "payload" is empty.
        asked = AsyncBoltRequest(body=json.dumps(read_body(body)))
    except Exception as error:
        # The edge of reading: Bolt reads more of it than is needed, and none of that with care.
        raise Problem(ProblemKind.INVALID_REQUEST) from error
    return to_starlette_response(await inbound.bolt.async_dispatch(asked))


def read_body(content: bytes) -> Mapping[str, Any]:
    """An event is JSON; a command is a form, and of what else is done a form has the JSON. Raises
    ValueError, RecursionError."""
    text = content.decode()
    if text.startswith(("{", "[")):
        body = json.loads(text)
    else:
        form = dict(parse_qsl(text, keep_blank_values=True))
        body = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict) or not isinstance(body.get("event", {}), dict):
        raise ValueError("no body of Slack's")
    return body
