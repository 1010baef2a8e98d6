"""What is said in a chat program: which of it is said to the bot, and in which conversation.

A thread is a conversation; where there are no threads, one talk follows another after a long
silence. A private chat always is for the bot, elsewhere who names it; in a thread where it takes
part, the asker need not name it again, and once a person has the conversation everybody is heard.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.chat.answers import ACT
from bot.channels.chat.audience import hold_to_channel
from bot.channels.chat.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.chat.program import Person, Program, Said, customer_id
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.desk_news import actor_at
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Storage
from bot.services.casework import Casework
from bot.services.running_turn import RunningTurn
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

LONGEST_TEXT = 4000  # characters, as in the widget
SILENCE = timedelta(hours=12)  # after which a new talk begins where there are no threads

# Takes a message that is nobody's question, such as an agent's below a ticket's card; False where
# it is none of that.
Diversion = Callable[[Said], Awaitable[bool]]


class Presenter(Protocol):
    def follow(self, turn: RunningTurn, place: Place, user: str) -> None:
        """Shows there what comes while the turn runs."""
        ...


class AutoAnswers(Protocol):
    async def wants(self, channel: str, text: str) -> bool:
        """Whether to answer what was said there to nobody in particular."""
        ...


class Listening:
    def __init__(
        self,
        program: Program,
        store: Storage,
        turns: TurnRunner,
        casework: Casework,
        prompts: Prompts,
        default_locale: Locale,
        internal_channels: Collection[str] = (),
        presenter: Presenter | None = None,
        auto: AutoAnswers | None = None,
        diversions: Sequence[Diversion] = (),
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._program = program
        self._store = store
        self._turns = turns
        self._casework = casework
        self._prompts = prompts
        self._default_locale = default_locale
        self._internal_channels = frozenset(internal_channels)
        self._presenter = presenter
        self._auto = auto
        self._diversions = tuple(diversions)
        self._clock = clock

    async def hear(self, event: InboundEvent) -> None:
        """Raises DeskUnavailable, StoreError: then it is heard once more, which changes nothing
        that was done."""
        said = await self._program.reader.said(event)
        for divert in self._diversions:
            if await divert(said):
                return
        await self._answer(said)

    async def hear_edit(self, event: InboundEvent) -> None:
        """What is asked otherwise is asked anew."""
        await self._answer(await self._program.reader.said(event))

    async def hear_deletion(self, event: InboundEvent) -> None:
        """Whoever works on the ticket learns of it; what was said stays in the conversation."""
        program = self._program
        said = await program.reader.said(event)
        conversation = await self._store.thread(program.channel, said.place.address)
        if conversation is None or not await self._was_heard(said, conversation):
            return
        tickets = await self._store.tickets_of(conversation)
        actor = actor_at(program.channel, program.title)
        for ticket in [one for one in tickets if one.state.is_active]:
            text = self._prompts.text(ACT, ticket.packet.locale, "deleted", program=program.title)
            await self._casework.note(ticket.id, actor, text, event.key)

    async def _was_heard(self, said: Said, conversation: str) -> bool:
        """As it was, or as it was edited."""
        keys = [one.client_message_id or "" for one in await self._store.messages(conversation)]
        return any(key == said.key or key.startswith(f"{said.key}/") for key in keys)

    async def _answer(self, said: Said) -> None:
        known = await self._store.thread(self._program.channel, said.place.address)
        conversation = await self._store.conversation(known) if known is not None else None
        if not await self._is_addressed(said, conversation):
            return
        person = await self._program.people.person(said.place.team, said.user)
        if person.is_bot:
            return
        if conversation is None or said.place.is_flat:
            conversation = await self._begin(said, person)
        channel, internal = said.place.channel, self._internal_channels
        await hold_to_channel(self._store, conversation, channel, internal)
        text = await self._text(said, conversation, person)
        message = Message(
            conversation.id,
            Author.CUSTOMER,
            text[:LONGEST_TEXT],
            created_at=self._clock(),
            client_message_id=said.key,
        )
        turn = await self._turns.submit(message)
        if self._presenter is not None and not conversation.status.is_with_person:
            self._presenter.follow(turn, said.place, said.user)

    async def _is_addressed(self, said: Said, conversation: Conversation | None) -> bool:
        if said.is_direct or said.names_bot:
            return True
        if conversation is not None:
            if conversation.status.is_with_person:
                return True
            asker = customer_id(self._program.channel, said.place.team, said.user)
            return conversation.customer == asker and not said.names_others
        if said.is_reply or said.names_others or self._auto is None or not said.text:
            return False
        return await self._auto.wants(said.place.channel, said.text)

    async def _begin(self, said: Said, person: Person) -> Conversation:
        """The one that is held there, where there is one still."""
        channel, address = self._program.channel, said.place.address
        conversation = Conversation(
            channel,
            created_at=self._clock(),
            customer=person.customer.id,
            timezone=person.timezone,
            address=address,
            internal=said.place.channel in self._internal_channels,
        )
        if said.place.is_flat:
            # By the message's own time, so that it finds its conversation when it is heard again.
            silent_since = said.at - SILENCE
            held = await self._store.renew_thread(
                channel, address, conversation, silent_since, said.key
            )
        else:
            held = await self._store.begin_thread(channel, address, conversation)
        if held == conversation.id:
            return conversation
        return await self._store.conversation(held) or conversation

    async def _text(self, said: Said, conversation: Conversation, person: Person) -> str:
        text, locale = said.text, await self._locale(said, conversation)
        if said.files:
            attached = self._prompts.text(ACT, locale, "attached", names=", ".join(said.files))
            text = f"{text}\n\n{attached}".strip()
        if not text and said.is_reply:
            text = await self._program.reader.above(said)
        if conversation.status.is_with_person and conversation.customer != person.customer.id:
            return f"{person.customer.name or said.user}: {text}"
        return text or self._prompts.text(ACT, locale, "called")

    async def _locale(self, said: Said, conversation: Conversation) -> Locale:
        """Of what they write now, or wrote last; else the one they chose in the program."""
        asked = await self._store.messages(conversation.id) if not said.text else ()
        written = [one.text for one in asked if one.author is Author.CUSTOMER]
        if text := said.text or "".join(written[-1:]):
            return locale_of(text, self._default_locale)
        return await self._program.people.locale(said.place.team, said.user)
