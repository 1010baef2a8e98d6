"""Who writes a post that fills: the process that follows the turn, then whoever has the answer.

The one hands on what the other takes. What is never handed on was begun by a process that ended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.chat.place import Place
from bot.domain.conversation import Message, now
from bot.domain.inbound import Post, PostState
from bot.ports.inbound import PostStore

GONE_AFTER = timedelta(seconds=60)  # by then its leases are over as well
LOOK_S = 0.1
LOOKS = 150  # together as long as a call to a chat program may take


def answer_key(message: str) -> str:
    """Of the post that answers a message."""
    return f"answer.{message}"


class Relay:
    """Methods raise StoreError."""

    def __init__(self, channel: str, posts: PostStore, clock: Callable[[], datetime] = now) -> None:
        self._channel = channel
        self._posts = posts
        self._clock = clock

    async def begin(self, message: Message, place: Place) -> Post | None:
        """The post that will answer it, before it is put up. None where somebody began it."""
        key = answer_key(message.id)
        at = (message.conversation, place.address)
        begun = Post(self._channel, key, *at, "", PostState.LIVE, self._clock())
        return begun if await self._posts.begin_post(begun) else None

    async def put_up(self, begun: Post) -> bool:
        """It stands there, under its reference. False where it was taken meanwhile."""
        return await self._posts.advance_post(begun, PostState.LIVE)

    async def hand_on(self, begun: Post) -> bool:
        """Nothing more is written by who began it. False where it was taken meanwhile."""
        handed_on = replace(begun, state=PostState.PROVISIONAL)
        return await self._posts.advance_post(handed_on, PostState.LIVE)

    async def end(self, begun: Post) -> None:
        """There is no answer for which it would stand."""
        await self._posts.advance_post(replace(begun, state=PostState.FINAL), PostState.LIVE)

    async def take(self, message: Message, since: datetime) -> Post | None:
        """What was begun in answer to it, to be made final, once nobody else writes it. `since`:
        when the answer was there, from when on little is left to be written."""
        key, looks = answer_key(message.id), 0
        while True:
            post = await self._posts.post(self._channel, key)
            if post is None or post.state is not PostState.LIVE:
                return post
            if looks < LOOKS and self._clock() - since < GONE_AFTER:
                looks += 1
                await asyncio.sleep(LOOK_S)
                continue
            taken = replace(post, state=PostState.PROVISIONAL)
            if await self._posts.advance_post(taken, PostState.LIVE):
                return taken

    async def taken(self, begun: Post) -> str:
        """The reference of what stands there by who took it; empty where nothing came of it."""
        for _ in range(LOOKS):
            post = await self._posts.post(self._channel, begun.key)
            if post is None or post.reference:
                return post.reference if post is not None else ""
            await asyncio.sleep(LOOK_S)
        return ""
