"""Takes to a thread what was said in its conversation: each message as one post."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from bot.channels.slack import CHANNEL
from bot.channels.slack.answered import before, hidden_of, is_unseen, question_of
from bot.channels.slack.answers import AnswerWriter, Shown, said
from bot.channels.slack.elements import Block
from bot.channels.slack.place import Place
from bot.channels.slack.posting import EVENT_TYPE, Calls, Payload, Poster
from bot.channels.slack.private import PrivatePlaces
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.streaming import Presenter, Provisional, answer_key
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskRefused
from bot.domain.reply import Handoff, Reply
from bot.ports import Retriever, Storage

log = logging.getLogger(__name__)

MESSAGE = "message"  # in the metadata of a post: which one of ours it is
# What Slack says of a layout that it does not take; the words alone are taken.
TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long"})
LAYOUT = TOO_LONG | {
    *("invalid_blocks", "invalid_blocks_format", "invalid_chunks", "invalid_arguments")
}
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

AgentName = Callable[[str], Awaitable[str | None]]


class SlackCourier:
    def __init__(
        self,
        store: Storage,
        calls: Calls,
        poster: Poster,
        presenter: Presenter,
        private: PrivatePlaces,
        writer: AnswerWriter,
        agent_name: AgentName,
        retriever: Retriever,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._calls = calls
        self._poster = poster
        self._presenter = presenter
        self._private = private
        self._writer = writer
        self._agent_name = agent_name
        self._retriever = retriever
        self._default_locale = default_locale

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        """Raises DeskUnavailable, DeskRefused, StoreError."""
        if conversation.address is None:
            raise DeskRefused("the conversation has no address")
        place = Place.parse(conversation.address)
        history = await self._store.messages(conversation.id)
        reply = (await self._store.replies([message.id])).get(message.id)
        question = await question_of(self._store, history, message) if reply else None
        shown = await self._shown(conversation, message, history, reply, question)
        if shown is None:
            return
        key = answer_key(question.id) if question is not None else f"message.{message.id}"
        if place.is_ephemeral:
            if await self._private.tell(conversation, key, shown, reply):
                return
            place = await self._private.open(conversation, history)
            asked = [one.id for one in history if one.author is Author.CUSTOMER]
            if question is not None and question.id in asked[:1]:  # it begins with that
                shown = replace(shown, before=())
        if question is not None and await self._complete(key, question, shown, message):
            return
        await self._post(key, conversation, place, shown, message)

    async def _shown(
        self,
        conversation: Conversation,
        message: Message,
        history: Sequence[Message],
        reply: Reply | None,
        question: Message | None,
    ) -> Shown | None:
        """None where there is nothing to say: that a ticket is open, the bot has said."""
        if reply is not None:
            hidden = await hidden_of(self._retriever, conversation, reply)
            unseen = question is not None and is_unseen(question)
            words = question.text if question is not None and unseen else None
            return self._writer.reply(reply, words, hidden)
        if message.author is Author.AGENT:
            name = await self._agent_name(message.agent) if message.agent else None
            return self._writer.from_agent(message, name, await self._locale(history))
        if message.author is Author.SYSTEM and not await self._is_told(history, message):
            return self._writer.notice(message)
        return None

    async def _complete(self, key: str, question: Message, shown: Shown, message: Message) -> bool:
        """Make final what the presenter began; False where there is no such post."""
        live = await self._presenter.settled(question.id)
        post = await self._store.post(CHANNEL, key)
        if post is not None and not post.reference:
            post = await self._poster.recover(post)
        if post is None:
            return False
        if post.state is PostState.FINAL:
            return True
        place = Place.parse(post.place)
        metadata = _metadata(key, message)
        try:
            if not await self._end_stream(place, post, live, shown, metadata):
                await self._rewrite(place, post, shown, metadata)
        except SlackRefused as error:
            if error.code not in GONE:
                raise
            log.warning("a post that was begun is gone: %s", error)
            await self._poster.begin_anew(post)
            return False
        await self._store.save_post(replace(post, state=PostState.FINAL))
        return True

    async def _end_stream(
        self,
        place: Place,
        post: Post,
        live: Provisional | None,
        shown: Shown,
        metadata: Block,
    ) -> bool:
        """Whether the post shows everything by that."""
        if live is not None and not live.is_stream:
            return False
        rest = _rest(live, shown)
        end: dict[str, object] = {}
        if rest is not None:
            end["chunks"] = [{"type": "blocks", "blocks": said(rest)}] if rest else None
            end |= {"blocks": list(shown.after) or None, "metadata": metadata}
        stop = partial(self._calls.call, place.team, "chat.stopStream", channel=place.channel)
        try:
            await stop(ts=post.reference, **end)
        except SlackRefused as error:
            if error.code in GONE:
                raise
            log.info("a stream was not ended as it should: %s", error)
            if error.code in LAYOUT and end:
                await stop(ts=post.reference)
            return False
        return rest is not None

    async def _rewrite(self, place: Place, post: Post, shown: Shown, metadata: Block) -> None:
        async def update(blocks: Sequence[Block]) -> None:
            await self._calls.call(
                place.team,
                "chat.update",
                channel=place.channel,
                ts=post.reference,
                text=shown.notice,
                blocks=blocks,
                metadata=metadata,
            )

        await _as_far_as_taken(update, shown)

    async def _post(
        self, key: str, conversation: Conversation, place: Place, shown: Shown, message: Message
    ) -> None:
        async def post(blocks: Sequence[Block]) -> None:
            payload = Payload(shown.notice, blocks, facts={MESSAGE: message.id})
            await self._poster.post(key, conversation.id, place, payload)

        await _as_far_as_taken(post, shown)

    async def _is_told(self, history: Sequence[Message], notice: Message) -> bool:
        """By the reply before it, which hands over."""
        spoken = [one for one in before(history, notice)[-1:] if one.author is Author.BOT]
        replies = await self._store.replies([one.id for one in spoken])
        return any(isinstance(reply.act, Handoff) for reply in replies.values())

    async def _locale(self, history: Sequence[Message]) -> Locale:
        """As the bot spoke last."""
        spoken = [one.id for one in history if one.author is Author.BOT][-1:]
        replies = await self._store.replies(spoken)
        return next((reply.locale for reply in replies.values()), self._default_locale)


def _rest(live: Provisional | None, shown: Shown) -> Sequence[str] | None:
    """The texts that a stream lacks; None where it has to be written anew."""
    if live is None or live.is_lost or not live.shown or shown.before:
        return None
    count = len(live.shown)
    return shown.texts[count:] if list(shown.texts[:count]) == live.shown else None


async def _as_far_as_taken(put: Callable[[Sequence[Block]], Awaitable[None]], shown: Shown) -> None:
    try:
        await put(shown.blocks)
    except SlackRefused as error:
        if error.code not in LAYOUT or not shown.said:
            raise
        log.error("posted without its buttons: %s", error)
        await put(shown.said[:1] if error.code in TOO_LONG else shown.said)


def _metadata(key: str, message: Message) -> Block:
    payload = {"key": key, MESSAGE: message.id}
    return {"event_type": EVENT_TYPE, "event_payload": payload}
