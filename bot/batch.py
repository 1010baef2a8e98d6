"""Many questions or dialogues from a JSONL file: one line out for each line in, in order."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, Locale, Message, Outcome
from bot.domain.errors import BotError, ConfigurationError
from bot.domain.reply import Reply
from bot.settings import Settings

AUTHORS = {
    "user": Author.CUSTOMER,
    "bot": Author.BOT,
    "assistant": Author.BOT,
    "agent": Author.AGENT,
}
Line = dict[str, Any]


async def run_batch(
    source: Path, target: Path, work: Callable[[Line], Awaitable[Line]]
) -> tuple[int, int]:
    """Returns how many lines were done and how many could not be; those become `{id, error}`."""
    done = failed = 0
    with target.open("w", encoding="utf-8") as out:
        for number, text in enumerate(_lines(source), 1):
            identifier: Any = None
            try:
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise ValueError("not a JSON object")
                identifier = line.get("id")
                result = await work(line)
                done += 1
            except (ValueError, KeyError, TypeError, RecursionError, BotError) as error:
                result = {"id": identifier, "error": f"line {number}: {_reason(error)}"}
                failed += 1
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
    return done, failed


def search_lines(bot: Bot, k: int, audience: frozenset[str]) -> Callable[[Line], Awaitable[Line]]:
    async def work(line: Line) -> Line:
        history = _messages("", line.get("history") or [])
        query = _text(line, "query")
        found = await bot.searcher.search(query, k, _locale(line), audience, history)
        return {"id": line.get("id"), **found.as_json()}

    return work


def respond_lines(settings: Settings, bot: Bot, replay: bool) -> Callable[[Line], Awaitable[Line]]:
    async def work(line: Line) -> Line:
        turns = line["turns"]
        respond = replay_turns if replay else hold_dialogue
        replies = [reply.as_json() async for reply in respond(settings, bot, turns, _locale(line))]
        for reply in replies:
            reply["message"] = reply["conversation"] = None
        return {"id": line.get("id"), "turns": replies}

    return work


async def hold_dialogue(
    settings: Settings, bot: Bot, turns: Sequence[Mapping[str, Any]], locale: Locale | None
) -> AsyncIterator[Reply]:
    """The bot's own replies are the history."""
    store = MemoryStore()
    talker = build(settings, store=store, retriever=bot.retriever, prompts=bot.prompts)
    conversation = Conversation("batch", locale=locale)
    await store.add_conversation(conversation)
    for message in _messages(conversation.id, turns):
        if message.author is Author.CUSTOMER:
            yield await (await talker.turns.submit(message)).result()


async def replay_turns(
    settings: Settings, bot: Bot, turns: Sequence[Mapping[str, Any]], locale: Locale | None
) -> AsyncIterator[Reply]:
    """The recorded turns are the history; every user turn is decided as if the bot had it."""
    for position, turn in enumerate(turns):
        if AUTHORS.get(turn["role"]) is not Author.CUSTOMER:
            continue
        store = MemoryStore()
        talker = build(settings, store=store, retriever=bot.retriever, prompts=bot.prompts)
        conversation = Conversation("batch", locale=locale)
        await store.add_conversation(conversation)
        *before, message = _messages(conversation.id, turns[: position + 1])
        for recorded in before:
            await store.add_message(recorded)
        yield await (await talker.turns.submit(message)).result()


def _messages(conversation: str, turns: Sequence[Mapping[str, Any]]) -> list[Message]:
    return [
        Message(
            conversation,
            _author(turn),
            _text(turn, "text"),
            outcome=Outcome(turn["outcome"]) if turn.get("outcome") else None,
        )
        for turn in turns
    ]


def _author(turn: Mapping[str, Any]) -> Author:
    role = turn["role"]
    if role not in AUTHORS:
        raise ValueError(f"unknown role {role!r}")
    return AUTHORS[role]


def _text(line: Mapping[str, Any], name: str) -> str:
    text = line[name]
    if not isinstance(text, str):
        raise ValueError(f"{name} is not a string")
    return text


def _locale(line: Line) -> Locale | None:
    return Locale(line["locale"]) if line.get("locale") else None


def _lines(source: Path) -> Iterator[str]:
    try:
        with source.open(encoding="utf-8", errors="replace") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise ConfigurationError(f"cannot read {source}: {error.strerror}") from error


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
