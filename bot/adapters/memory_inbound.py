"""Events, threads and posts of channels elsewhere in the store that keeps nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation, Message
from bot.domain.inbound import InboundEvent, InboundState, Mark, Post, PostState, Thread


@dataclass(slots=True)
class _Arrival:
    """An event and who is at it."""

    event: InboundEvent
    due_at: datetime
    worker: str | None = None
    lease_until: datetime | None = None

    def is_due(self, at: datetime) -> bool:
        return self.due_at <= at and (self.lease_until is None or self.lease_until <= at)


class MemoryInbound:
    _clock: Callable[[], datetime]
    _conversations: dict[str, Conversation]
    _messages: dict[str, list[Message]]

    def __init__(self) -> None:
        self._arrivals: dict[tuple[str, str], _Arrival] = {}  # by channel and key, as they came
        self._twins: set[tuple[str, str]] = set()
        self._marks: dict[tuple[str, str], Mark] = {}
        self._threads: dict[tuple[str, str], Thread] = {}
        self._posts: dict[tuple[str, str], Post] = {}
        self._installations: dict[tuple[str, str], str] = {}

    async def take_event(self, event: InboundEvent) -> bool:
        check_storable(event.key, event.twin, event.group, event.kind)
        twin = (event.channel, event.twin or "")
        if (event.channel, event.key) in self._arrivals or twin in self._twins:
            return False
        if event.twin is not None:
            self._twins.add(twin)
        kept = replace(event, sequence=len(self._arrivals) + 1, mark=None)
        self._arrivals[event.channel, event.key] = _Arrival(kept, event.received_at)
        if event.mark is not None:
            await self.mark_read(event.channel, event.mark)
        return True

    async def lease_events(
        self, channel: str, worker: str, until: datetime, limit: int
    ) -> Sequence[InboundEvent]:
        first: dict[str, _Arrival] = {}
        for one in self._arrivals.values():
            if one.event.channel == channel and one.event.state is InboundState.PENDING:
                first.setdefault(one.event.group, one)
        at = self._clock()
        due = [one for one in first.values() if one.is_due(at)][:limit]
        for one in due:
            one.worker, one.lease_until = worker, until
        return [one.event for one in due]

    async def settle_event(self, channel: str, key: str, worker: str) -> bool:
        return self._end_event(
            channel, key, worker, state=InboundState.HANDLED, body={}, error=None
        )

    async def retry_event(
        self, channel: str, key: str, worker: str, due_at: datetime, error: str
    ) -> bool:
        if not self._end_event(channel, key, worker, int(bool(error)), error=error or None):
            return False
        self._arrivals[channel, key].due_at = due_at
        return True

    async def bury_event(self, channel: str, key: str, worker: str, error: str) -> bool:
        return self._end_event(channel, key, worker, state=InboundState.DEAD, error=error)

    async def dead_events(self, limit: int = 200) -> Sequence[InboundEvent]:
        everything = [one.event for one in reversed(self._arrivals.values())]
        return [one for one in everything if one.state is InboundState.DEAD][:limit]

    async def replay_event(self, channel: str, key: str) -> bool:
        arrival = self._arrivals.get((channel, key))
        if arrival is None or arrival.event.state is not InboundState.DEAD:
            return False
        arrival.event = replace(arrival.event, state=InboundState.PENDING, attempts=0, error=None)
        arrival.due_at = self._clock()
        return True

    async def forget_events(self, before: datetime) -> None:
        over = [
            one.event
            for one in self._arrivals.values()
            if one.event.state is not InboundState.PENDING and one.event.received_at < before
        ]
        for event in over:
            del self._arrivals[event.channel, event.key]
            self._twins.discard((event.channel, event.twin or ""))

    async def mark_read(self, channel: str, mark: Mark) -> None:
        known = self._marks.get((channel, mark.address))
        if known is None or known.seen < mark.seen:
            self._marks[channel, mark.address] = mark

    async def marks(self, channel: str, since: datetime) -> Sequence[Mark]:
        found = [mark for (of, _), mark in self._marks.items() if of == channel]
        return [mark for mark in found if mark.at >= since]

    async def thread(self, channel: str, address: str) -> str | None:
        found = self._threads.get((channel, address))
        return found.conversation if found is not None else None

    async def begin_thread(self, channel: str, address: str, conversation: Conversation) -> str:
        check_storable(address, conversation.address)
        known = await self.thread(channel, address)
        if known is not None:
            return known
        self._conversations[conversation.id] = conversation
        self._messages[conversation.id] = []
        begun = Thread(channel, address, conversation.id, conversation.created_at)
        self._threads[channel, address] = begun
        return conversation.id

    async def renew_thread(
        self,
        channel: str,
        address: str,
        conversation: Conversation,
        silent_since: datetime,
        key: str,
    ) -> str:
        check_storable(address, conversation.address)
        heard = self._heard(channel, address, conversation.customer, key)
        if heard is not None:
            return heard
        held = self._threads.get((channel, address))
        if held is not None and self._is_over(held, silent_since):
            del self._threads[channel, address]
        return await self.begin_thread(channel, address, conversation)

    async def hold_thread(self, channel: str, address: str, conversation_id: str) -> None:
        check_storable(address)
        held = Thread(channel, address, conversation_id, self._clock())
        self._threads[channel, address] = held

    async def join_thread(self, channel: str, address: str, conversation_id: str) -> None:
        check_storable(address)
        joined = Thread(channel, address, conversation_id, self._clock())
        self._threads.setdefault((channel, address), joined)

    async def make_public(self, conversation_id: str) -> None:
        held = self._conversations[conversation_id]
        self._conversations[conversation_id] = replace(held, internal=False)

    async def threads_since(self, channel: str, since: datetime) -> Sequence[Thread]:
        def latest(thread: Thread) -> datetime:
            said = self._messages[thread.conversation]
            return max((one.created_at for one in said), default=datetime.min.replace(tzinfo=UTC))

        mine = [one for one in self._threads.values() if one.channel == channel]
        return sorted((one for one in mine if latest(one) >= since), key=latest, reverse=True)

    def _heard(self, channel: str, address: str, customer: str | None, key: str) -> str | None:
        for one in self._conversations.values():
            if (one.channel, one.address, one.customer) == (channel, address, customer) and any(
                said.client_message_id == key for said in self._messages[one.id]
            ):
                return one.id
        return None

    def _is_over(self, held: Thread, silent_since: datetime) -> bool:
        said = [one.created_at for one in self._messages[held.conversation]]
        status = self._conversations[held.conversation].status
        return max([held.at, *said]) < silent_since and not status.is_with_person

    async def post(self, channel: str, key: str) -> Post | None:
        return self._posts.get((channel, key))

    async def begin_post(self, post: Post) -> bool:
        check_storable(post.key, post.place, post.reference)
        return self._posts.setdefault((post.channel, post.key), post) is post

    async def advance_post(self, post: Post, former: PostState) -> bool:
        check_storable(post.reference)
        known = self._posts.get((post.channel, post.key))
        if known is None or known.state is not former:
            return False
        self._posts[post.channel, post.key] = post
        return True

    async def save_post(self, post: Post) -> None:
        check_storable(post.key, post.place, post.reference)
        self._posts[post.channel, post.key] = post

    async def posts_of(self, conversation_id: str) -> Sequence[Post]:
        mine = [one for one in self._posts.values() if one.conversation == conversation_id]
        return sorted(mine, key=lambda one: (one.at, one.key))

    async def save_installation(self, channel: str, key: str, sealed: str) -> None:
        check_storable(key, sealed)
        self._installations[channel, key] = sealed

    async def installation(self, channel: str, key: str) -> str | None:
        return self._installations.get((channel, key))

    async def installations(self, channel: str) -> Sequence[str]:
        return sorted(key for of, key in self._installations if of == channel)

    async def forget_installation(self, channel: str, key: str) -> None:
        self._installations.pop((channel, key), None)

    def _end_event(
        self, channel: str, key: str, worker: str, attempts: int = 1, **values: object
    ) -> bool:
        one = self._arrivals.get((channel, key))
        if one is None or one.worker != worker or one.event.state is not InboundState.PENDING:
            return False
        tried = one.event.attempts + attempts
        one.event = replace(one.event, attempts=tried, **values)  # type: ignore[arg-type]
        one.lease_until = None
        return True
