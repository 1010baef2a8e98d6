"""Asking for a person without words to the bot, by the button below its answers."""

import logging
from typing import Protocol

from bot.channels.chat.program import Program, customer_id
from bot.channels.chat.sheet import Paragraph, Sheet
from bot.channels.chat.text import Words
from bot.domain.conversation import Conversation
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts
from bot.services.person_requests import PersonRequests

log = logging.getLogger(__name__)

ACT = "chat_support"


class Asked(Protocol):
    async def conversation(self, conversation_id: str) -> Conversation | None: ...


class PersonButton:
    """Its value is the conversation. Raises DeskUnavailable and StoreError; what is done again
    changes nothing."""

    def __init__(
        self, program: Program, store: Asked, requests: PersonRequests, prompts: Prompts
    ) -> None:
        self._program = program
        self._store = store
        self._requests = requests
        self._prompts = prompts

    async def handle(self, event: InboundEvent) -> None:
        click = self._program.reader.click(event)
        channel, team, user = self._program.channel, click.team, click.user
        conversation = await self._store.conversation(click.value)
        if conversation is None or conversation.channel != channel:
            log.warning("a person was asked for in a conversation that is not there")
            return
        if conversation.customer in (None, customer_id(channel, team, user)):
            await self._requests.submit(conversation)
        elif click.at is not None:
            words = Words(self._prompts, ACT, await self._program.people.locale(team, user))
            said = words.text("not_theirs")
            try:
                sheet = Sheet(said, (Paragraph(((said,),)),))
                await self._program.wall.whisper(click.at, user, sheet)
            except DeskRefused as error:
                log.info("somebody was not told whose conversation it is: %s", error)
