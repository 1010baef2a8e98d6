"""The seams of channels elsewhere: what came in from them, and where conversations are held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import Conversation
from bot.domain.inbound import InboundEvent, Mark, Post, PostState, Thread


class InboundStore(Protocol):
    """Every method is one transaction; failures raise StoreError."""

    async def take_event(self, event: InboundEvent) -> bool:
        """Commit it, and how far its place was read. False, and nothing is changed, where its key
        or its twin is known."""
        ...

    async def lease_events(
        self, channel: str, worker: str, until: datetime, limit: int
    ) -> Sequence[InboundEvent]:
        """Those that are due, nobody else's, and the first of their group that is not over."""
        ...

    async def settle_event(self, channel: str, key: str, worker: str) -> bool:
        """It was handled; its body is forgotten. False when the lease was lost, as in the next
        two."""
        ...

    async def retry_event(
        self, channel: str, key: str, worker: str, due_at: datetime, error: str
    ) -> bool:
        """`error` is empty where it is only put off, which is no attempt."""
        ...

    async def bury_event(self, channel: str, key: str, worker: str, error: str) -> bool:
        """It is given up and holds back nobody any more."""
        ...

    async def dead_events(self, limit: int = 200) -> Sequence[InboundEvent]:
        """Of all channels, the latest first."""
        ...

    async def replay_event(self, channel: str, key: str) -> bool:
        """It is tried again, in its old place among those of its group. False for one that was not
        given up."""
        ...

    async def forget_events(self, before: datetime) -> None:
        """Those that are over and came before."""
        ...

    async def mark_read(self, channel: str, mark: Mark) -> None:
        """Never back."""
        ...

    async def marks(self, channel: str, since: datetime) -> Sequence[Mark]:
        """Of places that were read since then."""
        ...


class ThreadStore(Protocol):
    """Likewise."""

    async def thread(self, channel: str, address: str) -> str | None:
        """The conversation that is held there."""
        ...

    async def begin_thread(self, channel: str, address: str, conversation: Conversation) -> str:
        """The conversation that is held there: the new one, or the one of whoever was faster, and
        then the new one is not kept."""
        ...

    async def renew_thread(
        self,
        channel: str,
        address: str,
        conversation: Conversation,
        silent_since: datetime,
        key: str,
    ) -> str:
        """As above, where one talk follows another: the new one takes the place of one in which
        nobody said anything since then, unless a person has that. A message with this key that was
        heard there before stays where it was said."""
        ...

    async def hold_thread(self, channel: str, address: str, conversation_id: str) -> None:
        """This conversation is held there from now on."""
        ...

    async def join_thread(self, channel: str, address: str, conversation_id: str) -> None:
        """A conversation is held there as well; nothing where one is held already."""
        ...

    async def make_public(self, conversation_id: str) -> None:
        """Internal articles are read in it no more."""
        ...

    async def threads_since(self, channel: str, since: datetime) -> Sequence[Thread]:
        """Those where somebody said something since then; the latest first."""
        ...


class PostStore(Protocol):
    """Likewise."""

    async def post(self, channel: str, key: str) -> Post | None: ...

    async def begin_post(self, post: Post) -> bool:
        """False, and nothing is changed, where its key stands for one."""
        ...

    async def advance_post(self, post: Post, former: PostState) -> bool:
        """In place of what its key stands for, where that is in this state still; else False, and
        nothing is changed."""
        ...

    async def save_post(self, post: Post) -> None:
        """In place of whatever its key stood for before."""
        ...

    async def posts_of(self, conversation_id: str) -> Sequence[Post]:
        """In the order of their times."""
        ...


class InstallationStore(Protocol):
    """Where an app was installed, and by which sealed secrets. Likewise."""

    async def save_installation(self, channel: str, key: str, sealed: str) -> None:
        """In place of the one before."""
        ...

    async def installation(self, channel: str, key: str) -> str | None: ...

    async def installations(self, channel: str) -> Sequence[str]:
        """Their keys."""
        ...

    async def forget_installation(self, channel: str, key: str) -> None: ...
