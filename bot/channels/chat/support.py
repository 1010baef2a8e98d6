"""Asking for a person without words to the bot, and taking that back, by the buttons below what it
says."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.program import Click, Program, customer_id
from bot.channels.chat.whispers import Whispers
from bot.domain.conversation import Conversation
from bot.domain.inbound import InboundEvent
from bot.domain.ticket import Ticket
from bot.ports import Prompts
from bot.services.person_requests import PersonRequests

log = logging.getLogger(__name__)

ACT = "chat_support"


class Asked(Protocol):
    async def conversation(self, conversation_id: str) -> Conversation | None: ...

    async def thread(self, channel: str, address: str) -> str | None: ...

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]: ...


class PersonButtons:
    """Their value is the conversation, and the ticket that is taken back. Raises DeskUnavailable
    and StoreError; what is done again changes nothing."""

    def __init__(
        self,
        program: Program,
        store: Asked,
        requests: PersonRequests,
        cancel: Callable[[str, str], Awaitable[Ticket | None]],
        prompts: Prompts,
    ) -> None:
        """`cancel`: takes a ticket back that a conversation asked for; None where that is over."""
        self._program = program
        self._store = store
        self._requests = requests
        self._cancel = cancel
        self._whispers = Whispers(program, prompts, ACT)

    async def ask(self, event: InboundEvent) -> None:
        click = self._program.reader.click(event)
        conversation = await self._own(click, "not_theirs")
        if conversation is None:
            return
        ticket = await self._held_by_person(conversation)
        if ticket is not None:
            await self._whispers.tell(click, "already", ticket=ticket.label)
        else:
            await self._requests.submit(conversation)

    async def cancel(self, event: InboundEvent) -> None:
        """The customer reads that it was done as all else that happens to a ticket."""
        click = self._program.reader.click(event)
        conversation = await self._own(click, "not_theirs_to_cancel")
        _, _, ticket = click.value.partition(".")
        if conversation is not None and await self._cancel(conversation.id, ticket) is None:
            await self._whispers.tell(click, "over")

    async def _held_by_person(self, former: Conversation) -> Ticket | None:
        """Where one talk follows another, the ticket of the one that is held there instead."""
        place = Place.parse(former.address) if former.address is not None else None
        if place is None or not place.is_flat or place.is_ephemeral:
            return None
        held = await self._store.thread(former.channel, place.address)
        tickets = await self._store.tickets_of(held) if held not in (None, former.id) else ()
        return next((one for one in reversed(tickets) if one.state.is_active), None)

    async def _own(self, click: Click, refusal: str) -> Conversation | None:
        """None for somebody else, who is told so."""
        channel = self._program.channel
        conversation = await self._store.conversation(click.value.partition(".")[0])
        if conversation is None or conversation.channel != channel:
            log.warning("a click in a conversation that is not there: %s", click.action)
            return None
        if conversation.customer in (None, customer_id(channel, click.team, click.user)):
            return conversation
        await self._whispers.tell(click, refusal)
        return None
