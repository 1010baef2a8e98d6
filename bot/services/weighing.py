"""What to think of the evidence before deciding: what is past its review, what contradicts it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.domain.conversation import now
from bot.domain.knowledge import Evidence, Passage
from bot.services.conflicts import find_conflict

ABOUT_AS_GOOD = 0.7  # share of a stale passage's score from which a fresh one goes before it


class Weigher:
    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock

    def weigh(self, evidence: Evidence) -> Evidence:
        """Marked with what is stale today and what disagrees, a fresh passage first."""
        today = self._clock().date()
        stale = frozenset(
            p.id for p in evidence.passages if p.review_by is not None and p.review_by < today
        )
        passages = _fresh_first(evidence.passages, stale)
        return replace(evidence, passages=passages, stale=stale, conflict=find_conflict(passages))


def _fresh_first(passages: tuple[Passage, ...], stale: frozenset[str]) -> tuple[Passage, ...]:
    """The best passage gives way to one of the same language that is about as good and fresh."""
    if not passages or passages[0].id not in stale:
        return passages
    first = passages[0]
    for position, passage in enumerate(passages):
        if passage.score < ABOUT_AS_GOOD * first.score:
            break
        if passage.id not in stale and passage.locale is first.locale:
            return (passage, *passages[:position], *passages[position + 1 :])
    return passages
