"""Everything Slack sends passes here: it is committed, and only then acknowledged.

Bolt reads requests and Socket Mode alike; nothing of it runs behind the one middleware, for what
it would start after the acknowledgement dies with the process.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.channels.slack import CHANNEL
from bot.channels.slack.events import Body, kind_of, read_event
from bot.channels.slack.work import Handlers
from bot.domain.conversation import now
from bot.domain.errors import BotError, StoreError
from bot.domain.inbound import Mark
from bot.ports import InboundStore

log = logging.getLogger(__name__)

REACTION_S = 2.5  # of the 3 that Slack waits


class SlackIntake:
    def __init__(
        self,
        store: InboundStore,
        handlers: Handlers,
        nudge: Callable[[], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._nudge = nudge
        self._clock = clock
        # How far places were read is known only once what was missed has been read back; until
        # then it is held.
        self.is_caught_up = False
        self._held: dict[str, Mark] = {}

    def fall_behind(self) -> None:
        """Something may have been missed."""
        self.is_caught_up = False

    async def catch_up(self) -> None:
        """Nothing is missing any more. Raises StoreError."""
        self.is_caught_up = True
        while self._held:
            _, mark = self._held.popitem()
            await self._store.mark_read(CHANNEL, mark)

    async def take(self, body: Body) -> Mapping[str, Any] | None:
        """Commit it, then do what cannot wait; what the acknowledgement says. Raises StoreError."""
        if body.get("type") == "app_rate_limited":
            log.error("Slack held back events of %s: too many an hour", body.get("team_id"))
            return None
        await self.keep(body)
        kind = kind_of(body)
        return await self._react(kind, body) if kind is not None else None

    async def keep(self, body: Body) -> bool:
        """False for what is known or is nothing of ours. Raises StoreError."""
        event = read_event(body)
        if event is None or not self._handlers.knows(event.kind):
            return False
        at = self._clock()
        mark = replace(event.mark, at=at) if event.mark is not None else None
        if mark is not None and not self.is_caught_up:
            self._hold(mark)
            mark = None
        is_new = await self._store.take_event(replace(event, received_at=at, mark=mark))
        if is_new:
            self._nudge()
        return is_new

    def _hold(self, mark: Mark) -> None:
        held = self._held.get(mark.address)
        if held is None or held.seen < mark.seen:
            self._held[mark.address] = mark

    async def _react(self, kind: str, body: Body) -> Mapping[str, Any] | None:
        try:
            async with asyncio.timeout(REACTION_S):
                return await self._handlers.react(kind, body)
        except (BotError, TimeoutError) as error:
            log.warning("no reaction to %s: %s", kind, error or type(error).__name__)
            return None


class _Commit(AsyncMiddleware):
    """The end of Bolt's way."""

    def __init__(self, intake: SlackIntake) -> None:
        self._intake = intake

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Any
    ) -> BoltResponse:
        try:
            answer = await self._intake.take(req.body)
        except StoreError:
            log.exception("not taken; Slack sends it again")
            return BoltResponse(status=500, body="")
        return BoltResponse(status=200, body=dict(answer) if answer else "")


def build_bolt(intake: SlackIntake) -> AsyncApp:
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
