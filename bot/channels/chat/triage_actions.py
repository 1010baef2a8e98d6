"""What agents do by the buttons of a card and by its form; only from the triage room."""

import logging
from collections.abc import Awaitable, Callable

from bot.channels.chat.agents import ChatAgent, ChatAgents
from bot.channels.chat.place import Place
from bot.channels.chat.program import Click, Program, Wall
from bot.channels.chat.ticket_sheet import (
    CLAIM,
    REOPEN,
    REPLY,
    RESOLVE,
    RESOLVES,
    RETURN,
    TEXT,
    TicketSheets,
)
from bot.channels.chat.triage_room import TriageRoom
from bot.domain.errors import BotError
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.domain.ticket import IllegalMove, Ticket, TicketEventKind, TicketState
from bot.domain.ticket_change import ConversationTaken, TicketDiffers, TicketOver
from bot.services.casework import Casework, UnknownTicket

log = logging.getLogger(__name__)

PREFIX = "ticket."
AgentName = Callable[[str], Awaitable[str | None]]
# What a button leads to: who clicks a second time finds it done.
_LEADS_TO = {
    RESOLVE: TicketState.RESOLVED,
    REOPEN: TicketState.OPEN,
    RETURN: TicketState.RETURNED,
}


class TriageRefusals:
    """Tells one agent, and nobody else, what was not done."""

    def __init__(self, wall: Wall, sheets: TicketSheets) -> None:
        self._wall = wall
        self._sheets = sheets

    async def tell(self, at: Place, user: str, why: str, **values: str) -> None:
        try:
            await self._wall.whisper(at, user, self._sheets.refusal(why, **values))
        except DeskRefused as error:  # they do not see it done either
            log.warning("an agent was not told %s: %s", why, error)


class TriageActions:
    """Raises DeskUnavailable and StoreError: then it is handled once more, which changes nothing
    that was done."""

    def __init__(
        self,
        program: Program,
        casework: Casework,
        agents: ChatAgents,
        sheets: TicketSheets,
        refusals: TriageRefusals,
        agent_name: AgentName,
        room: TriageRoom,
    ) -> None:
        self._program = program
        self._casework = casework
        self._agents = agents
        self._sheets = sheets
        self._refusals = refusals
        self._agent_name = agent_name
        self._room = room

    async def open_form(self, event: InboundEvent) -> None:
        """Where the reply is written."""
        click = self._program.reader.click(event)
        if click.at is None or not await self._room.is_around(click.at):
            return
        try:
            ticket = await self._casework.open(click.value)
        except UnknownTicket:
            return
        events = await self._casework.events(ticket.id)
        answered = any(event.kind is TicketEventKind.AGENT_REPLIED for event in events)
        draft = "" if answered else ticket.packet.draft.text
        await self._program.forms.open(click, self._sheets.reply_form(ticket, draft))

    async def handle(self, event: InboundEvent) -> None:
        """A click. That which opens a form is done by then."""
        click = self._program.reader.click(event)
        if click.action != REPLY and click.at is not None:
            await self._act(click, click.at)

    async def handle_form(self, event: InboundEvent) -> None:
        click = self._program.reader.click(event)
        if click.at is not None:
            await self._act(click, click.at)

    async def _act(self, click: Click, at: Place) -> None:
        user, ticket_id = click.user, click.value
        is_here = await self._room.is_around(at)
        agent = await self._agents.agent(at.team, user) if is_here else None
        if agent is None:
            log.warning("a click on a ticket from elsewhere: user=%s channel=%s", user, at.channel)
            await self._refusals.tell(at, user, "not_here")
            return
        try:
            await self._do(click, agent)
        except UnknownTicket:
            log.warning("a click on a ticket that is not there: %s", ticket_id)
        except TicketDiffers as found:
            name = await self._agent_name(found.ticket.assignee or "")
            ticket = found.ticket.label
            await self._refusals.tell(at, user, "taken", ticket=ticket, agent=name or "?")
        except (IllegalMove, TicketOver, ConversationTaken) as error:
            await self._refuse(error, at, click)

    async def _do(self, click: Click, agent: ChatAgent) -> Ticket:
        if click.action == REPLY:
            return await self._reply(click, agent)
        done = {
            CLAIM: self._casework.claim,
            RESOLVE: self._casework.resolve,
            REOPEN: self._casework.reopen,
            RETURN: self._casework.return_to_bot,
        }
        return await done[click.action](click.value, agent.actor)

    async def _reply(self, click: Click, agent: ChatAgent) -> Ticket:
        """What came too late stays as a note, so that it is not lost."""
        text, resolve = click.values.get(TEXT, "").strip(), bool(click.values.get(RESOLVES))
        key = f"{self._program.channel}-form:{click.key}"
        try:
            return await self._casework.reply(click.value, agent.actor, text, key, resolve=resolve)
        except (IllegalMove, TicketOver, ConversationTaken):
            await self._casework.note(click.value, agent.actor, text, key)
            raise

    async def _refuse(self, error: BotError, at: Place, click: Click) -> None:
        ticket = await self._casework.open(click.value)
        if isinstance(error, ConversationTaken):
            await self._refusals.tell(at, click.user, "elsewhere", ticket=error.ticket.label)
        elif ticket.state is not _LEADS_TO.get(click.action):
            why = "kept" if click.action == REPLY else "over"
            await self._refusals.tell(at, click.user, why, ticket=ticket.label)
