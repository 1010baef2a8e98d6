"""Who is typing and which agent is there, as this process knows it; nothing is stored.

Another process of the same server does not see it: a sign of life, no promise.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.conversation import Author

Key = TypeVar("Key")

TYPING_S = 6.0  # after the last sign of it
PRESENT_S = 45.0  # after the agent's page last said so


@dataclass(frozen=True, slots=True)
class Signs:
    """What can be seen in a conversation at a moment."""

    typing: frozenset[Author] = frozenset()
    agents: frozenset[str] = frozenset()  # their ids


class Presence:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._typing: dict[tuple[str, Author], float] = {}  # until when
        self._present: dict[tuple[str, str], float] = {}
        self._observers: list[Callable[[str], None]] = []

    def observe(self, observer: Callable[[str], None]) -> None:
        """Called with the conversation where something can be seen anew."""
        self._observers.append(observer)

    def type(self, conversation: str, author: Author) -> None:
        self._see(conversation, self._typing, (conversation, author), TYPING_S)

    def stop_typing(self, conversation: str, author: Author) -> None:
        """What was typed has been sent."""
        if self._typing.pop((conversation, author), None) is not None:
            self._tell(conversation)

    def attend(self, conversation: str, agent: str) -> None:
        self._see(conversation, self._present, (conversation, agent), PRESENT_S)

    def leave(self, conversation: str, agent: str) -> None:
        if self._present.pop((conversation, agent), None) is not None:
            self._tell(conversation)

    def signs(self, conversation: str) -> Signs:
        self._forget()
        return Signs(
            frozenset(author for known, author in self._typing if known == conversation),
            frozenset(agent for known, agent in self._present if known == conversation),
        )

    def _see(self, conversation: str, signs: dict[Key, float], key: Key, keep_s: float) -> None:
        self._forget()
        is_new = key not in signs
        signs[key] = self._clock() + keep_s
        if is_new:
            self._tell(conversation)

    def _forget(self) -> None:
        at = self._clock()
        for key in [key for key, until in self._typing.items() if until <= at]:
            del self._typing[key]
        for agent in [key for key, until in self._present.items() if until <= at]:
            del self._present[agent]

    def _tell(self, conversation: str) -> None:
        for observer in self._observers:
            observer(conversation)
