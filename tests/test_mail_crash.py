"""A process ends at a step between a mail and its answer, any of them; the next one goes on.

The store of the process that ends refuses to work from that step on, so that nothing of it is
committed any more; another one is opened over the same file, with the same two mail servers.
"""

import asyncio
import shutil
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.adapters.sql_store import SqlStore, upgrade
from bot.bootstrap import Bot
from bot.channels.mail.imap import ImapAccount, Mailbox
from bot.channels.mail.watch import MailboxWatch
from bot.domain.conversation import Author, now
from bot.domain.mail_server import MailServer, Security
from tests.adapters.stores import Clock
from tests.channels.mail_office import SUPPORT, asks, open_bot, settings_of
from tests.mail_server import HOST, ImapBox, SmtpSink, imap_server, smtp_sink

NAME = "box"
MOST_STEPS = 120


class Ended(Exception):
    """The process is no more."""


def end_at(store: SqlStore, step: int) -> list[int]:
    """Counts the statements and commits of the writing connection; none gets through from `step`
    on. What is left of the count is in the list."""
    left = [step]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Ended

    engine = store._database._writing  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    return left


async def read_and_answer(bot: Bot, box: ImapBox, clock: Clock) -> None:
    assert bot.mail is not None
    assert bot.mail.inbound is not None
    account = ImapAccount(MailServer(HOST, box.port, Security.NONE), SUPPORT, box.password)
    intake = bot.mail.inbound.intake
    watch = MailboxWatch(NAME, lambda: Mailbox(account), bot.store, intake, clock)
    mailbox = Mailbox(account)
    try:
        await asyncio.to_thread(mailbox.open)
        await watch.read_on(mailbox)
        await bot.turns.recover()
        await bot.turns.close()
        while await bot.hand_over.outbox.deliver_due():
            pass
    finally:
        mailbox.close()
        await bot.turns.close()


async def prepared(path: Path, box: ImapBox, sink: SmtpSink, clock: Clock) -> None:
    """The mailbox was read before, when it was empty."""
    url = f"sqlite:///{path}"
    await upgrade(url)
    store = await SqlStore.open(url, clock)
    await read_and_answer(open_bot(settings_of(sink, desk=True), store, clock), box, clock)
    await store.close()


@pytest.mark.parametrize(
    ("text", "most_mails", "stride"),
    [("How many columns can a board have?", 1, 1), ("I want to talk to a human", 2, 4)],
)
async def test_whenever_it_ends_there_is_one_answer(
    tmp_path: Path, text: str, most_mails: int, stride: int
) -> None:
    template = tmp_path / "template.db"
    clock = Clock()
    clock.time = now()  # by which turns are leased
    steps = 0
    async with imap_server(ImapBox()) as box, smtp_sink(SmtpSink()) as sink:
        await prepared(template, box, sink, clock)
        box.add(asks(text))
        for step in range(1, MOST_STEPS, stride):
            sink.mails.clear()
            path = tmp_path / f"step-{step}.db"
            shutil.copy(template, path)
            store = await SqlStore.open(f"sqlite:///{path}", clock)
            left = end_at(store, step)
            with suppress(Exception):
                await read_and_answer(
                    open_bot(settings_of(sink, desk=True), store, clock), box, clock
                )
            with suppress(Exception):
                await store.close()
            clock.advance(timedelta(minutes=6))  # leases have run out, and the first wait
            store = await SqlStore.open(f"sqlite:///{path}", clock)
            bot = open_bot(settings_of(sink, desk=True), store, clock)
            for _ in range(2):
                await read_and_answer(bot, box, clock)
                clock.advance(timedelta(minutes=6))
            (mail,) = [one.conversation for one in await mails_of(store)]
            said = await store.messages(mail)
            assert [one.author for one in said if one.author is not Author.SYSTEM] == [
                Author.CUSTOMER,
                Author.BOT,
            ]
            assert len(set(sink.ids)) == most_mails, step
            # Twice at most: sent, and not yet written down so.
            assert max(Counter(sink.ids).values()) <= 2, step
            assert await store.dead_deliveries() == []
            await store.close()
            path.unlink()
            if left[0] > 0:
                steps = step
                break
    assert steps > 10


async def mails_of(store: SqlStore) -> list[object]:
    found = await store.thread_of(["mail-1@example.com"])
    assert found is not None
    return list(await store.mails_of(found))
