"""Where posts of the bot stand in DingTalk: as cards, which are changed in their place.

Where the app may have no cards a post is a plain message, which shows the same without buttons and
stays as it is.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Sheet
from bot.channels.dingtalk import drawing
from bot.channels.dingtalk.buttons import Seal
from bot.channels.dingtalk.cards import Data, Delivery, DingTalkCards, Undelivered
from bot.channels.dingtalk.drawing import Card
from bot.channels.dingtalk.place import ELSEWHERE, user_of
from bot.channels.dingtalk.plain import PLAIN, PlainMessages
from bot.channels.dingtalk.refusals import (
    THERE_ALREADY,
    DingTalkNotHeard,
    DingTalkRefused,
)
from bot.channels.dingtalk.tracks import Track, Tracks, track_of
from bot.domain.inbound import Post

log = logging.getLogger(__name__)

Name = Callable[[str, str], Awaitable[str]]


class DingTalkWall:
    def __init__(
        self, cards: DingTalkCards, plain: PlainMessages, tracks: Tracks, seal: Seal, name: Name
    ) -> None:
        """`name`: of a user of a team, for mentions."""
        self._seal = seal
        self._cards = cards
        self._tracks = tracks
        self._plain = plain
        self._name = name

    async def put(
        self, key: str, place: Place, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> str:
        conversation = await self._tracks.conversation(key)
        *before, last = drawing.spread(sheet)
        for number, page in enumerate(before, 1):
            await self._put(f"{key}.{number}", conversation, place, page, facts or {})
        return await self._put(key, conversation, place, last, facts or {})

    async def _put(
        self, key: str, conversation: str, place: Place, sheet: Sheet, facts: Mapping[str, str]
    ) -> str:
        if said := await self._plain.said(key, conversation):
            return said
        track = Track(track_of(key), conversation, place.address, facts)
        card = await self._drawn(place, sheet)
        data, notice = drawing.data_of(card, self._seal), drawing.notice(sheet)
        try:
            await self.stand(track, place, data, notice, card.named)
        except (DingTalkRefused, Undelivered) as error:
            log.warning("posted without a card: %s", error)
            return await self._plain.say(key, conversation, place, notice, drawing.plain(card))
        return track.reference

    async def stand(
        self, track: Track, place: Place, data: Data, notice: str, in_text: Sequence[str] = ()
    ) -> None:
        """Once, also where it was created before and nobody knows whether."""
        to = Delivery(notice, await self._asker(place), in_text)
        try:
            carrier = await self._cards.create(track.reference, place, data, to)
        except Undelivered:
            await self._tracks.note(replace(track, is_delivered=False))
            raise
        except DingTalkRefused as error:
            if error.code != THERE_ALREADY:
                raise
            carrier = await self._stand_again(track, place, data, to)
        await self._tracks.note(replace(track, carrier=carrier))

    async def find(self, begun: Post) -> str | None:
        """A card is created once under its name."""
        return None

    async def change(
        self, place: Place, reference: str, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> None:
        if reference.startswith(PLAIN):
            return
        card = await self._drawn(place, sheet)
        await self._cards.change(reference, drawing.data_of(card, self._seal), card.named)

    async def remove(self, place: Place, reference: str) -> None:
        track = await self._tracks.track(reference)
        carrier = reference.removeprefix(PLAIN) if reference.startswith(PLAIN) else ""
        if track is not None:
            carrier = track.carrier
        if not carrier:
            log.warning("what was put up stays there, nobody knows its name: %s", reference)
            return
        try:
            await self._cards.recall(place, carrier)
        except DingTalkRefused as error:
            log.info("what was to be removed is gone, or too old: %s", error)

    async def whisper(self, place: Place, user: str, sheet: Sheet) -> None:
        await self.show_alone(
            f"firstline.{uuid4().hex}", place, user, await self._drawn(place, sheet)
        )

    async def show_alone(self, reference: str, place: Place, user: str, card: Card) -> str:
        """A card for one person, under a name of its own. What DingTalk calls its message. Raises
        NotHeard as well."""
        to = Delivery(card.title or card.text[: drawing.LONGEST_NOTICE], {}, card.named, only=user)
        try:
            return await self._cards.create(reference, place, drawing.data_of(card, self._seal), to)
        except DingTalkRefused as error:
            raise DingTalkNotHeard(error.call, error.code, error.detail) from error

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        return drawing.pages(sheet)

    def below(self, place: Place, reference: str) -> Place:
        """Beside it: there are no threads."""
        return place

    def link(self, place: Place) -> str:
        return ""

    async def facts(self, place: Place) -> Mapping[str, str]:
        track = await self._tracks.track(place.thread) if place.thread else None
        return track.facts if track is not None else {}

    async def mark_sent(self, key: str) -> bool:
        """DingTalk's robots have no mark for what others wrote."""
        return False

    async def _drawn(self, place: Place, sheet: Sheet) -> Card:
        names = {user: await self._name(place.team, user) for user in drawing.mentioned(sheet)}
        return drawing.draw(sheet, place.address, names)

    async def _asker(self, place: Place) -> Mapping[str, str]:
        """Of a talk in a group, who is told that there is an answer."""
        user = user_of(place) if place.thread else None
        if user is None or user.startswith(ELSEWHERE):
            return {}
        return {user: await self._name(place.team, user)}

    async def _stand_again(self, track: Track, place: Place, data: Data, to: Delivery) -> str:
        known = await self._tracks.track(track.reference)
        await self._cards.change(track.reference, data, to.in_text)
        if known is not None and not known.is_delivered:
            return await self._cards.deliver(track.reference, place, to)
        return known.carrier if known is not None else ""
