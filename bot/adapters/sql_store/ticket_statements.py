"""Statements over tickets, their events and notes; built once, but for the queue's filters."""

from typing import Any

from sqlalchemy import Select, bindparam, func, insert, or_, select, update

from bot.adapters.sql_store.tables import conversations, customers, messages
from bot.adapters.sql_store.ticket_tables import (
    IS_ACTIVE,
    counters,
    ticket_events,
    ticket_notes,
    tickets,
)
from bot.domain.conversation import Author
from bot.domain.ticket import TicketEventKind, TicketState
from bot.domain.ticket_queue import QueueFilter

TAKE_NUMBER = (
    update(counters)
    .where(counters.c.name == "number")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)

# Whoever writes down events waits for its turn, so that their sequence is that of the commits and
# whoever reads on from one misses nothing.
LOCK_LEDGER = select(counters.c.value).where(counters.c.name == "ledger").with_for_update()

ADD_TICKET = insert(tickets)

FIND_TICKET = select(tickets).where(tickets.c.id == bindparam("ticket"))

FIND_TICKET_BY_NUMBER = select(tickets).where(tickets.c.number == bindparam("number"))

LIST_TICKETS = (
    select(tickets)
    .where(tickets.c.conversation_id == bindparam("conversation"))
    .order_by(tickets.c.escalation)
)

FIND_ACTIVE_TICKET = LIST_TICKETS.where(IS_ACTIVE)

COUNT_ESCALATIONS = select(func.coalesce(func.max(tickets.c.escalation), 0)).where(
    tickets.c.conversation_id == bindparam("conversation")
)

CHANGE_TICKET = update(tickets).where(tickets.c.id == bindparam("ticket"))

CHECK_AGAIN = update(tickets).where(IS_ACTIVE).values(next_check=tickets.c.opened_at)

# In the order of their ids, so that two who lock several never wait for each other.
LOCK_CONVERSATIONS_OF_TICKETS = (
    select(conversations.c.id, conversations.c.channel)
    .where(
        conversations.c.id.in_(
            select(tickets.c.conversation_id).where(
                or_(
                    tickets.c.id.in_(bindparam("tickets", expanding=True)),
                    tickets.c.merged_into.in_(bindparam("tickets", expanding=True)),
                )
            )
        )
    )
    .order_by(conversations.c.id)
    .with_for_update(key_share=True)
)

_others = tickets.alias("others")
_LATEST = (
    select(func.max(_others.c.escalation))
    .where(_others.c.conversation_id == tickets.c.conversation_id)
    .correlate(tickets)
    .scalar_subquery()
)
# Conversations whose last ticket goes on in this one.
LIST_FOLLOWERS = (
    select(conversations.c.id, conversations.c.channel, conversations.c.customer_id)
    .join(tickets, tickets.c.conversation_id == conversations.c.id)
    .where(tickets.c.merged_into == bindparam("ticket"), tickets.c.escalation == _LATEST)
    .order_by(conversations.c.id)
)

_target = tickets.alias("target")
# The ticket in which the conversation's last one goes on, while somebody works on it.
FIND_TARGET = (
    select(_target)
    .join(tickets, tickets.c.merged_into == _target.c.id)
    .where(
        tickets.c.conversation_id == bindparam("conversation"),
        tickets.c.escalation == _LATEST,
        _target.c.state.in_(["open", "snoozed"]),
    )
)

# What went on in a ticket that itself goes on in another one goes on there.
RETARGET = (
    update(tickets)
    .where(tickets.c.merged_into == bindparam("former"))
    .values(merged_into=bindparam("target"))
)

FIND_CUSTOMER_OF = select(conversations.c.customer_id).where(
    conversations.c.id == bindparam("conversation")
)

FIND_KNOWN_CUSTOMER = (
    select(customers)
    .join(conversations, conversations.c.customer_id == customers.c.id)
    .where(conversations.c.id == bindparam("conversation"))
)

SET_STATUS = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(status=bindparam("status_now"))
)

