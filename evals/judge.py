"""What a chat model thinks of an answer: beside the other figures, never a gate."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from bot.domain.errors import ModelUnavailable
from bot.ports import ChatModel

QUESTIONS = Path(__file__).with_name("judge.toml")
OBJECT = re.compile(r"\{[^{}]*\}")
PASSAGE_CHARACTERS = 12_000


class Judge:
    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        questions = tomllib.loads(QUESTIONS.read_text("utf-8"))
        self._system: str = questions.pop("system")
        self._tasks = {name: Template(question["task"]) for name, question in questions.items()}

    async def judge(
        self, question: str, answer: str, passages: Sequence[str]
    ) -> Mapping[str, float]:
        """0..1 by what was asked; without what the model gave no usable reply to."""
        texts = {
            "question": _fence(question),
            "answer": _fence(answer),
            "passages": _fence("\n\n".join(passages)[:PASSAGE_CHARACTERS]),
        }
        grades = {
            name: await self._grade(task.substitute(texts), READERS[name])
            for name, task in self._tasks.items()
        }
        return {name: grade for name, grade in grades.items() if grade is not None}

    async def _grade(self, task: str, read: Callable[[Any], float]) -> float | None:
        try:
            said = "".join([piece async for piece in self._chat.stream(self._system, task)])
            found = OBJECT.findall(said)
            grade = read(json.loads(found[-1])) if found else None
        except (ModelUnavailable, ValueError, KeyError, TypeError, ZeroDivisionError):
            return None
        return grade if grade is not None and 0 <= grade <= 1 else None


def _fence(text: str) -> str:
    """No tag of the data can close the one around it."""
    return text.replace("<", "‹").replace(">", "›")


def _share_supported(reply: Mapping[str, float]) -> float:
    return float(reply["supported"]) / float(reply["claims"])


def _share_of_best(reply: Mapping[str, float]) -> float:
    return float(reply["grade"]) / 3


READERS: Mapping[str, Callable[[Any], float]] = {
    "faithfulness": _share_supported,
    "relevance": _share_of_best,
}
