"""What is said on a ticket is passed on to conversations whose own was merged into it; of those
that are held at one place, where there are no threads, only one says it."""

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.ticket import Ticket
from bot.ports import Storage


async def is_said_beside(store: Storage, conversation: Conversation, message: Message) -> bool:
    """Whether another conversation says the same to the same people."""
    if message.author not in (Author.AGENT, Author.SYSTEM):
        return False
    for ticket in await _before(store, conversation):
        other = await store.conversation(ticket.conversation)
        if other is None or _held_at(other) != _held_at(conversation):
            continue
        if _said(message) in map(_said, await store.messages(other.id)):
            return True
    return False


async def _before(store: Storage, conversation: Conversation) -> list[Ticket]:
    """The ticket that this one's goes on in, and those that came into it earlier."""
    own = [*await store.tickets_of(conversation.id)][-1:]
    target = await store.ticket(own[0].merged_into) if own and own[0].merged_into else None
    if target is None:
        return []
    absorbed = await store.absorbed(target.id)
    return [target, *(one for one in absorbed if one.number < own[0].number)]


def _held_at(conversation: Conversation) -> tuple[str, str | None]:
    return conversation.channel, conversation.address


def _said(message: Message) -> tuple[object, ...]:
    """A copy has an id of its own."""
    return message.author, message.created_at, message.text
