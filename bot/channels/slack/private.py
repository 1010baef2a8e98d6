"""Conversations that only the asker sees, as those of `/ask`.

The bot answers in the channel, unseen by others; what comes later, or from a person, comes as a
direct message that can be replied to.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.channels.slack import CHANNEL
from bot.channels.slack.answers import AnswerWriter, Shown
from bot.channels.slack.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.slack.posting import Calls, Payload, Poster
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.responses import Responses
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import Post
from bot.domain.outbox import DeskRefused
from bot.domain.reply import Handoff, Reply
from bot.ports.inbound import PostStore, ThreadStore

log = logging.getLogger(__name__)


class Places(PostStore, ThreadStore, Protocol):
    """Where posts stand, and which conversations are held where."""


def url_key(conversation: str) -> str:
    """Of the address by which Slack takes answers to what began the conversation."""
    return f"url.{conversation}"


def home_key(conversation: str) -> str:
    """Of the post below which the conversation goes on."""
    return f"home.{conversation}"


class PrivatePlaces:
    def __init__(
        self,
        store: Places,
        calls: Calls,
        poster: Poster,
        responses: Responses,
        writer: AnswerWriter,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._calls = calls
        self._poster = poster
        self._responses = responses
        self._writer = writer
        self._default_locale = default_locale

    async def tell(
        self, conversation: Conversation, key: str, shown: Shown, reply: Reply | None
    ) -> bool:
        """Where only the asker sees it. False where it has to stand somewhere: once the
        conversation does, what a person says, and that one will answer."""
        if await self._poster.made(key) is not None:
            return True
        if reply is None or isinstance(reply.act, Handoff) or await self.home(conversation):
            return False
        shown = self._writer.shareable(shown, reply)
        place = Place.parse(conversation.address or "")
        if not (await self._by_url(conversation, shown) or await self._in_channel(place, shown)):
            return False
        await self._poster.note(key, conversation.id, place, "ephemeral")
        return True

    async def home(self, conversation: Conversation) -> Place | None:
        """Where it goes on for all to see, or as a direct message."""
        post = await self._poster.made(home_key(conversation.id))
        return _below(post) if post is not None else None

    async def open(self, conversation: Conversation, history: Sequence[Message]) -> Place:
        """Its direct message, begun with what was asked."""
        home = await self.home(conversation)
        if home is None:
            place = Place.parse(conversation.address or "")
            if place.user is None:
                raise DeskRefused("nobody is there to write to")
            opened = await self._calls.call(place.team, "conversations.open", users=place.user)
            direct = Place(place.team, str(opened["channel"]["id"]))
            asked = next((one.text for one in history if one.author is Author.CUSTOMER), "")
            shown = self._writer.asked(asked, locale_of(asked, self._default_locale))
            payload = Payload(shown.notice, shown.blocks)
            post = await self._poster.post(
                home_key(conversation.id), conversation.id, direct, payload
            )
            home = _below(post)
        await self._store.join_thread(CHANNEL, home.address, conversation.id)
        return home

    async def settle(self, conversation: Conversation, post: Post) -> None:
        """It goes on below this post, unless it goes on elsewhere already."""
        home = await self.home(conversation)
        if home is None:
            home = _below(post)
            key, place = home_key(conversation.id), Place.parse(post.place)
            await self._poster.note(key, conversation.id, place, post.reference)
        await self._store.join_thread(CHANNEL, home.address, conversation.id)

    async def _by_url(self, conversation: Conversation, shown: Shown) -> bool:
        post = await self._store.post(CHANNEL, url_key(conversation.id))
        if post is None:
            return False
        try:
            await self._responses.tell(post.reference, shown.notice, shown.blocks)
        except SlackRefused as error:
            log.info("an answer came too late for its command: %s", error)
            return False
        return True

    async def _in_channel(self, place: Place, shown: Shown) -> bool:
        try:
            await self._calls.call(
                place.team,
                "chat.postEphemeral",
                channel=place.channel,
                user=place.user,
                thread_ts=place.thread,
                text=shown.notice,
                blocks=shown.blocks,
            )
        except SlackRefused as error:
            log.info("an answer goes as a direct message: %s", error)
            return False
        return True


def _below(post: Post) -> Place:
    place = Place.parse(post.place)
    return place if place.thread else replace(place, thread=post.reference)
