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
from bot.domain.customer import Customer, Tier
from bot.domain.feedback import Feedback, Rating
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
        "customer_id": conversation.customer,
        "timezone": conversation.timezone,
        "page": conversation.page,
        "handed_back": conversation.handed_back,
        "address": conversation.address,
        "internal": conversation.internal,
    }


def to_conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        locale=Locale(row.locale) if row.locale else None,
        status=ConversationStatus(row.status),
        created_at=row.created_at,
        token_digest=row.token_digest,
        customer=row.customer_id,
        timezone=row.timezone,
        page=row.page,
        handed_back=row.handed_back,
        address=row.address,
        internal=row.internal,
    )


def from_customer(customer: Customer) -> Values:
    return {field.name: getattr(customer, field.name) for field in fields(customer)}


def to_customer(row: Row[Any]) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        email=row.email,
        organisation=row.organisation,
        tier=Tier(row.tier),
        locale=Locale(row.locale) if row.locale else None,
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
        "wants_human": message.wants_human,
        "agent": message.agent,
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
        wants_human=row.wants_human,
        agent=row.agent,
    )


def from_feedback(feedback: Feedback) -> Values:
    return {
        "message_id": feedback.message,
        "rating": feedback.rating,
        "comment": feedback.comment,
        "created_at": feedback.created_at,
    }


def to_feedback(row: Row[Any]) -> Feedback:
    return Feedback(row.message_id, Rating(row.rating), row.comment, row.created_at)


def to_turn(row: Row[Any]) -> Turn:
    return Turn(to_message(row), Reply.from_json(row.reply) if row.reply else None)


def from_trace(trace: TurnTrace) -> Values:
    values = {field.name: getattr(trace, field.name) for field in fields(trace)}
    return values | {"stage_ms": dict(trace.stage_ms)}
