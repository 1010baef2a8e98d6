"""A post that is made once, whatever becomes of the answer to the call that made it.

It is written down as begun before the call and as made after it. What is begun and not made was cut
short in between: it is looked for by the key in its metadata before it is made again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.channels.chat.place import Place
from bot.channels.slack import CHANNEL
from bot.channels.slack.elements import Block
from bot.domain.conversation import now
from bot.domain.inbound import Post, PostState
from bot.ports.inbound import PostStore

EVENT_TYPE = "firstline_post"
PAGE = 200
SLACK_IS_LATE = timedelta(minutes=1)  # how far its clock may be behind ours


class Calls(Protocol):
    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Payload:
    text: str  # what notifications show; escaped
    blocks: Sequence[Block] = ()
    is_broadcast: bool = False  # of a thread: shown in the channel as well
    facts: Mapping[str, str] | None = None  # more in the metadata than the key

    def arguments(self, key: str, place: Place) -> dict[str, Any]:
        """Of the call that puts it up under this key."""
        given: dict[str, Any] = {
            "channel": place.channel,
            "text": self.text,
            "metadata": {
                "event_type": EVENT_TYPE,
                "event_payload": {"key": key, **(self.facts or {})},
            },
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if place.thread:
            given["thread_ts"] = place.thread
        if self.blocks:
            given["blocks"] = list(self.blocks)
        if self.is_broadcast:
            given["reply_broadcast"] = True
        return given


class Poster:
    """Raises DeskUnavailable, DeskRefused, StoreError."""

    def __init__(self, calls: Calls, posts: PostStore, clock: Callable[[], datetime] = now) -> None:
        self._calls = calls
        self._posts = posts
        self._clock = clock

    async def made(self, key: str) -> Post | None:
        found = await self._posts.post(CHANNEL, key)
        return found if found is not None and found.state is PostState.FINAL else None

    async def post(self, key: str, conversation: str, place: Place, payload: Payload) -> Post:
        """Its `reference` is the ts."""
        known = await self._posts.post(CHANNEL, key)
        if known is not None and known.state is PostState.FINAL:
            return known
        if known is not None and (ts := await self._find(known, _has(key))):
            return await self._save(replace(known, reference=ts, state=PostState.FINAL))
        post = await self._save(self._begun(key, conversation, place.address))
        ts = await self._put(key, place, payload)
        return await self._save(replace(post, reference=ts, state=PostState.FINAL))

    async def open_thread(self, key: str, place: Place, payload: Payload, since: datetime) -> str:
        """The ts of a post whose conversation begins with it; looked for from `since` on."""
        post = Post(CHANNEL, key, "", place.address, "", PostState.PROVISIONAL, since)
        return await self._find(post, _has(key)) or await self._put(key, place, payload)

    async def recover(self, begun: Post) -> Post | None:
        """A post that was put up and not written down; None where there is none.

        A stream says nothing about itself while it runs: it is the post of ours that does not, and
        that is no other's.
        """
        others = {one.reference for one in await self._posts.posts_of(begun.conversation)}
        bot = (await self._calls.call(Place.parse(begun.place).team, "auth.test")).get("user_id")

        def is_it(message: Mapping[str, Any]) -> bool:
            if message.get("ts") in others or not bot or message.get("user") != bot:
                return False
            return bool(facts_of(message).get("key", begun.key) == begun.key)

        ts = await self._find(begun, is_it)
        return await self._save(replace(begun, reference=ts)) if ts is not None else None

    async def _put(self, key: str, place: Place, payload: Payload) -> str:
        answer = await self._calls.call(
            place.team, "chat.postMessage", **payload.arguments(key, place)
        )
        return str(answer["ts"])

    async def note(self, key: str, conversation: str, place: Place, reference: str) -> None:
        """What stands somewhere, written down once."""
        if await self._posts.post(CHANNEL, key) is None:
            post = Post(CHANNEL, key, conversation, place.address, reference, at=self._clock())
            await self._save(post)

    async def begin_anew(self, post: Post) -> None:
        """What was made is gone: it is made again the next time."""
        await self._save(self._begun(post.key, post.conversation, post.place))

    def _begun(self, key: str, conversation: str, address: str) -> Post:
        state = PostState.PROVISIONAL
        return Post(CHANNEL, key, conversation, address, "", state, self._clock())

    async def _save(self, post: Post) -> Post:
        await self._posts.save_post(post)
        return post

    async def _find(self, begun: Post, is_it: Callable[[Mapping[str, Any]], bool]) -> str | None:
        place = Place.parse(begun.place)
        method, thread = "conversations.history", {}
        if place.thread:
            method, thread = "conversations.replies", {"ts": place.thread}
        cursor = ""
        while True:
            page = await self._calls.call(
                place.team,
                method,
                channel=place.channel,
                **thread,
                oldest=f"{(begun.at - SLACK_IS_LATE).timestamp():.6f}",
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
            for message in page.get("messages", ()):
                if is_it(message):
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return None


def _has(key: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda message: facts_of(message).get("key") == key


def facts_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a post of ours says about itself; nothing where it is none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return {}
    payload: Mapping[str, Any] = metadata.get("event_payload") or {}
    return payload
