"""Asking for a person without words to the bot, and taking that back, by the buttons below what it
says."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

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
        if conversation is not None:
            await self._requests.submit(conversation)

    async def cancel(self, event: InboundEvent) -> None:
        """The customer reads that it was done as all else that happens to a ticket."""
        click = self._program.reader.click(event)
        conversation = await self._own(click, "not_theirs_to_cancel")
        _, _, ticket = click.value.partition(".")
        if conversation is not None and await self._cancel(conversation.id, ticket) is None:
            await self._whispers.tell(click, "over")

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
