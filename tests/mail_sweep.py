"""Mail in and mail out, killed at each step: `python -m tests.mail_sweep URL WAY TEXT IMAP SMTP`.

WAY is how the mail comes in (`imap` or `webhook`), IMAP and SMTP are the ports of the servers. For
each line on its input, the number of a step, a child is forked, and its process id printed. The
child counts the statements and commits of its writing connection, each look at the mailbox and each
mail before it leaves and once it has left, and kills itself (SIGKILL) at that step; at 0 somebody
else does. Another child goes on with what it finds, and looks whether all is there. Prints `died`
or, of a child that came to its end, `survived`. The database is emptied.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import func, select

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store.tables import conversations
from bot.bootstrap import Bot
from bot.channels.mail.imap import FetchedMail, ImapAccount, Mailbox
from bot.channels.mail.watch import MailboxWatch
from bot.domain.conversation import Author, now
from bot.domain.mail import MailboxPlace, OutgoingMail
from bot.domain.mail_server import MailServer, Security
from bot.domain.outbox import Delivery
from bot.ports import Mailer
from tests.adapters.stores import delete_conversations
from tests.channels.mail_office import SUPPORT, asks, open_bot, settings_of
from tests.handoff_sweep import LEASES_ARE_OVER, SURVIVED, Death, LateStore, NoVectors, waited_for
from tests.mail_server import HOST, ImapBox, SmtpSink

NAME = "box"


class DyingMailbox(Mailbox):
    def __init__(self, account: ImapAccount, step: Callable[..., None]) -> None:
        super().__init__(account)
        self._step = step

    def after(self, place: MailboxPlace, at: Any) -> list[FetchedMail]:
        self._step()
        return super().after(place, at)

    def mark_seen(self, place: MailboxPlace) -> None:
        self._step()
        super().mark_seen(place)
        self._step()


class DyingMailer:
    def __init__(self, mailer: Mailer, step: Callable[..., None]) -> None:
        self.address = mailer.address
        self._mailer = mailer
        self._step = step

    async def send(self, mail: OutgoingMail) -> None:
        self._step()
        await self._mailer.send(mail)
        self._step()


class OrderlyStore(LateStore):
    """One mail leaves after the other: side by side, the steps of one fall between those of another
    differently each time, and nobody could say which of them a death undid."""

    async def lease_deliveries(self, *asked: Any) -> Sequence[Delivery]:
        assert self.opened is not None
        *which, _ = asked
        return await self.opened.lease_deliveries(*which, 1)


class Sweep:
    def __init__(self, url: str, way: str, text: str, imap: int, smtp: int) -> None:
        self._url = url
        self._way = way
        self._raw = asks(text)
        self._account = ImapAccount(
            MailServer(HOST, imap, Security.NONE), SUPPORT, ImapBox().password
        )
        self._store = OrderlyStore()
        self._bot: Bot = open_bot(
            settings_of(SmtpSink(port=smtp), desk=True),
            self._store,  # type: ignore[arg-type]
            self._store.clock,
            similarity=NoVectors(),
        )

    async def warm_up(self) -> None:
        """What each child would have to read anew; a mail is heard, but none leaves."""
        self._store.opened = MemoryStore(self._store.clock)
        assert self._bot.mail is not None
        assert self._bot.mail.inbound is not None
        await self._bot.mail.inbound.intake.take(self._raw)
        await self._bot.turns.close()

    async def live(self, step: int) -> int:
        store = await self._store.open(self._url)
        await store._database.write(delete_conversations)
        await store.save_mailbox_place(NAME, MailboxPlace(1, 0, now()))
        death = Death(step)
        death.watch(store)
        self._use(partial(DyingMailer, step=death))
        await self._work(death)
        return SURVIVED

    async def check(self) -> int:
        """As a process that starts when all leases have run out, and the first wait is over."""
        store = await self._store.open(self._url, LEASES_ARE_OVER)
        for _ in range(2):
            await self._work()
            self._store.ahead += LEASES_ARE_OVER
        count = select(func.count()).select_from(conversations)
        assert (
            await store._database.read(lambda connection: connection.execute(count).scalar()) == 1
        )
        conversation = await store.thread_of(["mail-1@example.com"])
        assert conversation is not None
        said = await store.messages(conversation)
        authors = [one.author for one in said if one.author is not Author.SYSTEM]
        assert authors == [Author.CUSTOMER, Author.BOT], authors
        assert not await store.dead_deliveries()
        await store.close()
        return 0

    def _use(self, mailer: Callable[[Mailer], Mailer]) -> None:
        assert self._bot.mail is not None
        senders: list[Any] = [self._bot.mail.courier, self._bot.hand_over.outbox._desks["mail"]]
        for sender in senders:
            sender._mailer = mailer(sender._mailer)

    async def _work(self, step: Callable[..., None] = lambda: None) -> None:
        """Everything there is to do, by one who does not know what was done before."""
        bot = self._bot
        assert bot.mail is not None
        assert bot.mail.inbound is not None
        if self._way == "webhook":  # posted again until it was taken
            await bot.mail.inbound.intake.take(self._raw)
        else:
            await self._read(bot, step)
        await bot.turns.recover()
        await bot.turns.close()
        while await bot.hand_over.outbox.deliver_due():
            pass

    async def _read(self, bot: Bot, step: Callable[..., None]) -> None:
        assert bot.mail is not None
        assert bot.mail.inbound is not None
        mailbox = DyingMailbox(self._account, step)
        watch = MailboxWatch(
            NAME, lambda: mailbox, bot.store, bot.mail.inbound.intake, self._store.clock
        )
        try:
            await asyncio.to_thread(mailbox.open)
            await watch.read_on(mailbox)
        finally:
            mailbox.close()

    def run(self) -> None:
        asyncio.run(self.warm_up())
        for line in sys.stdin:
            code = waited_for(partial(self.live, int(line)), lambda pid: print(pid, flush=True))
            if code not in (SURVIVED, -signal.SIGKILL) or waited_for(self.check) != 0:
                raise SystemExit(f"step {line.strip()} ended with {code}, or was not finished")
            print("survived" if code == SURVIVED else "died", flush=True)


if __name__ == "__main__":
    url, way, text, imap, smtp = sys.argv[1:]
    Sweep(url, way, text, int(imap), int(smtp)).run()
