"""Conversations that only the asker sees, as those of `/ask`.

The bot answers in the channel, unseen by others; what comes later, or from a person, comes as a
direct message that can be replied to.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from bot.channels.chat.answers import AnswerWriter
from bot.channels.chat.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import NotHeard
from bot.channels.chat.sheet import Sheet
from bot.channels.slack import CHANNEL
from bot.channels.slack.drawing import draw
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.responses import Responses
from bot.channels.slack.wall import Calls, SlackWall, notice
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import InboundEvent, Post
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
        wall: SlackWall,
        poster: Poster,
        responses: Responses,
        writer: AnswerWriter,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._calls = calls
        self._wall = wall
        self._poster = poster
        self._responses = responses
        self._writer = writer
        self._default_locale = default_locale

    async def tell(
        self, conversation: Conversation, key: str, sheet: Sheet, reply: Reply | None
    ) -> bool:
        """Where only the asker sees it. False where it has to stand somewhere: once the
        conversation does, what a person says, and that one will answer."""
        if await self._poster.made(key) is not None:
            return True
        if reply is None or isinstance(reply.act, Handoff) or await self.home(conversation):
            return False
        sheet = self._writer.shareable(sheet, reply)
        place = Place.parse(conversation.address or "")
        if await self._is_begun(key, conversation, place):
            sheet = self._writer.repeated(sheet, reply.locale)
        if not (await self._by_url(conversation, sheet) or await self._in_channel(place, sheet)):
            return False
        await self._poster.note(key, conversation.id, place, "ephemeral")
        return True

    async def _is_begun(self, key: str, conversation: Conversation, place: Place) -> bool:
        """Whether it may have been shown before. What one person alone sees cannot be looked for;
        that it begins is written down, so that they are told."""
        begun = f"begun.{key}"
        if await self._poster.made(begun) is not None:
            return True
        await self._poster.note(begun, conversation.id, place, "ephemeral")
        return False

    async def home(self, conversation: Conversation) -> Place | None:
        """Where it goes on for all to see, or as a direct message."""
        post = await self._poster.made(home_key(conversation.id))
        return self._below(post) if post is not None else None

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
            sheet = self._writer.asked(asked, locale_of(asked, self._default_locale))
            post = await self._poster.post(
                home_key(conversation.id), conversation.id, direct, sheet
            )
            home = self._below(post)
        await self._store.join_thread(CHANNEL, home.address, conversation.id)
        return home

    async def settle(self, conversation: Conversation, post: Post) -> None:
        """It goes on below this post, unless it goes on elsewhere already."""
        home = await self.home(conversation)
        if home is None:
            home = self._below(post)
            key, place = home_key(conversation.id), Place.parse(post.place)
            await self._poster.note(key, conversation.id, place, post.reference)
        await self._store.join_thread(CHANNEL, home.address, conversation.id)

    async def clicked(self, conversation: Conversation, event: InboundEvent) -> None:
        place = Place.parse(conversation.address or "")
        await self.answer_at(conversation.id, place, event)

    async def answer_at(self, conversation: str, place: Place, event: InboundEvent) -> None:
        """By the address that came with a command or a click."""
        url = str(event.body.get("response_url") or "")
        if url:
            await self._store.save_post(
                Post(CHANNEL, url_key(conversation), conversation, place.address, url)
            )

    async def _by_url(self, conversation: Conversation, sheet: Sheet) -> bool:
        post = await self._store.post(CHANNEL, url_key(conversation.id))
        if post is None:
            return False
        try:
            await self._responses.tell(post.reference, notice(sheet), draw(sheet))
        except SlackRefused as error:
            log.info("an answer came too late for its command: %s", error)
            return False
        return True

    async def _in_channel(self, place: Place, sheet: Sheet) -> bool:
        try:
            await self._wall.whisper(place, place.user or "", sheet)
        except NotHeard as error:
            log.info("an answer goes as a direct message: %s", error)
            return False
        return True

    def _below(self, post: Post) -> Place:
        return self._wall.below(Place.parse(post.place), post.reference)
