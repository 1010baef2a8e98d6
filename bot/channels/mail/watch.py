"""Reads a mailbox on and on: what was taken is written down before the next one is looked at."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.mail.imap import FetchedMail, Mailbox, MailboxUnavailable
from bot.domain.conversation import new_id, now
from bot.domain.errors import StoreError
from bot.domain.mail import MailboxPlace, MailFate
from bot.ports import MailStore

log = logging.getLogger(__name__)

WAIT_S = 20.0  # for news; the lease is renewed in between
POLL_S = 15.0  # where the server cannot tell
LEASE_S = 120.0  # longer than a wait and what it brought
LEAST_PAUSE_S = 5.0  # after a failure, doubled with each further one
LONGEST_PAUSE_S = 300.0
SEEN = frozenset({MailFate.TAKEN, MailFate.DESK_REPLY})


class Intake(Protocol):
    async def take(self, raw: bytes) -> MailFate: ...

    async def refuse(self, raw: bytes) -> MailFate: ...


class MailboxWatch:
    def __init__(
        self,
        name: str,
        open_mailbox: Callable[[], Mailbox],
        store: MailStore,
        intake: Intake,
        clock: Callable[[], datetime] = now,
        wait_s: float = WAIT_S,
        pause_s: float = LEAST_PAUSE_S,
    ) -> None:
        self._name = name
        self._open_mailbox = open_mailbox
        self._store = store
        self._intake = intake
        self._clock = clock
        self._wait_s = wait_s
        self._least_pause_s = self._pause_s = pause_s
        self._worker = new_id()

    async def run(self) -> None:
        """Until cancelled. Of several processes one reads; the others stand by."""
        while True:
            try:
                if await self._lease():
                    await self._follow()
                else:
                    self._pause_s = self._least_pause_s
            except (MailboxUnavailable, StoreError) as error:
                log.warning("mailbox not read: %s; again in %.0f s", error, self._pause_s)
            except Exception:
                # The edge of the task: whatever it was, the mails are still in the mailbox.
                log.exception("mailbox not read; again in %.0f s", self._pause_s)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    async def read_on(self, mailbox: Mailbox) -> int:
        """What is there now; how many. Raises MailboxUnavailable, StoreError."""
        place = await self._store.mailbox_place(self._name)
        if place is None:
            place = await asyncio.to_thread(mailbox.start, self._clock())
            await self._store.save_mailbox_place(self._name, place)
        mails = await asyncio.to_thread(mailbox.after, place, self._clock())
        for mail in mails:
            fate = await self._take(mail)
            await self._store.save_mailbox_place(self._name, mail.place)
            if fate in SEEN:
                await asyncio.to_thread(mailbox.mark_seen, mail.place)
        return len(mails)

    async def _follow(self) -> None:
        """Until the lease is lost."""
        mailbox = self._open_mailbox()
        try:
            await asyncio.to_thread(mailbox.open)
            self._pause_s = self._least_pause_s
            while await self._lease():
                if await self.read_on(mailbox):
                    continue
                if not await asyncio.to_thread(mailbox.wait, self._wait_s):
                    await asyncio.sleep(min(POLL_S, self._wait_s))
        finally:
            mailbox.close()  # a thread that still waits for the server ends with it
            with suppress(StoreError):
                await self._release()

    async def _take(self, mail: FetchedMail) -> MailFate:
        if mail.raw is None:
            return await self._intake.refuse(_name_of(mail.place))
        try:
            return await self._intake.take(mail.raw)
        except StoreError:
            raise
        except Exception:
            # One mail that nothing can be done with does not keep the others waiting.
            log.exception("mail not taken: uid=%d", mail.place.uid)
            return await self._intake.refuse(mail.raw)

    async def _lease(self) -> bool:
        until = self._clock() + timedelta(seconds=LEASE_S)
        return await self._store.lease_mailbox(self._name, self._worker, until)

    async def _release(self) -> None:
        await self._store.lease_mailbox(self._name, self._worker, self._clock())


def _name_of(place: MailboxPlace) -> bytes:
    return f"{place.validity}.{place.uid}".encode()
