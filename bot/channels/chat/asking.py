"""What is asked by a button: the choices below an answer."""

import logging
from collections.abc import Collection
from hashlib import sha256

from bot.channels.chat.answered import CLICKED
from bot.channels.chat.answers import ACT
from bot.channels.chat.audience import hold_to_channel
from bot.channels.chat.listening import LONGEST_TEXT
from bot.channels.chat.place import Place
from bot.channels.chat.presenter import Presenter
from bot.channels.chat.program import Click, Program, customer_id
from bot.channels.chat.unseen import Unseen
from bot.channels.chat.whispers import Whispers
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Storage
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)


class Asking:
    def __init__(
        self,
        program: Program,
        store: Storage,
        turns: TurnRunner,
        presenter: Presenter,
        prompts: Prompts,
        internal_channels: Collection[str],
        unseen: Unseen | None = None,
    ) -> None:
        self._reader = program.reader
        self._store = store
        self._turns = turns
        self._presenter = presenter
        self._whispers = Whispers(program, prompts, ACT)
        self._internal = frozenset(internal_channels)
        self._unseen = unseen

    async def choose(self, event: InboundEvent) -> None:
        """Ask what a button says."""
        click = self._reader.click(event)
        conversation_id, _, text = click.value.partition(".")
        conversation = await self._store.conversation(conversation_id)
        if conversation is None or conversation.address is None or not text:
            log.warning("a choice of a conversation that is gone: event=%s", event.key)
            return
        place = Place.parse(conversation.address)
        if not self._may_choose(click, conversation, place):
            await self._whispers.tell(click, "not_their_choice")
            return
        channel = click.at.channel if click.at is not None else place.channel
        await hold_to_channel(self._store, conversation, channel, self._internal)
        if place.is_ephemeral and self._unseen is not None:
            await self._unseen.clicked(conversation, event)
        elif place.is_flat:
            await self._go_on(conversation, place)
        message = Message(
            conversation_id,
            Author.CUSTOMER,
            text[:LONGEST_TEXT],
            client_message_id=f"{CLICKED}{digest(event.key)}",
        )
        turn = await self._turns.submit(message)
        if not place.is_ephemeral:
            self._presenter.follow(turn, place, click.user)

    def _may_choose(self, click: Click, conversation: Conversation, place: Place) -> bool:
        """Others may in a thread, where they could write it as well; once a person has it, that one
        would take it for the asker's words."""
        is_shared = not place.is_flat and not conversation.status.is_with_person
        asker = customer_id(conversation.channel, click.team, click.user)
        return is_shared or conversation.customer in (None, asker)

    async def _go_on(self, conversation: Conversation, place: Place) -> None:
        """With the talk that this was chosen in, unless a person has another one there."""
        known = await self._store.thread(conversation.channel, place.address)
        held = await self._store.conversation(known) if known is not None else None
        if held is None or not held.status.is_with_person:
            await self._store.hold_thread(conversation.channel, place.address, conversation.id)


def digest(key: str) -> str:
    """Of a length that any store takes."""
    return sha256(key.encode()).hexdigest()[:32]
