"""Takes to a chat what was said in its conversation: each message as one post."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.channels.chat.answered import before, hidden_of, is_unseen, question_of
from bot.channels.chat.answers import AnswerWriter, without_question
from bot.channels.chat.passed_on import is_said_beside
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster, PutUpElsewhere
from bot.channels.chat.presenter import Presenter
from bot.channels.chat.program import PostGone, Program
from bot.channels.chat.relay import answer_key
from bot.channels.chat.sheet import Sheet
from bot.channels.chat.unseen import Unseen
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import PostState
from bot.domain.outbox import DeskRefused
from bot.domain.reply import Handoff, Reply
from bot.ports import Retriever, Storage

log = logging.getLogger(__name__)

KEY, MESSAGE = "key", "message"  # what a post says about itself: which of ours it is

AgentName = Callable[[str], Awaitable[str | None]]


class ChatCourier:
    def __init__(
        self,
        program: Program,
        store: Storage,
        poster: Poster,
        presenter: Presenter,
        writer: AnswerWriter,
        agent_name: AgentName,
        retriever: Retriever,
        default_locale: Locale,
        unseen: Unseen | None = None,
    ) -> None:
        self._channel = program.channel
        self._wall = program.wall
        self._screen = program.screen
        self._store = store
        self._poster = poster
        self._presenter = presenter
        self._writer = writer
        self._agent_name = agent_name
        self._retriever = retriever
        self._default_locale = default_locale
        self._unseen = unseen

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        """Raises DeskUnavailable, DeskRefused, StoreError."""
        if conversation.address is None:
            raise DeskRefused("the conversation has no address")
        place = Place.parse(conversation.address)
        if _is_shared(place) and await is_said_beside(self._store, conversation, message):
            return
        history = await self._store.messages(conversation.id)
        reply = (await self._store.replies([message.id])).get(message.id)
        question = await question_of(self._store, history, message) if reply else None
        sheet = await self._sheet(conversation, message, history, reply, question)
        if sheet is None:
            return
        key = answer_key(question.id) if question is not None else f"message.{message.id}"
        if place.is_ephemeral:
            if self._unseen is None:
                raise DeskRefused(
                    "only its asker sees the conversation, and nothing shows it there"
                )
            if await self._unseen.tell(conversation, key, sheet, reply):
                return
            place = await self._unseen.open(conversation, history)
            asked = [one.id for one in history if one.author is Author.CUSTOMER]
            if question is not None and question.id in asked[:1]:  # it begins with that
                sheet = without_question(sheet)
        elif _is_shared(place) and _is_of_person(conversation, message):
            # It goes on with this one, though another may have begun since.
            await self._store.hold_thread(self._channel, place.address, conversation.id)
        while question is None or not await self._complete(key, question, sheet, message):
            with suppress(PutUpElsewhere):  # then there is something to complete
                await self._poster.post(key, conversation.id, place, sheet, {MESSAGE: message.id})
                return

    async def _sheet(
        self,
        conversation: Conversation,
        message: Message,
        history: Sequence[Message],
        reply: Reply | None,
        question: Message | None,
    ) -> Sheet | None:
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

    async def _complete(self, key: str, question: Message, sheet: Sheet, message: Message) -> bool:
        """Make final what the presenter began; False where there is no such post."""
        post, live = await self._presenter.take(question, message.created_at)
        if post is None:
            return False
        if post.state is PostState.FINAL:
            return True
        live = live or await self._screen.find(post)
        if live is None:
            return False
        if not post.reference:
            post = replace(post, reference=live.reference)
            await self._store.save_post(post)
        facts = {KEY: key, MESSAGE: message.id}
        try:
            if not await live.finish(sheet, facts):
                await self._wall.change(live.place, live.reference, sheet, facts)
        except PostGone as error:
            log.warning("a post that was begun is gone: %s", error)
            await self._poster.begin_anew(post)
            return False
        await self._store.save_post(replace(post, state=PostState.FINAL))
        return True

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


def _is_shared(place: Place) -> bool:
    """By all the talks that follow one another there."""
    return place.is_flat and not place.is_ephemeral


def _is_of_person(conversation: Conversation, message: Message) -> bool:
    return conversation.status.is_with_person or message.author is Author.AGENT
