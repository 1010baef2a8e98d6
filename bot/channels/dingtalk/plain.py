"""Plain messages, where the app may have no cards: by the robot, else in answer to what was said.

DingTalk takes one as often as it is sent, so that one whose outcome is not known is sent again only
when somebody says so.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.channels.chat.place import Place
from bot.channels.chat.program import OutcomeUnknown
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.place import ELSEWHERE, conversation_of, reached, user_of
from bot.channels.dingtalk.refusals import DingTalkRefused, DingTalkUnavailable
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.ports.inbound import PostStore

PLAIN = "plain:"  # begins the references of plain messages
TO_ONE = "/v1.0/robot/oToMessages/batchSend"
TO_GROUP = "/v1.0/robot/groupMessages/send"
MOST_SESSIONS = 5000
LONGEST_TIMESTAMP = 15  # digits of milliseconds
LEAST_S = 3600.0  # for which such an address is good
_DINGTALK = ".dingtalk.com"
_FREE = "free"  # nothing is in doubt about a message: it may be sent


class Sessions:
    """Addresses by which what was said somewhere may be answered, for an hour or so."""

    def __init__(
        self, own_url: str, clock: Callable[[], float] = time.time, *, any_port: bool = True
    ) -> None:
        """`own_url`: where DingTalk's API is. Nobody but it and DingTalk's own hosts is answered.
        `any_port`: of its host, unless what stands in a message is not proved, as in HTTP mode."""
        self._own = urlsplit(own_url)
        self._any_port = any_port
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}

    def note(self, place: Place, data: Mapping[str, Any]) -> None:
        url, until = data.get("sessionWebhook"), data.get("sessionWebhookExpiredTime")
        if not isinstance(url, str) or not self._is_trusted(url):
            return
        while len(self._known) >= MOST_SESSIONS:
            del self._known[next(iter(self._known))]
        told = str(until)
        is_time = told.isascii() and told.isdigit() and len(told) <= LONGEST_TIMESTAMP
        until_s = int(told) / 1000 if is_time else self._clock() + LEAST_S
        self._known[place.address] = (url, until_s)

    def url(self, place: Place) -> str | None:
        url, until = self._known.get(place.address, (None, 0.0))
        return url if until > self._clock() else None

    def _is_trusted(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if parts.scheme == "https" and f".{parts.hostname or ''}".endswith(_DINGTALK):
            return True
        is_own = parts.scheme == self._own.scheme and parts.hostname == self._own.hostname
        return is_own and (self._any_port or parts.netloc == self._own.netloc)


class PlainMessages:
    """Raises DeskUnavailable, DeskRefused, StoreError."""

    def __init__(self, calls: DingTalkCalls, sessions: Sessions, posts: PostStore) -> None:
        self._calls = calls
        self._sessions = sessions
        self._posts = posts

    async def said(self, key: str, conversation: str) -> str | None:
        """What the message of a key is called, where there is one."""
        known = await self._posts.post(CHANNEL, _plain_key(key)) if conversation else None
        is_sent = known is not None and known.state is PostState.FINAL
        return known.reference if known is not None and is_sent else None

    async def say(self, key: str, conversation: str, place: Place, title: str, text: str) -> str:
        """Once for a key. What it is called."""
        plain = Post(CHANNEL, _plain_key(key), conversation, place.address, "")
        known = await self._posts.post(CHANNEL, plain.key) if conversation else None
        if known is not None and known.state is PostState.FINAL:
            return known.reference
        if known is not None and known.reference != _FREE:
            await self._save(plain, _FREE, PostState.PROVISIONAL)
            raise DeskRefused(
                "nobody knows whether DingTalk took the message; look into the chat, and have it "
                "delivered again if it is not there"
            )
        await self._save(plain, "", PostState.PROVISIONAL)
        try:
            carrier = await self._send(place, title, text)
        except OutcomeUnknown:
            raise
        except (DeskUnavailable, DeskRefused):
            await self._save(plain, _FREE, PostState.PROVISIONAL)
            raise
        await self._save(plain, f"{PLAIN}{carrier}", PostState.FINAL)
        return f"{PLAIN}{carrier}"

    async def _send(self, place: Place, title: str, text: str) -> str:
        try:
            return await self._by_robot(place, title, text)
        except DeskRefused:
            url = self._sessions.url(place)
            if url is None:
                raise
            return await self._answer(url, place, title, text)

    async def _by_robot(self, place: Place, title: str, text: str) -> str:
        param = json.dumps({"title": title, "text": text}, ensure_ascii=False)
        body = {"robotCode": self._calls.robot, "msgKey": "sampleMarkdown", "msgParam": param}
        conversation = conversation_of(place)
        if conversation is None:
            told = await self._calls.call("POST", TO_ONE, {**body, "userIds": [reached(place)]})
            _check_sent(told)
        else:
            to = {**body, "openConversationId": conversation}
            told = await self._calls.call("POST", TO_GROUP, to)
        return str(told.get("processQueryKey") or "")

    async def _answer(self, url: str, place: Place, title: str, text: str) -> str:
        body: dict[str, Any] = {"msgtype": "markdown"}
        user = user_of(place)
        if place.thread is not None and user is not None and not user.startswith(ELSEWHERE):
            body["at"] = {"atUserIds": [user]}
            text = f"@{user}\n\n{text}"  # only whom the text names as well is notified
        body["markdown"] = {"title": title, "text": text}
        await self._calls.answer(url, body)
        return ""

    async def _save(self, plain: Post, reference: str, state: PostState) -> None:
        if plain.conversation:
            post = Post(CHANNEL, plain.key, plain.conversation, plain.place, reference, state)
            await self._posts.save_post(post)


def _plain_key(key: str) -> str:
    return f"plain.{key}"


def _check_sent(told: Mapping[str, Any]) -> None:
    if told.get("flowControlledStaffIdList"):
        raise DingTalkUnavailable(f"DingTalk puts {TO_ONE} off for this person", 60.0)
    if told.get("invalidStaffIdList"):
        raise DingTalkRefused(TO_ONE, "param.userIdNotExist")
