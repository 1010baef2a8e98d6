"""What agents type below a card: words of whoever has the ticket go to the customer, all else is a
note, so that nobody's talk among colleagues reaches a customer."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.slack.agents import SlackAgent, SlackAgents
from bot.channels.slack.events import WRITTEN
from bot.channels.slack.posting import Calls, Poster, facts_of
from bot.channels.slack.reading import plain_text
from bot.channels.slack.triage import TICKET, TYPED, card_at, note_key
from bot.channels.slack.triage_actions import TriageRefusals
from bot.channels.slack.triage_channel import TriageChannel
from bot.domain.ticket import IllegalMove, Ticket
from bot.domain.ticket_change import ConversationTaken, TicketOver
from bot.services.casework import Casework, UnknownTicket, note_id

log = logging.getLogger(__name__)

LONGEST_TEXT = 4000  # characters, as in the inbox

_MENTION = re.compile(r"\s*<@")
_NOTE = re.compile(r"\s*(?://|／／)\s*")


class TriageThread:
    """Raises DeskUnavailable and StoreError: then it is taken once more, which changes nothing that
    was done."""

    def __init__(
        self,
        calls: Calls,
        casework: Casework,
        poster: Poster,
        agents: SlackAgents,
        refusals: TriageRefusals,
        channel: TriageChannel,
    ) -> None:
        self._calls = calls
        self._casework = casework
        self._poster = poster
        self._agents = agents
        self._refusals = refusals
        self._channel = channel

    async def take(self, team: str, message: Mapping[str, Any]) -> bool:
        """A message event of Slack; False for one that stands below no card."""
        thread = message.get("thread_ts")
        at = Place(team, str(message.get("channel")), thread)
        if thread is None or thread == message.get("ts"):
            return False
        if message.get("subtype") not in WRITTEN or not await self._channel.is_around(at):
            return False
        ticket = await self._ticket(at)
        if ticket is None:
            return False
        user = str(message.get("user") or "")
        agent = await self._agents.agent(team, user) if user else None
        if agent is None:
            log.warning("words of nobody who is an agent: ticket=%s user=%s", ticket.label, user)
            return True
        await self._write(ticket, agent, at, message)
        return True

    async def _ticket(self, at: Place) -> Ticket | None:
        """Of the card at the top of the thread, which may not be written down here yet."""
        post = await self._poster.made(card_at(at))
        ticket_id = post.reference if post is not None else await self._named(at)
        try:
            return await self._casework.open(ticket_id) if ticket_id else None
        except UnknownTicket:
            return None

    async def _named(self, at: Place) -> str:
        page = await self._calls.call(
            at.team,
            "conversations.replies",
            channel=at.channel,
            ts=at.thread,
            limit=1,
            include_all_metadata=True,
        )
        tops = [one for one in page.get("messages", ()) if one.get("ts") == at.thread]
        return str(facts_of(tops[0]).get(TICKET, "")) if tops else ""

    async def _write(
        self, ticket: Ticket, agent: SlackAgent, at: Place, message: Mapping[str, Any]
    ) -> None:
        raw = str(message.get("text") or "")
        has_files = bool(message.get("files"))
        is_theirs = ticket.assignee == agent.actor
        is_note = not is_theirs or bool(_NOTE.match(raw) or _MENTION.match(raw))
        text = plain_text(_NOTE.sub("", raw, count=1) if _NOTE.match(raw) else raw).strip()
        key = f"{TYPED}{Place(at.team, at.channel, str(message['ts'])).address}"
        if is_note:
            if text:
                await self._note(ticket, agent, at, text, key)
            return
        if not text:
            await self._refusals.tell(at, agent.user, "no_words")
            return
        if len(text) > LONGEST_TEXT:
            await self._note(ticket, agent, at, text, key)
            await self._refusals.tell(at, agent.user, "too_long", most=str(LONGEST_TEXT))
            return
        try:
            await self._casework.reply(ticket.id, agent.actor, text, key)
        except (IllegalMove, TicketOver, ConversationTaken) as error:
            log.info("words below a card are kept as a note: %s: %s", ticket.label, error)
            await self._note(ticket, agent, at, text, key)
            await self._refusals.tell(at, agent.user, "kept", ticket=ticket.label)
            return
        if has_files:
            await self._refusals.tell(at, agent.user, "files")

    async def _note(
        self, ticket: Ticket, agent: SlackAgent, at: Place, text: str, key: str
    ) -> None:
        """Written down as one that stands here first, or it would be told here."""
        known = note_key(note_id(ticket.id, agent.actor, key))
        await self._poster.note(known, ticket.conversation, at, key)
        await self._casework.note(ticket.id, agent.actor, text, key)
