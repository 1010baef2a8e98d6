"""Rows to the domain's values and back."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from bot.domain.conversation import (
    Author,
    Conversation,
    ConversationStatus,
    Locale,
    Message,
    Outcome,
)
from bot.domain.reply import Reply
from bot.ports import Turn, TurnTrace

Values = dict[str, Any]


def from_conversation(conversation: Conversation) -> Values:
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "locale": conversation.locale,
        "status": conversation.status,
        "created_at": conversation.created_at,
        "token_digest": conversation.token_digest,
    }


def to_conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        locale=Locale(row.locale) if row.locale else None,
        status=ConversationStatus(row.status),
        created_at=row.created_at,
        token_digest=row.token_digest,
    )


def from_message(message: Message) -> Values:
    return {
        "id": message.id,
        "conversation_id": message.conversation,
        "author": message.author,
        "text": message.text,
        "created_at": message.created_at,
        "client_message_id": message.client_message_id,
        "outcome": message.outcome,
    }


def to_message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        conversation=row.conversation_id,
        author=Author(row.author),
        text=row.text,
        created_at=row.created_at,
        client_message_id=row.client_message_id,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def to_turn(row: Row[Any]) -> Turn:
    return Turn(to_message(row), Reply.from_json(row.reply) if row.reply else None)


def from_trace(trace: TurnTrace) -> Values:
    values = {field.name: getattr(trace, field.name) for field in fields(trace)}
    return values | {"stage_ms": dict(trace.stage_ms)}