# The conversation's last message by then is where the bot's new topic begins.
HAND_BACK = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(
        handed_back=select(messages.c.id)
        .where(messages.c.conversation_id == conversations.c.id)
        .order_by(messages.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
)

FIND_CLIENT_MESSAGE = select(messages.c.id).where(
    messages.c.conversation_id == bindparam("conversation"),
    messages.c.client_message_id.in_(bindparam("client_messages", expanding=True)),
)

ADD_EVENT = insert(ticket_events)

LIST_EVENTS = (
    select(ticket_events)
    .where(ticket_events.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(ticket_events.c.sequence)
)

LIST_EVENTS_AFTER = (
    select(ticket_events)
    .where(ticket_events.c.sequence > bindparam("after"))
    .order_by(ticket_events.c.sequence)
    .limit(bindparam("most"))
)

_LAST_OF_TICKET = (
    select(func.max(ticket_events.c.sequence))
    .where(ticket_events.c.ticket_id == tickets.c.id)
    .correlate(tickets)
    .scalar_subquery()
)
SET_NEXT_CHECK = (
    update(tickets)
    .where(tickets.c.id == bindparam("ticket"), bindparam("seen") == _LAST_OF_TICKET)
    .values(next_check=bindparam("again_at"))
)

LAST_EVENT = select(func.coalesce(func.max(ticket_events.c.sequence), 0))

_replies = ticket_events.alias("replies")
_LAST_REPLY = (
    select(func.max(_replies.c.sequence))
    .where(
        _replies.c.ticket_id == tickets.c.id,
        _replies.c.kind == TicketEventKind.AGENT_REPLIED,
    )
    .correlate(tickets)
    .scalar_subquery()
)
LIST_RESOLVED = (
    select(
        tickets.c.id,
        tickets.c.number,
        tickets.c.conversation_id,
        tickets.c.packet["summary"].as_string().label("summary"),
        messages.c.text.label("resolution"),
    )
    .select_from(tickets)
    .join(ticket_events, ticket_events.c.sequence == _LAST_REPLY)
    .join(messages, messages.c.id == ticket_events.c.message_id)
    .where(tickets.c.state == TicketState.RESOLVED)
    .order_by(tickets.c.number.desc())
    .limit(bindparam("most"))
)

ADD_NOTE = insert(ticket_notes)

LIST_NOTES = (
    select(ticket_notes)
    .where(ticket_notes.c.ticket_id == bindparam("ticket"))
    .order_by(ticket_notes.c.sequence)
)

_written = messages.alias("written")
_LAST = (
    select(func.max(_written.c.sequence))
    .where(
        _written.c.conversation_id == tickets.c.conversation_id,
        _written.c.author.in_([Author.CUSTOMER, Author.AGENT]),
    )
    .correlate(tickets)
    .scalar_subquery()
)
_QUEUE = (
    select(
        tickets,
        messages.c.created_at.label("last_message_at"),
        conversations.c.customer_id,
        customers.c.name.label("customer_name"),
        customers.c.email.label("customer_email"),
        customers.c.organisation.label("customer_organisation"),
        customers.c.tier.label("customer_tier"),
        customers.c.locale.label("customer_locale"),
    )
    .join(conversations, conversations.c.id == tickets.c.conversation_id)
    .outerjoin(customers, customers.c.id == conversations.c.customer_id)
    .outerjoin(messages, messages.c.sequence == _LAST)
)
_LAST_AT = func.coalesce(messages.c.created_at, tickets.c.opened_at)


def queue(asked: QueueFilter) -> Select[Any]:
    found = _QUEUE.where(tickets.c.state.in_(sorted(asked.states)))
    if asked.assignee is not None:
        found = found.where(tickets.c.assignee == asked.assignee)
    if asked.unassigned:
        found = found.where(tickets.c.assignee.is_(None))
    if asked.team is not None:
        found = found.where(tickets.c.team == asked.team)
    if asked.customer is not None:
        found = found.where(conversations.c.customer_id == asked.customer)
    if asked.check_by is not None:
        found = found.where(tickets.c.next_check <= asked.check_by)
    order = _LAST_AT.asc() if asked.oldest_first else _LAST_AT.desc()
    return found.order_by(order, tickets.c.number).limit(asked.limit)
