"""Which card is which: DingTalk calls one by a name that we give it, and quotes it by another.

What of a card has to be found again is written down beside its post.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bot.channels.dingtalk import CHANNEL
from bot.domain.inbound import Post
from bot.ports.inbound import PostStore


@dataclass(frozen=True, slots=True)
class Track:
    """A card that was put up."""

    reference: str  # what it is called in calls and clicks
    conversation: str
    place: str  # the address where it stands
    facts: Mapping[str, str]
    carrier: str = ""  # what DingTalk calls the message with the card in it
    is_delivered: bool = True


def track_of(key: str) -> str:
    """What the card of a key is called, however often it is put up."""
    return f"firstline.{sha256(key.encode()).hexdigest()[:40]}"


class Tracks:
    """Methods raise StoreError."""

    def __init__(self, posts: PostStore) -> None:
        self._posts = posts

    async def conversation(self, key: str) -> str:
        """For which a post was begun under its key; empty where for none."""
        begun = await self._posts.post(CHANNEL, key)
        return begun.conversation if begun is not None else ""

    async def note(self, track: Track) -> None:
        """Nothing of a card that belongs to no conversation."""
        if not track.conversation:
            return
        at = (track.conversation, track.place)
        told = {"carrier": track.carrier, "delivered": track.is_delivered, "facts": {**track.facts}}
        kept = json.dumps(told, ensure_ascii=False)
        await self._posts.save_post(Post(CHANNEL, f"track.{track.reference}", *at, kept))
        if track.carrier:
            carried = Post(CHANNEL, f"carrier.{track.carrier}", *at, track.reference)
            await self._posts.save_post(carried)

    async def track(self, reference: str) -> Track | None:
        post = await self._posts.post(CHANNEL, f"track.{reference}")
        if post is None:
            return None
        told = json.loads(post.reference)
        return Track(
            reference,
            post.conversation,
            post.place,
            told["facts"],
            told["carrier"],
            told["delivered"],
        )

    async def carried(self, carrier: str) -> Track | None:
        """By a quotation of it."""
        post = await self._posts.post(CHANNEL, f"carrier.{carrier}")
        return await self.track(post.reference) if post is not None else None
