"""What the store does with tickets: each function is the work of one transaction, or a part of it.

Locks are taken in one order everywhere: a conversation's, then the ledger's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.adapters.sql_store import outbox_statements, rows, statements, ticket_rows
from bot.adapters.sql_store import ticket_statements as sql
from bot.domain.conversation import Message
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.outbox import Delivery, channel_delivery, desk_deliveries
from bot.domain.ticket import Move, Ticket, TicketEvent
from bot.domain.ticket_change import (
    ConversationTaken,
    MergeRefused,
    TicketChange,
    TicketNote,
    TicketOver,
    changed,
    customer_wrote,
    happened_before,
    identified,
    may_share,
    passed_on,
)
from bot.ports import Escalation


def take_number(connection: Connection) -> int:
    number: int = connection.execute(sql.TAKE_NUMBER).scalar_one()
    return number


def find_ticket(connection: Connection, ticket_id: str) -> Ticket | None:
    row = connection.execute(sql.FIND_TICKET, {"ticket": ticket_id}).first()
    return ticket_rows.to_ticket(row) if row else None


def find_ticket_by_number(connection: Connection, number: int) -> Ticket | None:
    row = connection.execute(sql.FIND_TICKET_BY_NUMBER, {"number": number}).first()
    return ticket_rows.to_ticket(row) if row else None


def list_tickets(connection: Connection, conversation_id: str) -> Sequence[Ticket]:
    found = connection.execute(sql.LIST_TICKETS, {"conversation": conversation_id})
    return [ticket_rows.to_ticket(row) for row in found]


def list_absorbed(connection: Connection, ticket_id: str) -> Sequence[Ticket]:
    found = connection.execute(sql.LIST_ABSORBED, {"ticket": ticket_id})
    return [ticket_rows.to_ticket(row) for row in found]


def list_events(connection: Connection, ticket_ids: Sequence[str]) -> Sequence[TicketEvent]:
    found = connection.execute(sql.LIST_EVENTS, {"tickets": list(ticket_ids)})
    return [ticket_rows.to_event(row) for row in found]


def list_events_after(connection: Connection, sequence: int, limit: int) -> Sequence[TicketEvent]:
    found = connection.execute(sql.LIST_EVENTS_AFTER, {"after": sequence, "most": limit})
    return [ticket_rows.to_event(row) for row in found]


def last_event(connection: Connection) -> int:
    return int(connection.execute(sql.LAST_EVENT).scalar_one())


def list_notes(connection: Connection, ticket_id: str) -> Sequence[TicketNote]:
    found = connection.execute(sql.LIST_NOTES, {"ticket": ticket_id})
    return [ticket_rows.to_note(row) for row in found]


def active_ticket(connection: Connection, conversation_id: str) -> Ticket | None:
    row = connection.execute(sql.FIND_ACTIVE_TICKET, {"conversation": conversation_id}).first()
    return ticket_rows.to_ticket(row) if row else None


def open_ticket(connection: Connection, escalation: Escalation) -> Ticket:
    values = {"conversation": escalation.ticket.conversation}
    row = connection.execute(statements.LOCK_CONVERSATION, values).first()
    if row is None:
        raise StoreError(f"there is no conversation {escalation.ticket.conversation}")
    active = active_ticket(connection, escalation.ticket.conversation)
    if active is not None:
        return active
    if is_known(connection, escalation):
        raise StoreError("another ticket was opened and closed meanwhile; try again")
    escalate(connection, escalation, row.channel)
    return escalation.ticket


def is_known(connection: Connection, escalation: Escalation) -> bool:
    """Whether the conversation has had this escalation; its lock is held."""
    values = {"conversation": escalation.ticket.conversation}
    latest: int = connection.execute(sql.COUNT_ESCALATIONS, values).scalar_one()
    return escalation.ticket.escalation <= latest


def escalate(connection: Connection, escalation: Escalation, channel: str) -> None:
    """Everything that an escalation is; the conversation's lock is held."""
    ticket = escalation.ticket
    _lock_ledger(connection)
    connection.execute(sql.ADD_TICKET, ticket_rows.from_ticket(ticket))
    _add_messages(connection, ticket, [escalation.notice], channel)
    _add_events(connection, ticket, [escalation.opened])
    _set_status(connection, ticket, ticket.conversation)
    _catch_up(connection, ticket, channel)


def _catch_up(connection: Connection, ticket: Ticket, channel: str) -> None:
    """With a customer who proved to be one while the ticket was being made."""
    row = connection.execute(sql.FIND_KNOWN_CUSTOMER, {"conversation": ticket.conversation}).first()
    if row is not None and row.id != ticket.packet.requester.customer:
        customer = rows.to_customer(row)
        know_customer(connection, ticket.conversation, customer, channel, ticket.opened_at)


def know_customer(
    connection: Connection, conversation_id: str, customer: Customer, channel: str, at: datetime
) -> None:
    """The active ticket follows with who its customer is; the conversation's lock is held."""
    ticket = active_ticket(connection, conversation_id)
    change = identified(ticket, customer, at) if ticket else None
    if ticket is not None and change is not None:
        _lock_ledger(connection)
        _apply(connection, ticket, change, channel)


def check_again(connection: Connection) -> None:
    connection.execute(sql.CHECK_AGAIN)


def set_next_check(
    connection: Connection, ticket_id: str, sequence: int, again_at: datetime | None
) -> None:
    _lock_ledger(connection)  # or an event that is being committed could go unseen
    values = {"ticket": ticket_id, "seen": sequence, "again_at": again_at}
    connection.execute(sql.SET_NEXT_CHECK, values)


