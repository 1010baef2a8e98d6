"""Many questions or dialogues from a JSONL file: one line out for each line in, in order."""

import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, TypeVar

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import Bot
from bot.domain.conversation import (
    Author,
    Conversation,
    ConversationStatus,
    Locale,
    Message,
    Outcome,
)
from bot.domain.errors import BotError, ConfigurationError
from bot.domain.reply import DecisionKind, Reply
from bot.domain.text import replace_unstorable

log = logging.getLogger(__name__)

AUTHORS = {
    "user": Author.CUSTOMER,
    "bot": Author.BOT,
    "assistant": Author.BOT,
    "agent": Author.AGENT,
}
Choice = TypeVar("Choice")
Line = dict[str, Any]
Work = Callable[[Line], Awaitable[Line]]


async def run_batch(source: Path, target: Path, work: Work) -> tuple[int, int]:
    """Returns how many lines were done and how many could not be; those become `{id, error}`.

    The target appears, or is replaced, when all lines are through. Raises ConfigurationError.
    """
    done = failed = 0
    with _opened(source) as lines, _replaced(target, source) as write:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            result, succeeded = await _result(number, text.strip(), work)
            write(result + "\n")
            done += succeeded
            failed += not succeeded
    return done, failed


def search_lines(bot: Bot, k: int, audience: frozenset[str]) -> Work:
    async def work(line: Line) -> Line:
        query = _text(line, "query")
        if not query.strip():
            raise ValueError("query is empty")
        history = _messages("", _turns(line, "history")) if line.get("history") else []
        found = await bot.searcher.search(query, k, _locale(line), audience, history)
        return {"id": line.get("id"), **found.as_json()}

    return work


def respond_lines(bot: Bot, store: MemoryStore, replay: bool) -> Work:
    """The bot's own `store`, where each dialogue is a conversation."""

    async def work(line: Line) -> Line:
        turns, locale = _turns(line, "turns"), _locale(line)
        respond = replay_turns if replay else hold_dialogue
        replies = [reply.as_json() async for reply in respond(bot, store, turns, locale)]
        for reply in replies:
            reply["message"] = reply["conversation"] = None
        return {"id": line.get("id"), "turns": replies}

    return work


async def hold_dialogue(
    bot: Bot, store: MemoryStore, turns: list[Line], locale: Locale | None
) -> AsyncIterator[Reply]:
    """The bot's own replies are the history."""
    conversation = await _begin(store, locale)
    for message in _messages(conversation, turns):
        if message.author is Author.CUSTOMER:
            reply = await (await bot.turns.submit(message)).result()
            if reply.decision is DecisionKind.HANDOFF:  # from here on it is a person's
                await store.set_status(conversation, ConversationStatus.OPEN)
            yield reply


async def replay_turns(
    bot: Bot, store: MemoryStore, turns: list[Line], locale: Locale | None
) -> AsyncIterator[Reply]:
    """The recorded turns are the history; every user turn is decided as if the bot had it."""
    for position, author in enumerate([_author(turn) for turn in turns]):
        if author is not Author.CUSTOMER:
            continue
        conversation = await _begin(store, locale)
        *before, message = _messages(conversation, turns[: position + 1])
        for recorded in before:
            await store.add_message(recorded)
        yield await (await bot.turns.submit(message)).result()


async def _begin(store: MemoryStore, locale: Locale | None) -> str:
    conversation = Conversation("batch", locale=locale)
    await store.add_conversation(conversation)
    return conversation.id


async def _result(number: int, text: str, work: Work) -> tuple[str, bool]:
    """The line to write, and whether it is what was asked for."""
    identifier: Any = None
    try:
        line = json.loads(text, parse_constant=_refuse_constant)
        if not isinstance(line, dict):
            raise ValueError("not a JSON object")
        _serialise(line.get("id"))  # only an id that can be written is repeated
        identifier = line.get("id")
        return _serialise(await work(line)), True
    except (ValueError, RecursionError, BotError) as error:
        reason = _reason(error)
    except Exception as error:
        # The edge of a line: whatever it was, the lines after it are worked on.
        log.exception("line %d", number)
        reason = f"the bot failed with {type(error).__name__}"
    return _serialise({"id": identifier, "error": f"line {number}: {reason}"}), False


def _serialise(document: Any) -> str:
    """Raises ValueError for what JSON has no word for."""
    return replace_unstorable(json.dumps(document, ensure_ascii=False, allow_nan=False))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at column {error.colno}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error)


def _messages(conversation: str, turns: list[Line]) -> list[Message]:
    return [
        Message(conversation, _author(turn), _text(turn, "text"), outcome=_outcome(turn))
        for turn in turns
    ]


def _turns(line: Line, name: str) -> list[Line]:
    turns = _field(line, name)
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise ValueError(f"{name} is not a list of objects")
    return turns


def _author(turn: Line) -> Author:
    return _one_of(AUTHORS, "role", _field(turn, "role"))


def _outcome(turn: Line) -> Outcome | None:
    outcome = turn.get("outcome")
    return _one_of({o.value: o for o in Outcome}, "outcome", outcome) if outcome else None


def _locale(line: Line) -> Locale | None:
    locale = line.get("locale")
    return _one_of({one.value: one for one in Locale}, "locale", locale) if locale else None


def _one_of(choices: Mapping[str, Choice], name: str, value: object) -> Choice:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"unknown {name} {value!r}; one of: {', '.join(choices)}")
    return choices[value]


def _text(line: Line, name: str) -> str:
    text = _field(line, name)
    if not isinstance(text, str):
        raise ValueError(f"{name} is not a string")
    return replace_unstorable(text)


def _field(line: Line, name: str) -> Any:
    if name not in line:
        raise ValueError(f"{name} is missing")
    return line[name]


@contextmanager
def _opened(source: Path) -> Iterator[TextIO]:
    try:
        file = source.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"cannot read {source}: {error.strerror}") from error
    with file:
        yield file


@contextmanager
def _replaced(target: Path, source: Path) -> Iterator[Callable[[str], object]]:
    """What is written takes the target's place at the end; whatever fails leaves it as it was."""
    place = Path(os.path.realpath(target))  # a link goes on pointing at its file
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        if place.exists() and place.samefile(source):
            raise ConfigurationError(f"{target} is the input; name another file for the output")
        if place.exists() and not place.is_file():
            draft = place  # a pipe or a device cannot be replaced
        with draft.open("w", encoding="utf-8") as file:
            yield file.write
        if draft != place:
            draft.replace(place)
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from error
    finally:
        if draft != place:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
