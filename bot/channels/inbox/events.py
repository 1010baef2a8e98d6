"""What happens in the inbox, as server-sent events: `ticket` at every change, `presence` where
somebody types, comes or goes, `turn` where the bot has heard a customer, whoever has
them, or where they answered a survey."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.sse import format_sse_event
from starlette.responses import Response

from bot.channels.inbox.access import SignedIn, StaffOfApp
from bot.channels.inbox.casework_shapes import signs_json
from bot.channels.inbox.desk import EVERYBODY, Desk, DeskOfApp
from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.stream import RECONNECT_MS, EventStream, Frames, frame
from bot.domain.agent import AgentSession
from bot.domain.errors import StoreError
from bot.domain.ticket import TicketEvent

READERS = 500  # at once: all agents with all their tabs
MOST = 100  # events at once
PRESENCE, TURN = "presence", "turn"

_NUMBER = re.compile("[0-9]{1,18}")

log = logging.getLogger(__name__)
router = APIRouter(prefix="/inbox/api", include_in_schema=False)


@router.get("/events")
async def follow_inbox(
    session: SignedIn,
    staff: StaffOfApp,
    desk: DeskOfApp,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID")] = "",
) -> Response:
    if desk.arrivals.readers_of(EVERYBODY) >= READERS:
        raise Problem(ProblemKind.TOO_MANY_REQUESTS)
    known = _NUMBER.fullmatch(last_event_id)
    after = int(last_event_id) if known else await desk.store.last_event()
    frames = inbox_frames(desk, after, partial(staff.sessions.current, session))
    return EventStream(frames, desk.heartbeat_s)


async def inbox_frames(
    desk: Desk, after: int, current: Callable[[], Awaitable[AgentSession | None]]
) -> Frames:
    """From the event after the one with the sequence `after`, until `arrivals` close (the reader
    is told to reconnect) or the session is over."""
    yield frame("hello", {}, str(after))
    with desk.arrivals.watch(EVERYBODY) as arrived, _signs(desk, arrived) as seen:
        while not desk.arrivals.closed:
            arrived.clear()
            try:
                if await current() is None:
                    return
                events = await desk.store.events_after(after, MOST)
                shapes = [await _event_json(desk, event) for event in events]
            except StoreError:
                log.warning("events not read", exc_info=True)
                events, shapes = (), []
            for event, shape in zip(events, shapes, strict=True):
                after = event.sequence or after
                yield frame("ticket", shape, str(after))
            while seen:
                name, conversation = seen.pop()
                yield frame(name, _news_json(desk, name, conversation), str(after))
            if len(events) < MOST:
                with suppress(TimeoutError):
                    async with asyncio.timeout(desk.poll_s):
                        await arrived.wait()
    yield format_sse_event(retry=RECONNECT_MS)


@contextmanager
def _signs(desk: Desk, arrived: asyncio.Event) -> Iterator[set[tuple[str, str]]]:
    """What can be seen anew: the event, and the conversation."""
    seen: set[tuple[str, str]] = set()

    def observe(name: str, conversation: str) -> None:
        seen.add((name, conversation))
        arrived.set()

    with (
        desk.presence.observed_by(partial(observe, PRESENCE)),
        desk.hearsay.followed_by(partial(observe, TURN)),
    ):
        yield seen


async def _event_json(desk: Desk, event: TicketEvent) -> dict[str, Any]:
    ticket = await desk.store.ticket(event.ticket)
    return {
        "ticket": event.ticket,
        "kind": event.kind.value,
        "actor": event.actor,
        "conversation": ticket.conversation if ticket else None,
        "label": ticket.label if ticket else "",
        "assignee": ticket.assignee if ticket else None,
    }


def _news_json(desk: Desk, name: str, conversation: str) -> dict[str, Any]:
    signs = signs_json([desk.presence.signs(conversation)]) if name == PRESENCE else {}
    return {"conversation": conversation, **signs}
