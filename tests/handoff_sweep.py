"""The program of the crash sweep: a process dies at each step of a hand-over, the next ends it.

`python -m tests.handoff_sweep URL FOLDER` builds one bot and forks it: for each step a child
that counts the statements and commits of its writing connection and what its courier does, and that
kills itself (SIGKILL) before the one it was told. The child after it first goes on with what it
finds and looks whether all is there. It prints how many steps there were. The database is emptied.
"""

import asyncio
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.errors import ModelUnavailable
from bot.ports import Storage
from bot.settings import Settings
from tests.adapters.stores import delete_conversations
from tests.services.test_dialogue import ScriptedRetriever
from tests.services.test_handoff import somebody

CONVERSATION = "c" * 32
AGENT = "agent-1"
MOST_STEPS = 300
SURVIVED = 7  # exit status of a child that came to the end before its step
LEASES_ARE_OVER = timedelta(minutes=5)


class LateStore:
    """Stands in for the store of a process until that has opened one: no connection survives a
    fork."""

    def __init__(self) -> None:
        self.opened: Storage | None = None
        self.ahead = timedelta()

    def clock(self) -> datetime:
        return now() + self.ahead

    async def open(self, url: str, ahead: timedelta = timedelta()) -> SqlStore:
        self.ahead = ahead
        opened = self.opened = await SqlStore.open(url, self.clock)
        return opened

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opened, name)


class NoVectors:
    """Nothing that is swept depends on them, and each process would have to load them."""

    dims = 1

    def compare(self, *_: object) -> None:
        raise ModelUnavailable("not here")

    def vector(self, _: str) -> None:
        raise ModelUnavailable("not here")


class FileCourier:
    """Writes down which messages it brought, once it has brought them."""

    def __init__(self, path: Path, step: Callable[..., None] = lambda: None) -> None:
        self._path = path
        self._step = step

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        self._step()
        with self._path.open("a") as file:
            file.write(message.id + "\n")
        self._step()

    def brought(self) -> set[str]:
        return set(self._path.read_text().split())


class Death:
    def __init__(self, step: int) -> None:
        self._left = step

    def __call__(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, store: SqlStore) -> None:
        database: Any = store._database
        writing = getattr(database, "_writing", None) or database._engine.sync_engine
        event.listen(writing, "before_cursor_execute", self._before)
        event.listen(writing, "commit", self._before)

    def _before(self, connection: Connection, *_: object) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":  # reads
            self()


class Sweep:
    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._brought = folder / "brought"
        self._store = LateStore()
        self._bot: Bot = build(
            Settings(),
            store=self._store,
            retriever=ScriptedRetriever(),
            staffed=somebody,
            clock=self._store.clock,
            similarity=NoVectors(),
        )

    async def warm_up(self) -> None:
        """What each child would have to read anew."""
        self._store.opened = MemoryStore(self._store.clock)
        await self._store.add_conversation(Conversation("widget", id=CONVERSATION))
        self._bot.hand_over.outbox.connect("widget", FileCourier(self._brought))
        await self._hand_over()

    def run(self) -> int:
        asyncio.run(self.warm_up())
        for step in range(1, MOST_STEPS):
            code = waited_for(partial(self._live, step))
            if code == SURVIVED and waited_for(self._check) == 0:
                return step
            if code != -signal.SIGKILL:
                raise SystemExit(f"at step {step}, or what died at the one before is not finished")
        raise SystemExit("there is no end")

    async def _live(self, step: int) -> int:
        """First finishes what the child before has left, and checks that."""
        if step > 1:
            await self._check()
        store = await self._store.open(self._url)
        self._brought.write_text("")
        await store._database.write(delete_conversations)
        await store.add_conversation(Conversation("widget", id=CONVERSATION))
        death = Death(step)
        death.watch(store)
        self._bot.hand_over.outbox.connect("widget", FileCourier(self._brought, death))
        await self._hand_over()
        return SURVIVED

    async def _hand_over(self) -> None:
        """A click, an agent's answer, and all deliveries; each may be a repetition."""
        bot = self._bot
        conversation = await bot.store.conversation(CONVERSATION)
        assert conversation is not None
        await (await bot.person_requests.submit(conversation, "click")).result()
        (ticket,) = await bot.store.tickets_of(CONVERSATION)
        await bot.hand_over.casework.reply(ticket.id, AGENT, "Hello", "answer")
        while await bot.hand_over.outbox.deliver_due():
            pass

    async def _check(self) -> int:
        """As a process that starts when all leases have run out."""
        store = await self._store.open(self._url, LEASES_ARE_OVER)
        courier = FileCourier(self._brought)
        self._bot.hand_over.outbox.connect("widget", courier)
        await self._bot.turns.recover()
        await self._hand_over()
        (ticket,) = await store.tickets_of(CONVERSATION)
        messages = await store.messages(CONVERSATION)
        authors = Counter(message.author for message in messages)
        assert authors == dict.fromkeys(Author, 1), authors
        kinds = [each.kind.value for each in await store.events(ticket.id)]
        assert kinds == ["opened", "assigned", "agent_replied"], kinds
        told = [notice.kind for notice in await store.notices()]
        assert told == kinds, told
        later = {m.id for m in messages if m.author in (Author.AGENT, Author.SYSTEM)}
        assert courier.brought() == later
        assert not await store.dead_deliveries()
        await store.close()
        return 0


def waited_for(
    work: Callable[[], Coroutine[Any, Any, int]], tell: Callable[[int], None] = lambda _: None
) -> int:
    """The exit status of a child that does it; `tell` is given the child's process id."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(asyncio.run(work()))
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
    tell(child)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    print(Sweep(sys.argv[1], Path(sys.argv[2])).run())
