"""The widget's routes: conversations, messages, search and the demo page."""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.responses import Response

from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.shapes import (
    ConversationRequest,
    MessageRequest,
    SearchRequest,
    conversation_json,
)
from bot.channels.widget.stream import (
    HEARTBEAT_S,
    Arrivals,
    EventStream,
    message_frames,
    messages_json,
    turn_frames,
)
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.ports import Prompts, Retriever, Store
from bot.services.searching import Searcher
from bot.services.turns import TurnRunner

CHANNEL = "widget"
STATIC = Path(__file__).parent / "static"
ASSETS = frozenset(file.name for file in STATIC.iterdir())

_ID = re.compile("[0-9a-f]{32}")
_NO_DIGEST = "0" * 64

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Widget:
    """What the routes work with."""

    store: Store
    turns: TurnRunner
    retriever: Retriever
    searcher: Searcher
    prompts: Prompts
    locale: Locale  # of a greeting nobody asked a language for
    arrivals: Arrivals = field(default_factory=Arrivals)
    heartbeat_s: float = HEARTBEAT_S
    poll_s: float = 5.0  # how late an event stream may see what another process stored


def mount_widget(app: FastAPI, widget: Widget) -> None:
    app.state.widget = widget
    app.include_router(router)
    widget.turns.observe(lambda report: widget.arrivals.announce(report.conversation))


def _widget(request: Request) -> Widget:
    widget: Widget = request.app.state.widget
    return widget


WidgetOfApp = Annotated[Widget, Depends(_widget)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def _authorised(
    conversation_id: str, widget: WidgetOfApp, authorization: Annotated[str, Header()] = ""
) -> Conversation:
    """The conversation the token opens; unknown, closed and badly addressed look the same."""
    scheme, _, token = authorization.partition(" ")
    known = _ID.fullmatch(conversation_id) is not None
    conversation = await widget.store.conversation(conversation_id) if known else None
    expected = (conversation and conversation.token_digest) or _NO_DIGEST
    # Compared even where there is nothing to compare with, so that both take the same time.
    matches = hmac.compare_digest(digest(token.strip()), expected)
    if conversation is None or not matches or scheme.lower() != "bearer":
        raise Problem(ProblemKind.NOT_FOUND)
    return conversation


Authorised = Annotated[Conversation, Depends(_authorised)]


@router.post("/v1/conversations", status_code=201)
async def start_conversation(
    widget: WidgetOfApp, body: ConversationRequest | None = None
) -> dict[str, Any]:
    asked = body.locale if body else None
    token = secrets.token_urlsafe(32)
    conversation = Conversation(channel=CHANNEL, locale=asked, token_digest=digest(token))
    await widget.store.add_conversation(conversation)
    greeting = widget.prompts.text("smalltalk", asked or widget.locale, "greeting")
    return {"conversation": conversation.id, "token": token, "greeting": greeting}


@router.post("/v1/conversations/{conversation_id}/messages")
async def post_message(
    conversation: Authorised,
    body: MessageRequest,
    widget: WidgetOfApp,
    accept: Annotated[str, Header()] = "",
    last_event_id: LastEventId = None,
) -> Response:
    if widget.retriever.status().snapshot is None:
        raise Problem(ProblemKind.INDEX_MISSING)
    turn = await widget.turns.submit(
        Message(
            conversation=conversation.id,
            author=Author.CUSTOMER,
            text=body.text,
            client_message_id=body.client_message_id,
        )
    )
    widget.arrivals.announce(conversation.id)
    if "text/event-stream" in accept.lower():
        return EventStream(turn_frames(turn, last_event_id), widget.heartbeat_s)
    reply = await turn.result()
    return JSONResponse(reply.as_json())


@router.get("/v1/conversations/{conversation_id}")
async def show_conversation(conversation: Authorised, widget: WidgetOfApp) -> dict[str, Any]:
    return conversation_json(conversation, await messages_json(widget.store, conversation.id))


@router.get("/v1/conversations/{conversation_id}/events")
async def follow_conversation(
    conversation: Authorised, widget: WidgetOfApp, last_event_id: LastEventId = None
) -> Response:
    after = last_event_id if last_event_id and _ID.fullmatch(last_event_id) else None
    frames = message_frames(widget.store, widget.arrivals, conversation.id, after, widget.poll_s)
    return EventStream(frames, widget.heartbeat_s)


@router.post("/v1/search")
async def search(body: SearchRequest, widget: WidgetOfApp) -> dict[str, Any]:
    found = await widget.searcher.search(body.query, body.k, body.locale)
    return found.as_json()


@router.get("/demo", include_in_schema=False)
async def show_demo() -> Response:
    return FileResponse(STATIC / "demo.html")


@router.get("/demo/{name}", include_in_schema=False)
async def show_asset(name: str) -> Response:
    if name not in ASSETS:
        raise Problem(ProblemKind.NOT_FOUND)
    return FileResponse(STATIC / name)


@router.get("/", include_in_schema=False)
async def redirect_to_demo() -> Response:
    return RedirectResponse("demo")
