"""A process dies at every single step of a hand-over and of the outbox; the next one finishes it.

A child is forked for each step. It counts the statements and commits of its writing connection and
ends, without any farewell, before the one it was told.
"""

import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.sql_store import SqlStore, upgrade
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, Message, now
from bot.settings import Settings
from tests.services.test_dialogue import ScriptedRetriever
from tests.services.test_handoff import somebody

CONVERSATION = "c" * 32
AGENT = "agent-1"
MOST_STEPS = 200
SURVIVED = 7  # exit status of a child that came to the end before its step

FORKS = """
import asyncio, os, shutil, sys
from pathlib import Path
from sqlalchemy import event
from tests import test_handoff_crash as sweep

async def live(path, step):
    bot = await sweep.open_bot(path)
    engine = bot.store._database._writing
    left = step

    def die(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(0)

    event.listen(engine, "before_cursor_execute", die)
    event.listen(engine, "commit", die)
    await sweep.hand_over(bot, path)
    os._exit(sweep.SURVIVED)

template = Path(sys.argv[1])
for step in range(1, sweep.MOST_STEPS):
    path = template.with_name(f"step-{step}.db")
    shutil.copy(template, path)
    child = os.fork()
    if child == 0:
        asyncio.run(live(path, step))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == sweep.SURVIVED:
        print(step)
        break
    assert code == 0, (step, code)
"""


class FileCourier:
    """Writes down which messages it brought, once it has brought them."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_suffix(".brought")

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        with self._path.open("a") as file:
            file.write(message.id + "\n")

    def brought(self) -> set[str]:
        return set(self._path.read_text().split())


async def open_bot(path: Path, late: bool = False) -> Bot:
    """`late`: as a process sees it that starts when all leases have run out."""

    def clock() -> datetime:
        return now() + timedelta(minutes=late * 5)

    store = await SqlStore.open(f"sqlite:///{path}", clock)
    bot = build(
        Settings(), store=store, retriever=ScriptedRetriever(), staffed=somebody, clock=clock
    )
    bot.hand_over.outbox.connect("widget", FileCourier(path))
    return bot


async def hand_over(bot: Bot, path: Path) -> None:
    """A click, an agent's answer, and all deliveries; each may be a repetition."""
    conversation = await bot.store.conversation(CONVERSATION)
    assert conversation is not None
    await (await bot.person_requests.submit(conversation, "click")).result()
    (ticket,) = await bot.store.tickets_of(CONVERSATION)
    await bot.hand_over.casework.reply(ticket.id, AGENT, "Hello", "answer")
    while await bot.hand_over.outbox.deliver_due():
        pass


@pytest.fixture
async def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.db"
    await upgrade(f"sqlite:///{path}")
    store = await SqlStore.open(f"sqlite:///{path}")
    await store.add_conversation(Conversation("widget", id=CONVERSATION))
    await store.close()
    return path


async def test_whenever_it_dies_nothing_is_lost_and_nothing_doubled(template: Path) -> None:
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", FORKS, str(template)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > 20
    for step in range(1, steps):
        await _check(template.with_name(f"step-{step}.db"))
    shutil.rmtree(template.parent)


async def _check(path: Path) -> None:
    bot = await open_bot(path, late=True)
    await bot.turns.recover()
    await hand_over(bot, path)
    await bot.turns.close()
    store = bot.store
    (ticket,) = await store.tickets_of(CONVERSATION)
    messages = await store.messages(CONVERSATION)
    authors = Counter(message.author for message in messages)
    assert authors == dict.fromkeys(Author, 1), (path, authors)
    kinds = [event.kind.value for event in await store.events(ticket.id)]
    assert kinds == ["opened", "assigned", "agent_replied"], path
    assert [notice.kind for notice in await store.notices()] == kinds, path
    later = {message.id for message in messages if message.author in (Author.AGENT, Author.SYSTEM)}
    assert FileCourier(path).brought() == later, path
    assert not await store.dead_deliveries()
    await store.close()
