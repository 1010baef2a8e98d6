"""Rows of hand-overs to the domain's values and back."""

from typing import Any

from sqlalchemy import Row

from bot.adapters.sql_store.rows import Values
from bot.domain.customer import Tier
from bot.domain.outbox import Delivery, DeliveryState, Recipient
from bot.domain.packet import Packet
from bot.domain.reply import HandoffReason
from bot.domain.ticket import Priority, Ticket, TicketEvent, TicketEventKind, TicketState
from bot.domain.ticket_change import TicketNote
from bot.ports import Notice


def from_ticket(ticket: Ticket) -> Values:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "conversation_id": ticket.conversation,
        "escalation": ticket.escalation,
        "reason": ticket.reason,
        "packet": ticket.packet.as_json(),
        "opened_at": ticket.opened_at,
        "next_check": ticket.opened_at,
        "first_response_due": ticket.first_response_due,
        "timezone": ticket.timezone,
        "desks": list(ticket.desks),
        **_changing(ticket),
    }


def changed(before: Ticket, after: Ticket) -> Values:
    """A packet is long and hardly ever another one."""
    same_packet = after.packet is before.packet
    return _changing(after) | ({} if same_packet else {"packet": after.packet.as_json()})


def _changing(ticket: Ticket) -> Values:
    """What of a ticket can change after its opening."""
    return {
        "tier": ticket.tier,
        "priority": ticket.priority,
        "state": ticket.state,
        "assignee": ticket.assignee,
        "team": ticket.team,
        "snoozed_until": ticket.snoozed_until,
        "merged_into": ticket.merged_into,
        "contact": ticket.contact,
    }


def to_ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        number=row.number,
        conversation=row.conversation_id,
        escalation=row.escalation,
        reason=HandoffReason(row.reason),
        packet=Packet.from_json(row.packet),
        tier=Tier(row.tier),
        priority=Priority(row.priority),
        state=TicketState(row.state),
        opened_at=row.opened_at,
        first_response_due=row.first_response_due,
        assignee=row.assignee,
        team=row.team,
        snoozed_until=row.snoozed_until,
        merged_into=row.merged_into,
        contact=row.contact,
        timezone=row.timezone,
        desks=tuple(row.desks),
    )


def from_event(event: TicketEvent) -> Values:
    return {
        "ticket_id": event.ticket,
        "kind": event.kind,
        "actor": event.actor,
        "at": event.at,
        "message_id": event.message,
        "details": dict(event.details),
    }


def to_event(row: Row[Any]) -> TicketEvent:
    return TicketEvent(
        ticket=row.ticket_id,
        kind=TicketEventKind(row.kind),
        actor=row.actor,
        at=row.at,
        message=row.message_id,
        details=row.details,
        sequence=row.sequence,
    )


def from_note(note: TicketNote) -> Values:
    return {
        "id": note.id,
        "ticket_id": note.ticket,
        "author": note.author,
        "text": note.text,
        "at": note.at,
    }


def to_note(row: Row[Any]) -> TicketNote:
    return TicketNote(row.ticket_id, row.author, row.text, row.id, row.at)


def from_delivery(delivery: Delivery) -> Values:
    return {
        "key": delivery.key,
        "recipient": delivery.recipient,
        "name": delivery.name,
        "ticket_id": delivery.ticket,
        "conversation_id": delivery.conversation,
        "kind": delivery.kind,
        "message_id": delivery.message,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "state": delivery.state,
        "attempts": delivery.attempts,
    }


def to_delivery(row: Row[Any], reference: str | None = None) -> Delivery:
    return Delivery(
        key=row.key,
        recipient=Recipient(row.recipient),
        name=row.name,
        ticket=row.ticket_id,
        conversation=row.conversation_id,
        kind=TicketEventKind(row.kind) if row.kind else None,
        message=row.message_id,
        created_at=row.created_at,
        due_at=row.due_at,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        error=row.error,
        reference=row.reference or reference,
        sequence=row.sequence,
    )


def from_notice(notice: Notice) -> Values:
    return {
        "key": notice.key,
        "ticket_id": notice.ticket,
        "kind": notice.kind,
        "at": notice.at,
    }


def to_notice(row: Row[Any]) -> Notice:
    return Notice(row.key, row.ticket_id, row.kind, row.at, row.sequence)
