"""Conversations that the bot has, as agents look on, and the step from there to a ticket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.live_conversation import LiveConversation
from bot.domain.reply import Reply
from bot.domain.ticket import Ticket
from bot.domain.understanding import Tone
from bot.ports import Storage
from bot.services.handoff import Handoffs

LIVE = timedelta(minutes=30)  # after the last word
MOST = 100


class UnknownConversation(LookupError):
    """There is no such conversation, or no agent can write in it."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    live: LiveConversation
    course: Sequence[Tone]  # of the customer's messages, the latest last


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """Everything that was said, and how it stands."""

    conversation: Conversation
    customer: Customer | None
    messages: Sequence[Message]
    replies: Mapping[str, Reply]  # by the bot's message
    feedback: Mapping[str, Feedback]
    tones: Mapping[str, Tone]  # by the customer's message
    ticket: Ticket | None  # that somebody works on
    open_to_agents: bool  # an agent can step in


class LiveConversations:
    """Raises UnknownConversation and StoreError."""

    def __init__(
        self,
        store: Storage,
        handoffs: Handoffs,
        locale: Locale,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`locale`: spoken where neither the conversation nor the bot has shown another one."""
        self._store = store
        self._handoffs = handoffs
        self._locale = locale
        self._clock = clock

    async def look(self) -> Sequence[LiveRow]:
        """The latest first."""
        found = await self._found()
        tones = await self._store.tones([one.conversation.id for one in found])
        return [LiveRow(one, [*tones.get(one.conversation.id, {}).values()]) for one in found]

    async def count(self) -> int:
        return len(await self._found())

    async def open(self, conversation_id: str) -> Overheard:
        conversation = await self._conversation(conversation_id)
        messages = await self._store.messages(conversation.id)
        said = [message.id for message in messages if message.author is Author.BOT]
        known = conversation.customer
        tones = await self._store.tones([conversation.id])
        ticket = await self._handoffs.active(conversation.id)
        return Overheard(
            conversation=conversation,
            customer=await self._store.customer(known) if known else None,
            messages=messages,
            replies=await self._store.replies(said),
            feedback=await self._store.feedback(said),
            tones=tones.get(conversation.id, {}),
            ticket=ticket,
            open_to_agents=ticket is None and self._handoffs.takes(conversation),
        )

    async def take_over(self, conversation_id: str, agent: str) -> Ticket:
        """From then on the bot is mute; where somebody has the conversation, their ticket."""
        conversation = await self._conversation(conversation_id)
        if not self._handoffs.takes(conversation):
            raise UnknownConversation(conversation_id)
        taken = await self._handoffs.active(conversation.id)
        if taken is not None:
            return taken
        return await self._handoffs.take_over(conversation, agent, await self._spoken(conversation))

    async def _found(self) -> Sequence[LiveConversation]:
        found = await self._store.with_bot(self._clock() - LIVE, MOST)
        return [one for one in found if self._handoffs.takes(one.conversation)]

    async def _conversation(self, conversation_id: str) -> Conversation:
        conversation = await self._store.conversation(conversation_id)
        if conversation is None:
            raise UnknownConversation(conversation_id)
        return conversation

    async def _spoken(self, conversation: Conversation) -> Locale:
        """As the bot has answered last."""
        messages = await self._store.messages(conversation.id)
        said = [message.id for message in messages if message.author is Author.BOT]
        replies = await self._store.replies(said[-1:])
        spoken = [reply.locale for reply in replies.values()]
        return (spoken or [conversation.locale or self._locale])[0]
