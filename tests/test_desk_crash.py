"""A process dies at every single step of its deliveries to a desk; the next one finishes them."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.sql_store import SqlStore
from bot.domain.conversation import Author, Message
from bot.domain.ticket import Move, Ticket
from tests.adapters.desks import DESKS
from tests.adapters.stores import NOON, Clock, delete_conversations
from tests.adapters.test_ticket_store import FULL, moving, opened, started
from tests.databases import drop, named
from tests.desk_server import DeskServer, Request, Response
from tests.desk_sweep import empty, late


class BookForEachStep:
    """The first part of an address says whose book it is."""

    def __init__(self, write: Callable[[], Any]) -> None:
        self.books: dict[str, Any] = defaultdict(write)

    def answer(self, request: Request) -> Response:
        step, _, rest = request.path.lstrip("/").partition("/")
        answer: Response = self.books[step].answer(replace(request, path=f"/{rest}"))
        return answer


async def filled(url: str, desk: str) -> Ticket:
    """Opened, added to and resolved; nothing of it has left."""
    store = await SqlStore.open(url, Clock())
    await store._database.write(delete_conversations)
    conversation = await started(store)
    ticket = await opened(store, conversation, packet=FULL, desks=(desk,))
    await store.accept(Message(conversation.id, Author.CUSTOMER, "还有一件事", created_at=NOON))
    await store.apply(moving(ticket, Move.RESOLVE))
    await store.close()
    return ticket


@pytest.mark.parametrize("desk", DESKS)
async def test_whenever_it_dies_there_is_one_ticket_that_was_told_everything_once(
    desk: str, database: str
) -> None:
    ticket = await filled(database, desk)
    make, write = DESKS[desk]
    book = BookForEachStep(write)
    async with DeskServer(book, Clock()).running() as address:
        sweep = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.desk_sweep", desk, address, database),
            cwd=Path(__file__).parents[1],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaints = await sweep.communicate()
        assert sweep.returncode == 0, complaints.decode()
        steps = int(printed)
        assert steps > 20
        for step in range(1, steps):
            store = await SqlStore.open(named(database, step), late)
            await empty(store, make(f"{address}/step-{step}"), late)
            assert not await store.dead_deliveries()
            assert await store.is_told(ticket.id, desk)
            await store.close()
            await drop(database, step)
            told = book.books[f"step-{step}"]
            assert told.tickets == [ticket.id], step
            keys = [key for _, key in told.seen]
            assert len(keys) == len(set(keys)) == 3, (step, keys)
            assert keys == sorted(keys, key=lambda key: int(key.split(".")[1])), step
        await drop(database, steps)
