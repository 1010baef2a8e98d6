"""A process dies between the commit of a message and its reply: the next one finishes the turn."""

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.sql_store import SqlStore, upgrade
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Message, now
from bot.domain.reply import DecisionKind
from bot.settings import Settings
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage

# Accepts a message and hangs while it looks for an answer.
DYING_BOT = """
import asyncio, sys
from bot.adapters.sql_store import SqlStore
from bot.bootstrap import build
from bot.domain.conversation import Author, Conversation, Message
from bot.settings import Settings
from tests.services.test_dialogue import ScriptedRetriever

class HangingRetriever(ScriptedRetriever):
    async def search(self, query):
        print("looking", flush=True)
        await asyncio.Event().wait()

async def main():
    store = await SqlStore.open(sys.argv[1])
    bot = build(Settings(), store=store, retriever=HangingRetriever())
    conversation = Conversation("test", id="c" * 32)
    await store.add_conversation(conversation)
    text = "How many columns can a board have?"
    await bot.turns.submit(
        Message(conversation.id, Author.CUSTOMER, text, client_message_id="first")
    )
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A database in which a killed process left an accepted message."""
    database = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(database)
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", DYING_BOT, database],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "looking\n"
    process.kill()
    process.wait()
    process.stdout.close()
    return database


def after_the_lease() -> datetime:
    return now() + timedelta(seconds=60)


@pytest.fixture
async def successor(url: str) -> AsyncIterator[Bot]:
    """The process after the killed one, when the lease of that one has run out."""
    store = await SqlStore.open(url, clock=after_the_lease)
    bot = build(Settings(), store=store, retriever=ScriptedRetriever(passage(COLUMNS)))
    yield bot
    await bot.turns.close()
    await store.close()


async def test_the_message_is_answered_once(successor: Bot) -> None:
    assert await successor.turns.recover() == 1
    again = Message("c" * 32, Author.CUSTOMER, "sent again", client_message_id="first")
    reply = await (await successor.turns.submit(again)).result()
    assert reply.decision is DecisionKind.ANSWER
    assert COLUMNS in reply.text
    question, answer = await successor.store.messages("c" * 32)
    assert question.text == "How many columns can a board have?"
    assert (answer.author, answer.id) == (Author.BOT, reply.message)
    assert await successor.turns.recover() == 0


async def test_the_sender_who_tries_again_gets_the_answer(successor: Bot) -> None:
    again = Message("c" * 32, Author.CUSTOMER, "sent again", client_message_id="first")
    first = await (await successor.turns.submit(again)).result()
    second = await (await successor.turns.submit(again)).result()
    assert first.message == second.message
    assert len(await successor.store.messages("c" * 32)) == 2
