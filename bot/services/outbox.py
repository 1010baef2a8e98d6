"""Takes what the store keeps for desks and channels to them, again and again until it arrived."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile

from bot.domain.conversation import Locale, Message, new_id, now
from bot.domain.errors import StoreError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable, Recipient
from bot.domain.ticket import TicketEventKind
from bot.ports import Courier, Storage, TicketDesk
from bot.services.circuits import Circuits
from bot.services.leases import ENDING_S, cut_short, leased
from bot.services.masking import Masker, mask_messages

log = logging.getLogger(__name__)

# How long a delivery waits after each failed attempt; after one more it is given up.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
JITTER = 0.1  # of the wait, at most: recipients that come back are not met by everybody at once
ATTEMPT_S = 20.0
LEASE_S = 60.0  # longer than an attempt, so that nobody else makes it too
POLL_S = 1.0  # how late a delivery may leave that another process put in
BATCH = 20


class Outbox:
    def __init__(
        self,
        store: Storage,
        desks: Sequence[TicketDesk] = (),
        clock: Callable[[], datetime] = now,
        chance: Callable[[], float] = random.random,
        masker: Callable[[Locale], Masker] | None = None,
        ending_s: float = ENDING_S,
    ) -> None:
        """`masker`: where desks read nothing that points to a person."""
        self._store = store
        self._desks = {desk.name: desk for desk in desks}
        self._couriers: dict[str, Courier] = {}
        self._circuits = Circuits(self._desks, clock)
        self._clock = clock
        self._chance = chance
        self._masker = masker
        self._ending_s = ending_s
        self._worker = new_id()
        self._news = asyncio.Event()

    @property
    def desks(self) -> tuple[str, ...]:
        return tuple(self._desks)

    def connect(self, channel: str, courier: Courier) -> None:
        """Messages of this channel leave by the courier; those of others are left to processes
        that have one."""
        self._couriers[channel] = courier

    def nudge(self) -> None:
        """Something was put in: take it at once."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; attempts under way that do not end soon are then made by the next."""
        while True:
            self._news.clear()
            try:
                while await self.deliver_due():
                    pass
            except StoreError:
                log.exception("the outbox could not be read; it is tried again")
            with suppress(TimeoutError):
                # Not `wait_for`, which loses a cancellation that comes with the news.
                async with asyncio.timeout(POLL_S):
                    await self._news.wait()

    async def deliver_due(self) -> int:
        """One attempt at each of the first that are due; how many. Raises StoreError.

        What goes to a desk that is left alone stays due; it is not attempted, nor counted so.
        """
        due = list(await self._lease(self._circuits.flowing(), set(self._couriers), BATCH))
        for name in self._circuits.to_try():
            due += await self._lease({name}, set(), 1)
        await self._attempt_all(due)
        return len(due)

    async def _lease(self, desks: set[str], channels: set[str], most: int) -> Sequence[Delivery]:
        until = self._clock() + timedelta(seconds=LEASE_S)
        leasing = self._store.lease_deliveries(self._worker, until, desks, channels, most)
        return await leased(leasing, self._give_back)

    async def _attempt_all(self, due: Sequence[Delivery]) -> None:
        attempts = {asyncio.create_task(self._attempt(one)): one for one in due}
        try:
            await asyncio.shield(asyncio.gather(*attempts))
        except asyncio.CancelledError:
            with suppress(StoreError):
                await self._give_back(await cut_short(attempts, self._ending_s))
            raise

    async def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        """They are due again soon, which is no attempt."""
        due_at = self._clock() + WAITS[0]
        for one in deliveries:
            await self._store.retry_delivery(one.key, self._worker, due_at, "")

    async def _attempt(self, delivery: Delivery) -> None:
        """An end that cannot be written down is made again, once the lease has run out."""
        key = delivery.key
        try:
            async with asyncio.timeout(ATTEMPT_S):
                reference = await self._deliver(delivery)
        except StoreError:
            log.exception("delivery not attempted: %s", key)
        except DeskRefused as error:
            log.error("delivery refused: %s: %s", key, error)
            self._worked(delivery)
            await self._store.bury_delivery(key, self._worker, str(error))
        except DeskUnavailable as error:
            why = str(error) or type(error).__name__
            await self._try_later(delivery, why, error.retry_after_s)
        except TimeoutError:
            await self._try_later(delivery, f"no answer in {ATTEMPT_S:.0f} s")
        except Exception as error:
            # The edge of an attempt: whatever it was, the deliveries beside it go on.
            log.exception("delivery failed: %s", key)
            await self._try_later(delivery, type(error).__name__)
        else:
            self._worked(delivery)
            await self._store.settle_delivery(key, self._worker, reference)

    async def _deliver(self, delivery: Delivery) -> str | None:
        message = await self._said(delivery)
        if delivery.recipient is Recipient.DESK:
            ticket = await self._store.ticket(delivery.ticket) if delivery.ticket else None
            if ticket is None:
                raise DeskRefused("the ticket is gone")
            return await self._desks[delivery.name].deliver(delivery, ticket, message)
        conversation = await self._store.conversation(delivery.conversation)
        if conversation is None or message is None:
            raise DeskRefused("the message is gone")
        await self._couriers[delivery.name].deliver(conversation, message)
        return None

    async def _said(self, delivery: Delivery) -> Message | None:
        """A note of an agent is told as what an agent says, by an event of its own."""
        if delivery.message is None:
            return None
        if delivery.kind is not TicketEventKind.NOTED or delivery.ticket is None:
            message = await self._store.message(delivery.message)
            if message is None or delivery.recipient is not Recipient.DESK:
                return message
            return await self._masked(message)
        notes = await self._store.notes(delivery.ticket)
        return next(
            (note.said(delivery.conversation) for note in notes if note.id == delivery.message),
            None,
        )

    def _worked(self, delivery: Delivery) -> None:
        """A channel of the same name says nothing of a desk."""
        if delivery.recipient is Recipient.DESK:
            self._circuits.answered(delivery.name)

    async def _masked(self, message: Message) -> Message:
        """After all before it, so that the same thing has the same mask throughout."""
        if self._masker is None:
            return message
        conversation = await self._store.conversation(message.conversation)
        said = await self._store.messages(message.conversation)
        locale = conversation.locale if conversation is not None else None
        [*_, masked] = mask_messages(_up_to(said, message), self._masker(locale or Locale.EN))
        return masked

    async def _try_later(
        self, delivery: Delivery, error: str, retry_after_s: float | None = None
    ) -> None:
        if delivery.recipient is Recipient.DESK:
            self._circuits.failed(delivery.name, retry_after_s)
        if delivery.attempts >= len(WAITS):
            log.error("delivery given up: %s: %s", delivery.key, error)
            await self._store.bury_delivery(delivery.key, self._worker, error)
            return
        log.warning("delivery put off: %s: %s", delivery.key, error)
        wait = WAITS[delivery.attempts] * (1 + JITTER * self._chance())
        asked = timedelta(seconds=min(retry_after_s or 0.0, WAITS[-1].total_seconds()))
        due_at = self._clock() + max(wait, asked)
        await self._store.retry_delivery(delivery.key, self._worker, due_at, error)


def _up_to(said: Sequence[Message], message: Message) -> Sequence[Message]:
    return [*takewhile(lambda one: one.id != message.id, said), message]
