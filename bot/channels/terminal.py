"""The terminal as a channel: one conversation, a line a message."""

import asyncio
import sys
from collections.abc import Callable

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.reply import Delta, Reply
from bot.ports import Store
from bot.services.turns import TurnRunner


async def converse(
    store: Store,
    turns: TurnRunner,
    greeting: str,
    read: Callable[[], str] = lambda: sys.stdin.readline(),
    write: Callable[[str], None] = lambda text: print(text, end="", flush=True),
) -> None:
    """Until the input ends."""
    conversation = Conversation("terminal")
    await store.add_conversation(conversation)
    write(f"{greeting}\n\n> ")
    while line := await asyncio.to_thread(read):
        if line.strip():
            await _answer(turns, Message(conversation.id, Author.CUSTOMER, line.strip()), write)
        write("\n> ")
    write("\n")


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