def hear_customer(
    connection: Connection, message: Message, channel: str, *, closes: bool = False
) -> None:
    """The active ticket learns of the message, once; the conversation's lock is held."""
    ticket = active_ticket(connection, message.conversation)
    if ticket is None:
        ticket = _target(connection, message.conversation)
    if ticket is not None:
        _lock_ledger(connection)
        _apply(connection, ticket, customer_wrote(ticket, message, closes=closes), channel)


def apply_changes(connection: Connection, changes: Sequence[TicketChange]) -> Ticket:
    """The first one's ticket afterwards."""
    wanted = {"tickets": [change.ticket for change in changes]}
    locked = connection.execute(sql.LOCK_CONVERSATIONS_OF_TICKETS, wanted).all()
    channels = {row.id: row.channel for row in locked}
    _lock_ledger(connection)
    after = []
    for change in changes:
        ticket = find_ticket(connection, change.ticket)
        if ticket is None:
            raise StoreError(f"there is no ticket {change.ticket}")
        after.append(_apply(connection, ticket, change, channels[ticket.conversation]))
    return after[0]


def _apply(connection: Connection, ticket: Ticket, change: TicketChange, channel: str) -> Ticket:
    if _is_repeated(connection, ticket, change):
        return ticket
    after = changed(ticket, change)
    followers = connection.execute(sql.LIST_FOLLOWERS, {"ticket": ticket.id}).all()
    if after.state.is_active and not ticket.state.is_active:
        active = active_ticket(connection, ticket.conversation)
        if active is not None:
            raise ConversationTaken(active)
    values = ticket_rows.changed(ticket, after) | {"next_check": change.events[0].at}
    connection.execute(sql.CHANGE_TICKET, {"ticket": ticket.id, **values})
    if change.move is Move.MERGE:
        _merge(connection, after)
    _add_messages(connection, after, change.messages, channel)
    customer = _customer_of(connection, ticket)
    for follower in followers:
        if may_share(customer, follower.customer_id):
            said = passed_on(change, follower.id)
            _add_messages(connection, after, said, follower.channel)
    if change.note is not None:
        connection.execute(sql.ADD_NOTE, ticket_rows.from_note(change.note))
    _add_events(connection, after, change.events)
    if after.state is not ticket.state:
        for conversation in (ticket.conversation, *(follower.id for follower in followers)):
            _set_status(connection, after, conversation)
            if not after.state.is_active:
                connection.execute(sql.HAND_BACK, {"conversation": conversation})
    return after


def _merge(connection: Connection, ticket: Ticket) -> None:
    """Raises TicketOver, so that no ticket ever goes on in itself, and MergeRefused."""
    target = find_ticket(connection, ticket.merged_into or "")
    if target is None:
        raise StoreError(f"there is no ticket {ticket.merged_into}")
    if not target.state.is_active:
        raise TicketOver(target)
    if not may_share(_customer_of(connection, ticket), _customer_of(connection, target)):
        raise MergeRefused(target)
    connection.execute(sql.RETARGET, {"former": ticket.id, "target": target.id})


def _target(connection: Connection, conversation_id: str) -> Ticket | None:
    row = connection.execute(sql.FIND_TARGET, {"conversation": conversation_id}).first()
    return ticket_rows.to_ticket(row) if row else None


def _customer_of(connection: Connection, ticket: Ticket) -> str | None:
    values = {"conversation": ticket.conversation}
    customer: str | None = connection.execute(sql.FIND_CUSTOMER_OF, values).scalar_one()
    return customer


def _is_repeated(connection: Connection, ticket: Ticket, change: TicketChange) -> bool:
    if change.once and happened_before(change, list_events(connection, [ticket.id])):
        return True
    keys = [m.client_message_id for m in change.messages if m.client_message_id is not None]
    if not keys:
        return False
    values = {"conversation": ticket.conversation, "client_messages": keys}
    return connection.execute(sql.FIND_CLIENT_MESSAGE, values).first() is not None


def _lock_ledger(connection: Connection) -> None:
    connection.execute(sql.LOCK_LEDGER).scalar_one()


def _set_status(connection: Connection, ticket: Ticket, conversation_id: str) -> None:
    """Where the ticket goes on in another one, that one's person has the conversation."""
    goes_on = find_ticket(connection, ticket.merged_into) if ticket.merged_into else None
    status = (goes_on or ticket).state.conversation_status
    values = {"conversation": conversation_id, "status_now": status}
    connection.execute(sql.SET_STATUS, values)


def _add_messages(
    connection: Connection, ticket: Ticket, messages: Iterable[Message], channel: str
) -> None:
    for message in messages:
        connection.execute(statements.ADD_MESSAGE, rows.from_message(message))
        add_delivery(connection, channel_delivery(ticket, channel, message))


def _add_events(connection: Connection, ticket: Ticket, events: Iterable[TicketEvent]) -> None:
    for event in events:
        added = connection.execute(sql.ADD_EVENT, ticket_rows.from_event(event))
        (sequence,) = added.inserted_primary_key or ("",)
        for delivery in desk_deliveries(ticket, event, str(sequence)):
            add_delivery(connection, delivery)


def add_delivery(connection: Connection, delivery: Delivery) -> None:
    connection.execute(outbox_statements.ADD_DELIVERY, ticket_rows.from_delivery(delivery))
