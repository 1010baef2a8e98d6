"""The end of Bolt's way: everything Slack sends is committed, and only then acknowledged.

Bolt reads requests and Socket Mode alike; nothing of it runs behind the one middleware, for what
it would start after the acknowledgement dies with the process.
"""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.channels.chat.intake import Intake
from bot.domain.errors import StoreError

log = logging.getLogger(__name__)


class _Commit(AsyncMiddleware):
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Any
    ) -> BoltResponse:
        if req.body.get("type") == "app_rate_limited":
            log.error("Slack held back events of %s: too many an hour", req.body.get("team_id"))
        try:
            answer = await self._intake.take(req.body)
        except StoreError:
            log.exception("not taken; Slack sends it again")
            return BoltResponse(status=500, body="")
        return BoltResponse(status=200, body=dict(answer) if answer else "")


def build_bolt(intake: Intake) -> AsyncApp:
    """Requests have to be proved before they come here; Socket Mode proves itself."""

    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult:
        # What comes in is kept whether or not Slack's own API answers just now.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)

    app = AsyncApp(
        name="firstline",
        authorize=authorize,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.use(_Commit(intake))
    return app
