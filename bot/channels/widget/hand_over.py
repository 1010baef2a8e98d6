"""What a customer sees once a person has the conversation: the ticket, and signs of life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.widget.stream import AgentName, Arrivals, Signs
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.ticket import TicketEventKind, TicketState
from bot.services.handoff import Handoffs, rfc3339
from bot.services.presence import Presence
from bot.services.surveys import Surveys

# What the page takes for granted before it is told otherwise.
QUIET: Mapping[str, Mapping[str, Any]] = {
    "typing": {"author": "agent", "name": None, "active": False},
    "presence": {"name": None},
}


@dataclass(frozen=True, slots=True)
class HandOverView:
    handoffs: Handoffs
    presence: Presence
    surveys: Surveys
    agent_name: AgentName

    async def ticket_json(self, conversation: str) -> dict[str, Any] | None:
        """The conversation's latest ticket; None where there never was one."""
        ticket = await self.handoffs.latest(conversation)
        if ticket is None:
            return None
        events = await self.handoffs.events(ticket.id)
        ticket = self.handoffs.as_due_now(ticket, events)
        due = ticket.first_response_due
        name = await self.agent_name(ticket.assignee) if ticket.assignee else None
        kinds = {event.kind for event in events}
        return {
            "ticket": ticket.id,
            "number": ticket.label,
            "state": ticket.state.value,
            "first_response_due": rfc3339(due) if due else None,
            "due_in_words": await self.handoffs.promised(ticket) or None,
            "assignee_name": name,
            "contact": ticket.contact,
            "answered": TicketEventKind.AGENT_REPLIED in kinds,
        }

    @property
    def signs(self) -> Signs:
        return Signs(self._look, QUIET, self.agent_name)

    async def _look(self, conversation: str) -> dict[str, Mapping[str, Any]]:
        """The events of this moment, by name."""
        seen = self.presence.signs(conversation)
        names = [await self.agent_name(agent) for agent in sorted(seen.agents)]
        name = next(filter(None, names), None)
        is_typing = Author.AGENT in seen.typing
        found: dict[str, Mapping[str, Any]] = {
            "typing": {**QUIET["typing"], "name": name, "active": True}
            if is_typing
            else QUIET["typing"],
            "presence": {"name": name},
        }
        ticket = await self.ticket_json(conversation)
        if ticket is None:
            return found
        return {"ticket": ticket, **found, **await self._survey(conversation, ticket)}

    async def _survey(
        self, conversation: str, ticket: Mapping[str, Any]
    ) -> dict[str, Mapping[str, Any]]:
        """Nothing where nothing is asked."""
        if ticket["state"] != TicketState.RESOLVED:
            return {}
        asked = await self.surveys.ask(conversation)
        return {"survey": {"ticket": asked.id, "number": asked.label}} if asked else {}


class WidgetCourier:
    """Whoever follows the conversation in this process reads on; the others look themselves."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        self._arrivals.announce(message.conversation)
