"""An answer that one person saw, shown to everybody at their wish: there the talk goes on."""

import logging
from collections.abc import Collection

from bot.channels.chat.answered import hidden_of, question_of
from bot.channels.chat.answers import AnswerWriter
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.sheet import Sheet
from bot.channels.slack.drawing import draw
from bot.channels.slack.events import user_of
from bot.channels.slack.private import PrivatePlaces
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.responses import Responses
from bot.channels.slack.wall import notice
from bot.domain.conversation import Conversation
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskUnavailable
from bot.ports import Retriever, Storage

log = logging.getLogger(__name__)

# Where the app is no member; what it says by a click is seen all the same.
ABSENT = frozenset({"not_in_channel", "channel_not_found", "restricted_action"})


class Sharing:
    def __init__(
        self,
        store: Storage,
        poster: Poster,
        private: PrivatePlaces,
        responses: Responses,
        writer: AnswerWriter,
        retriever: Retriever,
        internal_channels: Collection[str] = (),
    ) -> None:
        self._store = store
        self._poster = poster
        self._private = private
        self._responses = responses
        self._writer = writer
        self._retriever = retriever
        self._internal = frozenset(internal_channels)

    async def share(self, event: InboundEvent) -> None:
        """Once, however often it is clicked."""
        body = event.body
        message = await self._store.message(str(body["actions"][0]["value"]))
        conversation = await self._store.conversation(message.conversation) if message else None
        if message is None or conversation is None or conversation.address is None:
            log.warning("what is to be shared is gone: event=%s", event.key)
            return
        place = Place.parse(conversation.address)
        if place.user != user_of(body):
            log.warning("shared by somebody who did not ask: event=%s", event.key)
            return
        reply = (await self._store.replies([message.id])).get(message.id)
        history = await self._store.messages(conversation.id)
        question = await question_of(self._store, history, message)
        if reply is None or question is None:
            return
        if conversation.internal and place.channel not in self._internal:
            log.warning("not shared where internal articles are read no more: event=%s", event.key)
            return
        hidden = await hidden_of(self._retriever, conversation, reply)
        sheet = self._writer.shared(reply, question.text, place.user, hidden)
        url = str(body.get("response_url") or "")
        await self._show(f"share.{message.id}", conversation, place, sheet, url)
        await self._take_back(url)

    async def _show(
        self, key: str, conversation: Conversation, place: Place, sheet: Sheet, url: str
    ) -> None:
        there = Place(place.team, place.channel, place.thread)
        try:
            post = await self._poster.post(key, conversation.id, there, sheet)
        except SlackRefused as error:
            if error.code not in ABSENT or not url:
                raise
            await self._responses.tell_everybody(url, notice(sheet), draw(sheet))
            await self._poster.note(key, conversation.id, there, "response")
        else:
            if post.reference != "response":
                await self._private.settle(conversation, post)

    async def _take_back(self, url: str) -> None:
        """What they alone saw. That it stays is no harm."""
        try:
            if url:
                await self._responses.take_back(url)
        except (SlackRefused, DeskUnavailable) as error:
            log.info("not taken back: %s", error)
