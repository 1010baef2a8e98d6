"""Which facts of a ticket go into which fields of a desk's own."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC

from bot.domain.ticket import Ticket


def _due(ticket: Ticket) -> str | None:
    due = ticket.first_response_due
    return due.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if due else None


def _tone(ticket: Ticket) -> str | None:
    tones = [line.tone for line in ticket.packet.transcript if line.tone]
    return tones[-1].label.value if tones else None


FACTS: Mapping[str, Callable[[Ticket], str | None]] = {
    "number": lambda ticket: ticket.label,
    "reason": lambda ticket: ticket.reason.value,
    "priority": lambda ticket: ticket.priority.value,
    "tier": lambda ticket: ticket.tier.value,
    "tone": _tone,
    "language": lambda ticket: ticket.packet.locale.value,
    "channel": lambda ticket: ticket.packet.channel,
    "page": lambda ticket: ticket.packet.page,
    "summary": lambda ticket: ticket.packet.summary,
    "customer": lambda ticket: ticket.packet.requester.customer,
    "organisation": lambda ticket: ticket.packet.requester.organisation,
    "contact": lambda ticket: ticket.contact,
    "first_response_due": _due,
}

_PAIR = re.compile(r"(?P<field>[A-Za-z0-9_.]{1,80})=(?P<fact>[a-z_]+)")

Fields = Mapping[str, str]  # the name of a fact by the desk's name of a field


def parse_fields(text: str) -> Fields:
    """`360001=tier, u_reason=reason`; raises ValueError naming what is wrong."""
    found: dict[str, str] = {}
    for part in text.replace(",", " ").split():
        pair = _PAIR.fullmatch(part)
        if pair is None or pair["fact"] not in FACTS:
            known = ", ".join(FACTS)
            raise ValueError(f"{part!r} is not written as field=fact, with a fact of {known}")
        found[pair["field"]] = pair["fact"]
    return found


def facts_for(fields: Fields, ticket: Ticket) -> dict[str, str]:
    """By the desk's names; what is not known of the ticket is left out."""
    found = {field: FACTS[fact](ticket) for field, fact in fields.items()}
    return {field: value for field, value in found.items() if value}
