"""The widget's routes: conversations, messages and search."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from bot.channels.bearer import bearer_token
from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.hand_over import HandOverView
from bot.channels.widget.shapes import (
    ContactRequest,
    ConversationRequest,
    FeedbackRequest,
    HandoffRequest,
    IdentityRequest,
    MessageRequest,
    SearchRequest,
    SurveyRequest,
    conversation_json,
    session_json,
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
from bot.domain.survey import SurveyAnswer
from bot.ports import Prompts, Retriever, Store
from bot.services.feedback import FeedbackCollector
from bot.services.person_requests import PersonRequests
from bot.services.running_turn import RunningTurn
from bot.services.searching import Searcher
from bot.services.sessions import Sessions
from bot.services.turns import TurnRunner

CHANNEL = "widget"
READERS = 10  # of one conversation at once: tabs and devices of one customer

_ID = re.compile("[0-9a-f]{32}")

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Widget:
    """What the routes work with."""

    store: Store
    turns: TurnRunner
    sessions: Sessions
    person_requests: PersonRequests
    feedback: FeedbackCollector
    retriever: Retriever
    searcher: Searcher
    hand_over: HandOverView
    prompts: Prompts
    locale: Locale  # of a greeting nobody asked a language for
    arrivals: Arrivals = field(default_factory=Arrivals)
    heartbeat_s: float = HEARTBEAT_S
    poll_s: float = 5.0  # how late an event stream may see what another process stored


def mount_widget(app: FastAPI, widget: Widget) -> None:
    app.state.widget = widget
    app.include_router(router)
    widget.turns.observe(lambda report: widget.arrivals.announce(report.conversation))
    widget.hand_over.presence.observe(widget.arrivals.announce)


async def _widget(request: Request) -> Widget:
    widget: Widget = request.app.state.widget
    return widget


WidgetOfApp = Annotated[Widget, Depends(_widget)]
Accept = Annotated[str, Header()]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]


async def _authorised(
    conversation_id: str, widget: WidgetOfApp, authorization: Annotated[str, Header()] = ""
) -> Conversation:
    """The conversation the token opens; unknown, closed and badly addressed look the same."""
    token = bearer_token(authorization) or ""
    conversation = await widget.sessions.open(conversation_id, token)
    if conversation is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return conversation


async def _authorised_message(
    message_id: str, widget: WidgetOfApp, authorization: Annotated[str, Header()] = ""
) -> Message:
    """A message of the conversation the token opens."""
    known = _ID.fullmatch(message_id) is not None
    message = await widget.store.message(message_id) if known else None
    await _authorised(message.conversation if message else "", widget, authorization)
    if message is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return message


Authorised = Annotated[Conversation, Depends(_authorised)]
AuthorisedMessage = Annotated[Message, Depends(_authorised_message)]


@router.post("/v1/conversations", status_code=201)
async def start_conversation(
    widget: WidgetOfApp, body: ConversationRequest | None = None
) -> dict[str, Any]:
    asked = body or ConversationRequest()
    draft = Conversation(CHANNEL, locale=asked.locale, timezone=asked.timezone, page=asked.page)
    session = await widget.sessions.start(draft, asked.identity)
    locale = session.conversation.locale or widget.locale
    greeting = widget.prompts.text("smalltalk", locale, "greeting")
    return {**session_json(session), "greeting": greeting}


@router.post("/v1/conversations/{conversation_id}/identify")
async def identify_customer(
    conversation: Authorised, body: IdentityRequest, widget: WidgetOfApp
) -> dict[str, Any]:
    session = await widget.sessions.identify(conversation, body.identity)
    if session is None:
        raise Problem(ProblemKind.NOT_FOUND)
    widget.arrivals.announce(conversation.id)  # who follows with the former token is let go
    return session_json(session)


@router.post("/v1/conversations/{conversation_id}/messages")
async def post_message(
    conversation: Authorised,
    body: MessageRequest,
    widget: WidgetOfApp,
    accept: Accept = "",
    last_event_id: LastEventId = None,
) -> Response:
    has_person = conversation.status.is_with_person  # who reads it without an index
    if not has_person and widget.retriever.status().snapshot is None:
        raise Problem(ProblemKind.INDEX_MISSING)
    widget.hand_over.presence.stop_typing(conversation.id, Author.CUSTOMER)
    turn = await widget.turns.submit(
        Message(
            conversation=conversation.id,
            author=Author.CUSTOMER,
            text=body.text,
            client_message_id=body.client_message_id,
        )
    )
    return await _answer(turn, widget, accept, last_event_id)


@router.post("/v1/conversations/{conversation_id}/handoff")
async def request_person(
    conversation: Authorised,
    widget: WidgetOfApp,
    body: HandoffRequest | None = None,
    accept: Accept = "",
    last_event_id: LastEventId = None,
) -> Response:
    """Needs no index: who wants a person is not kept from one for that."""
    key = body.client_message_id if body else None
    turn = await widget.person_requests.submit(conversation, key)
    return await _answer(turn, widget, accept, last_event_id)


@router.post("/v1/conversations/{conversation_id}/handoff/cancel")
async def cancel_handoff(conversation: Authorised, widget: WidgetOfApp) -> dict[str, Any]:
    """What was cancelled once stays so: asking again changes nothing."""
    await widget.hand_over.handoffs.cancel(conversation.id)
    return await _ticket(conversation, widget)


@router.post("/v1/conversations/{conversation_id}/contact")
async def leave_contact(
    conversation: Authorised, body: ContactRequest, widget: WidgetOfApp
) -> dict[str, Any]:
    kept = await widget.hand_over.handoffs.leave_contact(conversation.id, body.email)
    if kept is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return await _ticket(conversation, widget)


@router.post("/v1/conversations/{conversation_id}/typing", status_code=204)
async def show_typing(conversation: Authorised, widget: WidgetOfApp) -> None:
    """Seen by the agent who has the conversation open in this process; nothing is stored."""
    widget.hand_over.presence.type(conversation.id, Author.CUSTOMER)


@router.post("/v1/conversations/{conversation_id}/survey", status_code=204)
async def answer_survey(conversation: Authorised, body: SurveyRequest, widget: WidgetOfApp) -> None:
    answer = SurveyAnswer(body.csat, body.nps, body.comment or None)
    surveys = widget.hand_over.surveys
    if not await surveys.answer(conversation, answer, body.ticket, more=body.more):
        raise Problem(ProblemKind.SURVEY_NOT_DUE)


async def _ticket(conversation: Conversation, widget: Widget) -> dict[str, Any]:
    """The conversation's latest ticket as it is now; 404 where there never was one."""
    widget.arrivals.announce(conversation.id)
    ticket = await widget.hand_over.ticket_json(conversation.id)
    if ticket is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return ticket


