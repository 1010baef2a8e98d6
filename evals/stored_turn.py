"""A turn that really happened as an eval case, without what points to a person."""

import re
from collections.abc import Sequence
from typing import Any

from bot.domain.conversation import Author, Message
from bot.domain.errors import ConfigurationError
from bot.domain.reply import Answer, Reply
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Storage, Store, Turn
from evals.deidentify import Deidentifier

_PATH = re.compile(r"[\w./-]+\.md\b")


async def case_of(store: Store, message_id: str) -> dict[str, Any]:
    """Of the customer's message or of the reply to it; raises ConfigurationError without one.

    What was cited and how it was decided is what the bot thought: to be checked by a person.
    """
    question, reply, before = await _turn(store, message_id)
    mask = Deidentifier().mask
    history = [{"role": _role(message), "text": mask(message.text)} for message in before]
    answered = isinstance(reply.act, Answer)
    return {
        "id": f"turn-{question.id[:12]}",
        "locale": reply.locale.value,
        "query": mask(question.text),
        "relevant": list(dict.fromkeys(c.path for c in reply.citations)) if answered else [],
        "answer_span": "",
        "answerable": answered,
        "kind": "",
        "history": history,
        "decision": reply.decision.value,
    }


async def wrong_cases(store: Storage) -> list[dict[str, Any]]:
    """Of every answer that agents marked as wrong, with what they expected in its place.

    Articles they name are the relevant ones; a right answer in words is kept as `expected`.
    """
    marks = await store.wrong_answers()
    return [_corrected(await case_of(store, mark.message), mark) for mark in marks.values()]


def _corrected(case: dict[str, Any], mark: WrongAnswer) -> dict[str, Any]:
    mask = Deidentifier().mask
    expected = mark.expected or ""
    paths = _PATH.findall(expected)
    found = {"relevant": paths, "answerable": True} if paths else {"relevant": []}
    words = {"expected": mask(expected), "comment": mask(mark.comment or "")}
    return {**case, **found, "kind": "marked_wrong", **words}


async def _turn(store: Store, message_id: str) -> tuple[Message, Reply, Sequence[Message]]:
    message = await store.message(message_id)
    if message is None:
        raise ConfigurationError(f"there is no message {message_id} in the database")
    messages = list(await store.messages(message.conversation))
    place = [known.id for known in messages].index(message_id)
    if message.author is not Author.CUSTOMER:
        asked = (n for n in range(place, -1, -1) if messages[n].author is Author.CUSTOMER)
        place = next(asked, place)
    turn: Turn | None = await store.turn(messages[place].id)
    if turn is None or turn.reply is None:
        raise ConfigurationError(f"message {message_id} has no reply of the bot")
    return turn.message, turn.reply, messages[:place]


def _role(message: Message) -> str:
    return "user" if message.author is Author.CUSTOMER else "bot"
