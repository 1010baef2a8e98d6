"""What people at a desk are told of what happens to a ticket, by the entry that says it."""

from bot.domain.ticket import TicketEventKind

# What is told of a ticket once it is there; the others change nothing that a desk could show.
TOLD = {
    TicketEventKind.CUSTOMER_WROTE: "wrote",
    TicketEventKind.AGENT_REPLIED: "replied",
    TicketEventKind.NOTED: "noted",
    TicketEventKind.RESOLVED: "resolved",
    TicketEventKind.REOPENED: "reopened",
    TicketEventKind.RETURNED: "returned",
    TicketEventKind.CANCELLED: "cancelled",
    TicketEventKind.MERGED: "merged",
    TicketEventKind.ABSORBED: "absorbed",
    TicketEventKind.PRIORITISED: "prioritised",
    TicketEventKind.CONTACT_LEFT: "contact_left",
    TicketEventKind.SLA_WARNED: "sla_warned",
    TicketEventKind.SLA_BREACHED: "sla_breached",
}
SPOKEN = frozenset(
    {TicketEventKind.CUSTOMER_WROTE, TicketEventKind.AGENT_REPLIED, TicketEventKind.NOTED}
)
