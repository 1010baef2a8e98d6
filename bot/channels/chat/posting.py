"""A post that is made once, whatever becomes of the answer to the call that made it.

It is written down as begun before the call and as made after it. What is begun and not made was cut
short in between: it is looked for by its key before it is made again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.channels.chat.place import Place
from bot.channels.chat.program import Wall
from bot.channels.chat.sheet import Sheet
from bot.domain.conversation import now
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskUnavailable
from bot.ports.inbound import PostStore


class PutUpElsewhere(DeskUnavailable):
    """Another process began it at this moment."""


class Poster:
    """Raises DeskUnavailable, DeskRefused, StoreError."""

    def __init__(
        self, channel: str, wall: Wall, posts: PostStore, clock: Callable[[], datetime] = now
    ) -> None:
        self._channel = channel
        self._wall = wall
        self._posts = posts
        self._clock = clock

    async def made(self, key: str) -> Post | None:
        found = await self._posts.post(self._channel, key)
        return found if found is not None and found.state is PostState.FINAL else None

    async def post(
        self,
        key: str,
        conversation: str,
        place: Place,
        sheet: Sheet,
        facts: Mapping[str, str] | None = None,
    ) -> Post:
        known = await self._posts.post(self._channel, key)
        if known is not None and known.state is PostState.FINAL:
            return known
        if known is not None and (reference := await self._wall.find(known)):
            return await self._save(replace(known, reference=reference, state=PostState.FINAL))
        post = self._begun(key, conversation, place.address)
        if known is not None:
            await self._save(post)
        elif not await self._posts.begin_post(post):
            raise PutUpElsewhere("another process puts it up at this moment")
        reference = await self._wall.put(key, place, sheet, facts)
        return await self._save(replace(post, reference=reference, state=PostState.FINAL))

    async def open_thread(self, key: str, place: Place, sheet: Sheet, since: datetime) -> Place:
        """Below a post with which a conversation begins; looked for from `since` on."""
        post = Post(self._channel, key, "", place.address, "", PostState.PROVISIONAL, since)
        reference = await self._wall.find(post) or await self._wall.put(key, place, sheet)
        return self._wall.below(place, reference)

    async def note(self, key: str, conversation: str, place: Place, reference: str) -> None:
        """What stands somewhere, written down once."""
        if await self._posts.post(self._channel, key) is None:
            await self._save(
                Post(self._channel, key, conversation, place.address, reference, at=self._clock())
            )

    async def begin_anew(self, post: Post) -> None:
        """What was made is gone: it is made again the next time."""
        await self._save(self._begun(post.key, post.conversation, post.place))

    def _begun(self, key: str, conversation: str, address: str) -> Post:
        state = PostState.PROVISIONAL
        return Post(self._channel, key, conversation, address, "", state, self._clock())

    async def _save(self, post: Post) -> Post:
        await self._posts.save_post(post)
        return post