async def _answer(
    turn: RunningTurn, widget: Widget, accept: str, last_event_id: str | None
) -> Response:
    widget.arrivals.announce(turn.message.conversation)
    if "text/event-stream" in accept.lower():
        return EventStream(turn_frames(turn, last_event_id), widget.heartbeat_s)
    reply = await turn.result()
    return JSONResponse(reply.as_json())


@router.post("/v1/messages/{message_id}/feedback", status_code=204)
async def give_feedback(
    message: AuthorisedMessage, body: FeedbackRequest, widget: WidgetOfApp
) -> None:
    if not await widget.feedback.collect(message, body.rating, body.comment or None):
        raise Problem(ProblemKind.NOT_FOUND)


@router.get("/v1/conversations/{conversation_id}")
async def show_conversation(conversation: Authorised, widget: WidgetOfApp) -> dict[str, Any]:
    view = widget.hand_over
    messages = await messages_json(widget.store, conversation.id, None, view.agent_name)
    return conversation_json(conversation, messages, await view.ticket_json(conversation.id))


@router.get("/v1/conversations/{conversation_id}/events")
async def follow_conversation(
    conversation: Authorised, widget: WidgetOfApp, last_event_id: LastEventId = None
) -> Response:
    if widget.arrivals.readers_of(conversation.id) >= READERS:
        raise Problem(ProblemKind.TOO_MANY_REQUESTS)
    after = last_event_id if last_event_id and _ID.fullmatch(last_event_id) else None
    frames = message_frames(
        widget.store,
        widget.arrivals,
        conversation.id,
        after,
        widget.poll_s,
        partial(widget.sessions.current, conversation),
        widget.hand_over.signs,
    )
    return EventStream(frames, widget.heartbeat_s)


@router.post("/v1/search")
async def search(body: SearchRequest, widget: WidgetOfApp) -> dict[str, Any]:
    found = await widget.searcher.search(body.query, body.k, body.locale)
    return found.as_json()
