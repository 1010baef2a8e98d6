"""How often somebody may try: some failures cost nothing, then each makes the next wait longer.

Nobody is locked out for a set time: who waits as told may try again, and what was tried too early
is not counted, so that trying it makes nobody wait longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Pace:
    free: int  # failures without a wait
    first: timedelta  # the wait after so many; each further failure doubles it
    longest: timedelta
    forgets_one_in: timedelta  # how long it takes until one failure less counts

    def wait(self, level: float) -> timedelta:
        beyond = round(level) - self.free
        if beyond < 0:
            return _NO_WAIT
        return min(self.longest, self.first * float(2 ** min(beyond, 30)))


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is known of one key."""

    level: float  # failures, less what was forgotten until `latest`
    latest: datetime  # when the latest was counted


@dataclass(frozen=True, slots=True)
class Attempt:
    """One more of a key: counted, or too early by `wait`."""

    attempts: Attempts
    wait: timedelta = _NO_WAIT

    @property
    def is_counted(self) -> bool:
        return self.wait <= _NO_WAIT


def attempt(known: Attempts | None, pace: Pace, at: datetime) -> Attempt:
    if known is None:
        return Attempt(Attempts(1, at))
    elapsed = max(at - known.latest, _NO_WAIT)
    wait = pace.wait(known.level) - elapsed
    if wait > _NO_WAIT:
        return Attempt(known, wait)
    return Attempt(Attempts(max(0.0, known.level - elapsed / pace.forgets_one_in) + 1, at))


def forgotten_at(attempts: Attempts, pace: Pace) -> datetime:
    """From when on the key is as one that was never heard of."""
    return attempts.latest + attempts.level * pace.forgets_one_in
