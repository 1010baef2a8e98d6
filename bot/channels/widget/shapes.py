"""What the widget's routes take and give."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    EmailStr,
    StringConstraints,
    model_validator,
)
from pydantic import Field as Bounds

from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.feedback import Feedback, Rating
from bot.domain.reply import Reply
from bot.domain.survey import HIGHEST_CSAT, HIGHEST_NPS, LOWEST_CSAT, LOWEST_NPS
from bot.domain.text import replace_unstorable
from bot.services.sessions import Session

MAX_JSON_DEPTH = 20


def _clean(value: object) -> object:
    return replace_unstorable(value) if isinstance(value, str) else value


def _depth(value: object) -> int:
    """How many lists and objects lie inside of each other; without recursion."""
    level, depth = [value], 0
    while containers := [v for v in level if isinstance(v, list | dict)]:
        depth += 1
        level = [child for v in containers for child in (v.values() if isinstance(v, dict) else v)]
    return depth


def _stripped(max_length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=max_length)


class _Body(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def reject_deep(cls, data: object) -> object:
        if _depth(data) > MAX_JSON_DEPTH:
            raise ValueError(f"nested deeper than {MAX_JSON_DEPTH} levels")
        return data


Clean = BeforeValidator(_clean)


# Longer than any token that is believed, so that one too long is refused with its reason.
Identity = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]


_zones = cache(available_timezones)  # a walk over hundreds of files


def _known_zone(name: str) -> str | None:
    """None for a zone that only the browser has heard of: it is a courtesy, not a condition."""
    return name if name in _zones() else None


Timezone = Annotated[str, StringConstraints(max_length=100), AfterValidator(_known_zone)]


class ConversationRequest(_Body):
    locale: Locale | None = None
    identity: Identity | None = None
    timezone: Timezone | None = None
    page: Annotated[str, StringConstraints(max_length=2000), Clean] | None = None


class IdentityRequest(_Body):
    identity: Identity


ClientMessageId = Annotated[str, StringConstraints(min_length=1, max_length=128), Clean]


class MessageRequest(_Body):
    text: Annotated[str, _stripped(4000), Clean]
    client_message_id: ClientMessageId


class HandoffRequest(_Body):
    client_message_id: ClientMessageId | None = None


class ContactRequest(_Body):
    email: Annotated[EmailStr, Bounds(max_length=254)]


Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), Clean]


class FeedbackRequest(_Body):
    rating: Rating
    comment: Comment = ""


class SurveyRequest(_Body):
    """Taken once, after it was asked; nothing at all declines. With `more` the next one adds to
    it. `ticket` is the one of the event `survey`."""

    csat: Annotated[int, Bounds(ge=LOWEST_CSAT, le=HIGHEST_CSAT, strict=True)] | None = None
    nps: Annotated[int, Bounds(ge=LOWEST_NPS, le=HIGHEST_NPS, strict=True)] | None = None
    comment: Comment | None = None
    ticket: Annotated[str, StringConstraints(max_length=64)] | None = None
    more: bool = False


class SearchRequest(_Body):
    query: Annotated[str, _stripped(4000), Clean]
    k: Annotated[int, Bounds(ge=1, le=50)] = 10
    locale: Locale | None = None


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def message_json(
    message: Message, replies: Mapping[str, Reply], feedback: Mapping[str, Feedback]
) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": message.id,
        "author": message.author.value,
        "text": message.text,
        "created_at": _rfc3339(message.created_at),
    }
    if message.client_message_id is not None and message.author is Author.CUSTOMER:
        shape["client_message_id"] = message.client_message_id
    if message.id in replies:
        shape["reply"] = replies[message.id].as_json()
    if message.id in feedback:
        shape["feedback"] = feedback[message.id].rating.value
    return shape


def session_json(session: Session) -> dict[str, Any]:
    return {"conversation": session.conversation.id, "token": session.token}


def conversation_json(
    conversation: Conversation, messages: list[dict[str, Any]], ticket: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "conversation": conversation.id,
        "status": conversation.status.value,
        "messages": messages,
        "ticket": ticket,
    }
