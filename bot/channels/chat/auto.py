"""Channels where questions are answered that were put to nobody in particular.

People talk to each other there. The bot speaks up only where it is sure of an answer.
"""

import logging
from collections.abc import Collection
from typing import Protocol

from bot.domain.conversation import INTERNAL, PUBLIC
from bot.domain.errors import KnowledgeBaseUnavailable

log = logging.getLogger(__name__)


class Judge(Protocol):
    async def of(self, text: str, audience: frozenset[str] = PUBLIC) -> float:
        """Raises KnowledgeBaseUnavailable."""
        ...


class AutoAnswers:
    def __init__(
        self,
        judge: Judge,
        channels: Collection[str],
        internal_channels: Collection[str],
        least: float,
    ) -> None:
        """`least`: of the probability that the articles answer, 0..1."""
        self._judge = judge
        self._channels = frozenset(channels)
        self._internal = frozenset(internal_channels)
        self._least = least

    async def wants(self, channel: str, text: str) -> bool:
        """Whether to answer what was said there to nobody in particular."""
        if channel not in self._channels:
            return False
        audience = INTERNAL if channel in self._internal else PUBLIC
        try:
            sure = await self._judge.of(text, audience)
        except KnowledgeBaseUnavailable as error:
            log.warning("silent in %s: %s", channel, error)
            return False
        log.info("unasked in %s: sure=%.2f", channel, sure)
        return sure >= self._least
