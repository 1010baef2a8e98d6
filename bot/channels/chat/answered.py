"""What a reply answers, and which of its sources its readers can open."""

from collections.abc import Sequence

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.domain.reply import Reply
from bot.ports import Retriever, Store

# How the key begins of a message whose words stand nowhere in the thread: of a command, of a click.
ASKED, CLICKED = "ask/", "click/"


async def question_of(store: Store, history: Sequence[Message], message: Message) -> Message | None:
    """The message that this one answers."""
    asked = [one for one in before(history, message) if one.author is Author.CUSTOMER]
    for one in reversed(asked):
        turn = await store.turn(one.id)
        if turn is not None and turn.reply is not None and turn.reply.message == message.id:
            return one
    return None


async def hidden_of(
    retriever: Retriever, conversation: Conversation, reply: Reply
) -> frozenset[str]:
    """Paths of internal articles, which have no page of ours."""
    if not conversation.internal:
        return frozenset()
    own = {one.path for one in reply.citations if one.url.startswith("/")}
    return frozenset([path for path in own if await retriever.article(path) is None])


async def is_public(retriever: Retriever, reply: Reply) -> bool:
    """Whether everybody may read all that it is from: a conversation may have been internal when it
    was given, and public since."""
    try:
        pages = [await retriever.article(one.path) for one in reply.citations]
    except KnowledgeBaseUnavailable:
        return False
    return None not in pages


def is_unseen(message: Message) -> bool:
    return (message.client_message_id or "").startswith((ASKED, CLICKED))


def before(history: Sequence[Message], message: Message) -> Sequence[Message]:
    ids = [one.id for one in history]
    return history[: ids.index(message.id)] if message.id in ids else history
