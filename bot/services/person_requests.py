"""A customer asks for a person without words: the button that is always there."""

from collections.abc import Sequence

from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.ports import Prompts, Store
from bot.services.running_turn import RunningTurn
from bot.services.turns import TurnRunner


class PersonRequests:
    def __init__(
        self, store: Store, turns: TurnRunner, prompts: Prompts, default_locale: Locale
    ) -> None:
        self._store = store
        self._turns = turns
        self._prompts = prompts
        self._default_locale = default_locale

    async def submit(
        self,
        conversation: Conversation,
        client_message_id: str | None = None,
        locale: Locale | None = None,
    ) -> RunningTurn:
        """The request as a message of the customer, and its turn. `locale`: of somebody to whom
        nothing has been said yet.

        Without an id, asking again attaches to the same turn until the customer writes something.
        Raises StoreError.
        """
        messages = await self._store.messages(conversation.id)
        spoken = await self._spoken(conversation, messages) or locale or self._default_locale
        return await self._turns.submit(
            Message(
                conversation=conversation.id,
                author=Author.CUSTOMER,
                text=self._prompts.text("person", spoken, "request"),
                client_message_id=client_message_id or _key(conversation, messages),
                wants_human=True,
            )
        )

    async def _spoken(
        self, conversation: Conversation, messages: Sequence[Message]
    ) -> Locale | None:
        """As the channel asked for, else as the bot spoke last."""
        if conversation.locale is not None:
            return conversation.locale
        spoken = [message.id for message in messages if message.author is Author.BOT][-1:]
        replies = await self._store.replies(spoken)
        return next((reply.locale for reply in replies.values()), None)


def _key(conversation: Conversation, messages: Sequence[Message]) -> str:
    """The same for clicks that nothing the customer wrote stands between, even simultaneous; a
    new one once a person has given the conversation back."""
    course = conversation.course(messages)
    written = [message for message in course if message.author is Author.CUSTOMER]
    if not written:
        return f"person-after-{conversation.handed_back}" if conversation.handed_back else "person"
    last = written[-1]
    if last.wants_human and last.client_message_id is not None:
        return last.client_message_id
    return f"person-after-{last.id}"
