"""Desks that fail again and again are left alone for a while, so that no delivery's schedule is
used up on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 5  # in a row and within the window, after which a desk is left alone
WINDOW = timedelta(minutes=1)
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=10)  # that a desk can ask for


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    failing_since: datetime | None = None
    closed_until: datetime | None = None  # nothing is sent before


class Circuits:
    """One for each name. After a pause a single delivery tries whether the desk is back."""

    def __init__(self, names: Iterable[str], clock: Callable[[], datetime]) -> None:
        self._circuits = {name: _Circuit() for name in names}
        self._clock = clock

    def flowing(self) -> set[str]:
        """The names to which everything may be sent."""
        return {name for name, one in self._circuits.items() if one.closed_until is None}

    def to_try(self) -> set[str]:
        """The names whose pause is over: one delivery each shows how they are."""
        at = self._clock()
        waiting = {name: one.closed_until for name, one in self._circuits.items()}
        return {name for name, until in waiting.items() if until is not None and until <= at}

    def answered(self, name: str) -> None:
        """It took the delivery or refused it: it works."""
        if name in self._circuits:
            self._circuits[name] = _Circuit()

    def failed(self, name: str, asked_s: float | None = None) -> None:
        """`asked_s`: how long it asked everybody to stay away."""
        circuit = self._circuits.get(name)
        if circuit is None:
            return
        at = self._clock()
        if circuit.failing_since is None or at - circuit.failing_since > WINDOW:
            circuit.failures, circuit.failing_since = 0, at
        circuit.failures += 1
        if asked_s:
            pause = min(timedelta(seconds=min(asked_s, 10**6)), LONGEST_PAUSE)
        elif circuit.closed_until or circuit.failures >= FAILURES:
            pause = PAUSE
        else:
            return
        circuit.closed_until = at + pause
