"""Every statement of the store. They are built once: building one costs more than running it."""

from collections.abc import Mapping

from sqlalchemy import Insert, Table, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.tables import (
    conversations,
    customers,
    feedback,
    messages,
    turns,
    write_probe,
)

ADD_CONVERSATION = insert(conversations)

FIND_CONVERSATION = select(conversations).where(conversations.c.id == bindparam("conversation"))


def saving(table: Table) -> Mapping[str, Insert]:
    """Insert, or replace the row with the same key; by dialect, for only these two know how."""
    return {
        "sqlite": _or_replace(table, sqlite.insert(table)),
        "postgresql": _or_replace(table, postgresql.insert(table)),
    }


def adding(table: Table) -> Mapping[str, Insert]:
    """Insert, unless there is a row with the same key; by dialect likewise."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }


def _or_replace(table: Table, insertion: sqlite.Insert | postgresql.Insert) -> Insert:
    latest = {
        column.name: insertion.excluded[column.name] for column in table.c if not column.primary_key
    }
    return insertion.on_conflict_do_update(index_elements=list(table.primary_key), set_=latest)


SAVE_CUSTOMER = saving(customers)

FIND_CUSTOMER = select(customers).where(customers.c.id == bindparam("customer"))

# Whoever waited for the lock sees what the faster one made of the row, and finds nothing.
LOCK_IDENTIFIABLE = (
    select(conversations.c.id, conversations.c.channel)
    .where(
        conversations.c.id == bindparam("conversation"),
        conversations.c.token_digest == bindparam("former_digest"),
        or_(
            conversations.c.customer_id.is_(None),
            conversations.c.customer_id == bindparam("customer"),
        ),
    )
    .with_for_update()
)

IDENTIFY_CONVERSATION = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(customer_id=bindparam("customer"), token_digest=bindparam("new_digest"))
)

# Until the commit nobody else adds to the conversation, so numbers grow as commits do and whoever
# reads on from a message misses nothing. SQLite has locked the whole file by then.
LOCK_CONVERSATION = (
    select(conversations.c.id, conversations.c.status, conversations.c.channel)
    .where(conversations.c.id == bindparam("conversation"))
    .with_for_update(key_share=True)
)

ADD_MESSAGE = insert(messages)

LIST_MESSAGES = (
    select(messages)
    .where(messages.c.conversation_id == bindparam("conversation"))
    .order_by(messages.c.sequence)
)

_PLACE = (
    select(messages.c.sequence)
    .where(
        messages.c.id == bindparam("after"),
        messages.c.conversation_id == bindparam("conversation"),
    )
    .scalar_subquery()
)
LIST_MESSAGES_AFTER = LIST_MESSAGES.where(messages.c.sequence > func.coalesce(_PLACE, 0))

LIST_REPLIES = (
    select(messages.c.id, turns.c.reply)
    .join(turns, turns.c.message_id == messages.c.reply_to)
    .where(messages.c.id.in_(bindparam("messages", expanding=True)))
)

FIND_MESSAGE = select(messages).where(messages.c.id == bindparam("message"))

SAVE_FEEDBACK = saving(feedback)

LIST_FEEDBACK = select(feedback).where(
    feedback.c.message_id.in_(bindparam("messages", expanding=True))
)

ADD_TURN = insert(turns)

_TURNS = select(messages, turns.c.reply).join(turns, turns.c.message_id == messages.c.id)

FIND_TURN = _TURNS.where(messages.c.id == bindparam("message"))

FIND_TURN_BY_CLIENT_ID = _TURNS.where(
    messages.c.conversation_id == bindparam("conversation"),
    messages.c.client_message_id == bindparam("client_message"),
)

_IS_UNFINISHED = turns.c.finished_at.is_(None)
_IS_UNLEASED = or_(turns.c.lease_until.is_(None), turns.c.lease_until <= bindparam("at"))

LIST_UNFINISHED = _TURNS.where(_IS_UNFINISHED, _IS_UNLEASED).order_by(messages.c.sequence)

CLAIM_TURN = (
    update(turns)
    .where(
        turns.c.message_id == bindparam("message"),
        _IS_UNFINISHED,
        or_(turns.c.worker == bindparam("claimant"), _IS_UNLEASED),
    )
    .values(worker=bindparam("claimant"), lease_until=bindparam("until"))
)

FINISH_TURN = update(turns).where(
    turns.c.message_id == bindparam("message"),
    turns.c.worker == bindparam("claimant"),
    _IS_UNFINISHED,
)

LOCK_CONVERSATION_OF_TURN = (
    select(conversations.c.id, conversations.c.status, conversations.c.channel)
    .join(messages, messages.c.conversation_id == conversations.c.id)
    .where(messages.c.id == bindparam("message"))
    .with_for_update(key_share=True, of=conversations)
)

TOUCH = update(write_probe)
