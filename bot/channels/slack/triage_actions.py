"""What agents do by the buttons of a card and by its dialog; only from the triage channel."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.slack.agents import SlackAgent, SlackAgents
from bot.channels.slack.card import (
    CLAIM,
    REOPEN,
    REPLY,
    RESOLVE,
    RESOLVES,
    RETURN,
    TEXT,
    CardWriter,
)
from bot.channels.slack.events import place_of, user_of
from bot.channels.slack.posting import Calls
from bot.channels.slack.triage_channel import TriageChannel
from bot.domain.errors import BotError
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.domain.ticket import IllegalMove, Ticket, TicketEventKind, TicketState
from bot.domain.ticket_change import ConversationTaken, TicketDiffers, TicketOver
from bot.services.casework import Casework, UnknownTicket

log = logging.getLogger(__name__)

PREFIX = "ticket."
VIEW_KEY = "slack-view:"
AgentName = Callable[[str], Awaitable[str | None]]
# What a button leads to: who clicks a second time finds it done.
_LEADS_TO = {
    RESOLVE: TicketState.RESOLVED,
    REOPEN: TicketState.OPEN,
    RETURN: TicketState.RETURNED,
}


class TriageRefusals:
    """Tells one agent, and nobody else, what was not done."""

    def __init__(self, calls: Calls, card: CardWriter) -> None:
        self._calls = calls
        self._card = card

    async def tell(self, at: Place, user: str, why: str, **values: str) -> None:
        thread = {"thread_ts": at.thread} if at.thread else {}
        try:
            await self._calls.call(
                at.team,
                "chat.postEphemeral",
                channel=at.channel,
                user=user,
                text=self._card.refusal(why, **values),
                **thread,
            )
        except DeskRefused as error:  # they do not see it done either
            log.warning("an agent was not told %s: %s", why, error)


class TriageActions:
    """Raises DeskUnavailable and StoreError: then it is handled once more, which changes nothing
    that was done."""

    def __init__(
        self,
        calls: Calls,
        casework: Casework,
        agents: SlackAgents,
        card: CardWriter,
        refusals: TriageRefusals,
        agent_name: AgentName,
        channel: TriageChannel,
    ) -> None:
        self._calls = calls
        self._casework = casework
        self._agents = agents
        self._card = card
        self._refusals = refusals
        self._agent_name = agent_name
        self._channel = channel

    async def open_dialog(self, body: Mapping[str, Any]) -> None:
        """Where the reply is written; what opens it is good for three seconds."""
        at = place_of(body)
        if at is None or not await self._channel.is_around(at):
            return
        try:
            ticket = await self._casework.open(str(body["actions"][0]["value"]))
        except UnknownTicket:
            return
        events = await self._casework.events(ticket.id)
        answered = any(event.kind is TicketEventKind.AGENT_REPLIED for event in events)
        draft = "" if answered else ticket.packet.draft.text
        metadata = json.dumps({"ticket": ticket.id, "at": at.address})
        await self._calls.call(
            at.team,
            "views.open",
            trigger_id=body["trigger_id"],
            view=self._card.reply_dialog(ticket, metadata, draft),
        )

    async def handle(self, event: InboundEvent) -> None:
        """A click. That which opens a dialog is done by then."""
        body = event.body
        action = str(body["actions"][0]["action_id"])
        if action == REPLY:
            return
        at = place_of(body)
        if at is not None:
            await self._act(body, at, str(body["actions"][0]["value"]), action)

    async def handle_dialog(self, event: InboundEvent) -> None:
        view = event.body["view"]
        told = json.loads(view["private_metadata"])
        await self._act(event.body, Place.parse(told["at"]), told["ticket"], REPLY)

    async def _act(self, body: Mapping[str, Any], at: Place, ticket_id: str, action: str) -> None:
        user = user_of(body)
        is_here = await self._channel.is_around(at)
        agent = await self._agents.agent(at.team, user) if is_here else None
        if agent is None:
            log.warning("a click on a ticket from elsewhere: user=%s channel=%s", user, at.channel)
            await self._refusals.tell(at, user, "not_here")
            return
        try:
            await self._do(action, ticket_id, agent, body)
        except UnknownTicket:
            log.warning("a click on a ticket that is not there: %s", ticket_id)
        except TicketDiffers as found:
            name = await self._agent_name(found.ticket.assignee or "")
            ticket = found.ticket.label
            await self._refusals.tell(at, user, "taken", ticket=ticket, agent=name or "?")
        except (IllegalMove, TicketOver, ConversationTaken) as error:
            await self._refuse(error, at, user, ticket_id, action)

    async def _do(
        self, action: str, ticket_id: str, agent: SlackAgent, body: Mapping[str, Any]
    ) -> Ticket:
        if action == REPLY:
            return await self._reply(ticket_id, agent, body["view"])
        done = {
            CLAIM: self._casework.claim,
            RESOLVE: self._casework.resolve,
            REOPEN: self._casework.reopen,
            RETURN: self._casework.return_to_bot,
        }
        return await done[action](ticket_id, agent.actor)

    async def _reply(self, ticket_id: str, agent: SlackAgent, view: Mapping[str, Any]) -> Ticket:
        """What came too late stays as a note, so that it is not lost."""
        given = view["state"]["values"]
        text = str(given[TEXT][TEXT].get("value") or "").strip()
        resolve = bool(given[RESOLVES][RESOLVES].get("selected_options"))
        key = f"{VIEW_KEY}{view['id']}"
        try:
            return await self._casework.reply(ticket_id, agent.actor, text, key, resolve=resolve)
        except (IllegalMove, TicketOver, ConversationTaken):
            await self._casework.note(ticket_id, agent.actor, text, key)
            raise

    async def _refuse(
        self, error: BotError, at: Place, user: str, ticket_id: str, action: str
    ) -> None:
        ticket = await self._casework.open(ticket_id)
        if isinstance(error, ConversationTaken):
            await self._refusals.tell(at, user, "elsewhere", ticket=error.ticket.label)
        elif ticket.state is not _LEADS_TO.get(action):
            why = "kept" if action == REPLY else "over"
            await self._refusals.tell(at, user, why, ticket=ticket.label)
