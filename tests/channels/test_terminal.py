import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from bot.channels.terminal import converse, sources
from bot.domain.conversation import Author, Locale
from bot.domain.knowledge import Citation
from bot.domain.reply import Answer, Reply, SmallTalk
from tests.fakes import ANSWER, FakeBot


def typed(*lines: str) -> Callable[[], str]:
    rest: Iterator[str] = iter(lines)
    return lambda: next(rest, "")


async def talk(bot: FakeBot, read: Callable[[], str]) -> str:
    written: list[str] = []
    await converse(bot.store, bot.turns, "Hello.", read, written.append)
    return "".join(written)


def said(bot: FakeBot) -> list[str]:
    return [message.text for message in bot.store.log if message.author is Author.CUSTOMER]


async def test_a_line_is_a_message_and_its_answer_names_the_sources() -> None:
    bot = FakeBot()
    text = await talk(bot, typed("How?\n", "  \n", "And then?"))
    place = "[1] Teams (en/administration/teams.md#create-a-team)"
    turn = f"{ANSWER}\n\n{place}\n\n> "
    assert text == f"Hello.\n\n> {turn}\n> {turn}\n"
    assert said(bot) == ["How?", "And then?"]
    assert len(bot.store.conversations) == 1


async def test_unstorable_text_is_cleaned() -> None:
    bot = FakeBot()
    await talk(bot, typed("a\x00b\udcff\n"))
    assert said(bot) == ["a\ufffdb\ufffd"]


async def test_after_a_turn_that_failed_the_chat_goes_on() -> None:
    bot = FakeBot()
    bot.dialogue.failing = 1
    text = await talk(bot, typed("How?\n", "Again\n"))
    assert "! no reply to message" in text
    assert text.endswith("(en/administration/teams.md#create-a-team)\n\n> \n")
    assert said(bot) == ["How?", "Again"]


async def test_a_message_that_cannot_be_kept_is_reported() -> None:
    bot, written = FakeBot(), list[str]()

    def write(text: str) -> None:
        written.append(text)
        bot.store.broken = True

    await converse(bot.store, bot.turns, "Hello.", typed("How?\n"), write)
    assert written == ["Hello.\n\n> ", "\n! the database is out of reach\n", "\n> ", "\n"]


@pytest.mark.parametrize("error", [OSError("the terminal is gone"), ValueError("closed file")])
async def test_input_that_breaks_has_ended(error: Exception) -> None:
    def read() -> str:
        raise error

    assert await talk(FakeBot(), read) == "Hello.\n\n> \n"


CHAT = """
import asyncio, signal
from bot.channels.terminal import converse
from tests.fakes import FakeBot

async def talk():
    bot = FakeBot()
    await converse(bot.store, bot.turns, "Hello.")

# A parent in the background may have left interrupts ignored, which is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(talk())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_ends_it_while_it_waits_for_a_line() -> None:
    """The input stays open, so that a reader which holds the process up would do so for ever."""
    with subprocess.Popen(
        [sys.executable, "-c", CHAT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "Hello.\n"
        assert process.stdout.read(3) == "\n> "
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "interrupted\n"
        assert process.stderr.read() == ""


def test_bytes_that_are_no_text_do_not_end_it() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CHAT],
        input=b"a\xff\n",
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert ANSWER in run.stdout.decode()


def test_an_article_without_an_anchor_is_named_by_its_path() -> None:
    citation = Citation(1, "en/a.md", None, "A", "/kb/en/a.md", "Text.")
    reply = Reply(Answer("Text [1].", (citation,)), Locale.EN)
    assert sources(reply) == "\n\n[1] A (en/a.md)\n"
    assert sources(Reply(SmallTalk("Hello."), Locale.EN)) == "\n"
