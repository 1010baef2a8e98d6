"""The terminal as a channel: one conversation, a line a message."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from threading import Thread

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import BotError
from bot.domain.reply import Delta, Reply
from bot.domain.text import replace_unstorable
from bot.ports import Store
from bot.services.turns import TurnRunner


def _standard_input() -> Callable[[], str]:
    """A file object of its own: bytes that are no text do not end the chat, and a thread that
    still reads holds nothing that the interpreter closes at its end."""
    file = open(  # noqa: SIM115
        sys.stdin.fileno(), encoding=sys.stdin.encoding, errors="replace", closefd=False
    )
    return file.readline


async def converse(
    store: Store,
    turns: TurnRunner,
    greeting: str,
    read: Callable[[], str] | None = None,
    write: Callable[[str], None] = lambda text: print(text, end="", flush=True),
) -> None:
    """Until the input ends; `read` gives a line with its end, and nothing when there is no more."""
    conversation = Conversation("terminal")
    await store.add_conversation(conversation)
    write(f"{greeting}\n\n> ")
    async for line in _lines(read or _standard_input()):
        if text := replace_unstorable(line).strip():
            try:
                await _answer(turns, Message(conversation.id, Author.CUSTOMER, text), write)
            except BotError as error:
                write(f"\n! {error}\n")
        write("\n> ")
    write("\n")


async def _lines(read: Callable[[], str]) -> AsyncIterator[str]:
    """Read in a daemon thread, which keeps neither the loop nor the process from ending."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()

    def pump() -> None:
        line = "\n"
        while line:
            try:
                line = read()
            except (OSError, ValueError):  # the terminal is gone
                line = ""
            with suppress(RuntimeError):  # the loop is closed: nobody listens
                loop.call_soon_threadsafe(queue.put_nowait, line)

    Thread(target=pump, name="terminal", daemon=True).start()
    while line := await queue.get():
        yield line


async def _answer(turns: TurnRunner, message: Message, write: Callable[[str], None]) -> None:
    running = await turns.submit(message)
    async for event in running.events():
        match event.value:
            case Delta(text):
                write(text)
            case Reply() as reply:
                write(sources(reply))


def sources(reply: Reply) -> str:
    """The numbered articles below a reply; empty when it cites none."""
    lines = [f"[{c.n}] {c.title} ({_place(c.path, c.anchor)})" for c in reply.citations]
    return "\n\n" + "\n".join(lines) + "\n" if lines else "\n"


def _place(path: str, anchor: str | None) -> str:
    return f"{path}#{anchor}" if anchor else path
