"""Where posts of the bot stand in Feishu: cards, put up once under a key, and changed in place.

What is put there is drawn here and nowhere else. Feishu puts nothing up twice under a key within an
hour; what is asked for again later is looked for by a mark in the card.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.chat.program import NotHeard, PostGone
from bot.channels.chat.sheet import Markdown, Sheet
from bot.channels.feishu import drawing
from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.cards import Cards
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.events import HERE, message_of
from bot.channels.feishu.refusals import (
    GONE,
    LAYOUT,
    NO_ADDRESS,
    NO_CALL,
    NOT_GRANTED,
    FeishuPostGone,
    FeishuRefused,
)
from bot.domain.conversation import now
from bot.domain.inbound import Post

log = logging.getLogger(__name__)

ONCE = timedelta(minutes=50)  # of the hour within which Feishu knows a key
FEISHU_IS_LATE = timedelta(minutes=1)  # how far its clock may be behind ours
PAGE = "50"
MOST_KNOWN = 10_000
SENT = "DONE"  # the emoji
DOMAINS = frozenset({"https://open.feishu.cn", "https://open.larksuite.com"})
APPLINK = "https://applink.{host}/client/chat/open?openChatId={chat}"

Message = Mapping[str, Any]


class FeishuNotHeard(FeishuRefused, NotHeard):
    """Nobody saw it."""


class FeishuWall:
    def __init__(
        self,
        calls: Calls,
        chats: Chats,
        cards: Cards,
        domain: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._calls = calls
        self._chats = chats
        self._cards = cards
        self._host = domain.removeprefix("https://open.") if domain in DOMAINS else "feishu.cn"
        self._clock = clock
        self._put: dict[str, str] = {}  # keys of what this process put up
        self._gone: set[str] = set()

    async def put(
        self, key: str, place: Place, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> str:
        reference = await self._put_up(key, place, sheet)
        if sheet.is_loud and place.thread:  # Feishu shows it to nobody who is not in the thread
            await self._put_up(f"{key}.around", place.around, sheet)
        return reference

    async def _put_up(self, key: str, place: Place, sheet: Sheet) -> str:
        thread = await self._thread(place)

        async def send(shown: Sheet) -> str:
            return await self.send(key, place, drawing.draw(shown, key, thread))

        try:
            return await _as_far_as_taken(send, sheet)
        except FeishuRefused as error:
            if error.code not in LAYOUT:
                raise
            log.error("posted as a text alone: %s", error)
            return await self._post(key, place, "text", {"text": drawing.plain(sheet)})

    async def send(self, key: str, place: Place, content: Mapping[str, Any]) -> str:
        """A card, or that one was made elsewhere."""
        return await self._post(key, place, "interactive", content)

    async def find(self, begun: Post) -> str | None:
        if self._clock() - begun.at < ONCE:
            return None
        try:
            return await self._search(begun)
        except FeishuRefused as error:
            log.warning("it cannot be looked for what stands there: %s", error)
            return None

    async def change(
        self, place: Place, reference: str, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> None:
        thread = await self._thread(place)
        key = (facts or {}).get("key") or self._put.get(reference, "")

        async def change(shown: Sheet) -> str:
            await self._cards.change(reference, drawing.draw(shown, key, thread))
            return reference

        try:
            await _as_far_as_taken(change, sheet)
        except FeishuRefused as error:
            if not isinstance(error, PostGone) and error.code not in NO_CALL | LAYOUT:
                raise
            self._gone.add(reference)
            if isinstance(error, PostGone):
                raise
            await self.remove(place, reference)
            raise FeishuPostGone(error.call, error.code, error.said) from error

    async def remove(self, place: Place, reference: str) -> None:
        try:
            await self._calls.call("DELETE", path("im/v1/messages", reference))
        except FeishuRefused as error:
            if error.code not in GONE | NO_CALL:
                raise

    async def whisper(self, place: Place, user: str, sheet: Sheet) -> None:
        card = drawing.draw(sheet, "", await self._thread(place))
        if not await self._chats.is_private(place.channel):
            body = {"chat_id": place.channel, "open_id": user, "msg_type": "interactive"}
            try:
                await self._calls.call("POST", "ephemeral/v1/send", {**body, "card": card})
            except FeishuRefused as error:
                # Such as in a group of topics, where nothing is for one person alone.
                log.info("told in private instead: %s", error)
            else:
                return
        content = json.dumps(card, ensure_ascii=False)
        body = {"receive_id": user, "msg_type": "interactive", "content": content}
        try:
            await self._calls.call("POST", "im/v1/messages", body, receive_id_type="open_id")
        except FeishuRefused as error:
            raise FeishuNotHeard(error.call, error.code, error.said) from error

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        return drawing.pages(sheet)

    def below(self, place: Place, reference: str) -> Place:
        return place if place.thread else Place(place.team, place.channel, reference)

    def link(self, place: Place) -> str:
        return "" if place.is_flat else APPLINK.format(host=self._host, chat=place.channel)

    async def facts(self, place: Place) -> Mapping[str, str]:
        return {}

    async def mark_sent(self, key: str) -> bool:
        emoji = {"reaction_type": {"emoji_type": SENT}}
        call = path("im/v1/messages", message_of(key), "reactions")
        try:
            await self._calls.call("POST", call, emoji)
        except FeishuRefused as error:
            log.info("not marked as sent: %s", error)
            return error.code not in NOT_GRANTED | NO_CALL
        return True

    async def _post(self, key: str, place: Place, kind: str, content: Mapping[str, Any]) -> str:
        once = key
        while True:
            sent = await self._send(once, place, kind, content)
            reference = str(sent["message_id"])
            if not sent.get("deleted") and reference not in self._gone:
                break
            once = f"{once}.{reference}"  # what Feishu knows under that was recalled
        if len(self._put) >= MOST_KNOWN:
            self._put.clear()
        self._put[reference] = key
        return reference

    async def _send(self, key: str, place: Place, kind: str, content: Mapping[str, Any]) -> Message:
        body = {
            "msg_type": kind,
            "content": json.dumps(content, ensure_ascii=False),
            "uuid": sha256(key.encode()).hexdigest()[:40],
        }
        if place.thread:
            answered = path("im/v1/messages", place.thread, "reply")
            try:
                return await self._calls.call("POST", answered, {**body, "reply_in_thread": True})
            except FeishuRefused as error:
                if error.code not in NO_ADDRESS:
                    raise
                log.warning("answered beside the thread: %s", error)
        body["receive_id"] = place.channel
        return await self._calls.call("POST", "im/v1/messages", body, receive_id_type="chat_id")

    async def _thread(self, place: Place) -> str:
        """What buttons tell of where their card stands."""
        if place.thread is not None:
            return place.thread
        return "" if await self._chats.is_private(place.channel) else HERE

    async def _search(self, begun: Post) -> str | None:
        place = Place.parse(begun.place)
        kind, container = "chat", place.channel
        if place.thread:
            found = await self._calls.call("GET", path("im/v1/messages", place.thread))
            kind = "thread"
            first: Message = next(iter(found.get("items") or ()), {})
            container = str(first.get("thread_id") or "")
            if not container:
                return None
        since = {} if place.thread else {"start_time": _seconds(begun.at - FEISHU_IS_LATE)}
        mark, token = f'"{drawing.mark(begun.key)}"', ""
        while True:
            page = await self._calls.call(
                "GET",
                "im/v1/messages",
                None,
                container_id_type=kind,
                container_id=container,
                card_msg_content_type="raw_card_content",
                page_size=PAGE,
                **since,
                **({"page_token": token} if token else {}),
            )
            for message in page.get("items") or ():
                content = str((message.get("body") or {}).get("content", "")).replace("\\", "")
                if mark in content and not message.get("deleted"):
                    return str(message["message_id"])
            token = str(page.get("page_token") or "")
            if not page.get("has_more") or not token:
                return None


async def _as_far_as_taken(put: Callable[[Sheet], Any], sheet: Sheet) -> str:
    try:
        return str(await put(sheet))
    except FeishuRefused as error:
        words = tuple(part for part in sheet.parts if isinstance(part, Markdown))
        if isinstance(error, FeishuPostGone) or error.code not in LAYOUT or not words:
            raise
        log.error("posted without its buttons: %s", error)
        return str(await put(Sheet(sheet.notice, words)))


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
