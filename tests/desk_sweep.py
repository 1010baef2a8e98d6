"""Dies at every step of deliveries to a desk: `python -m tests.desk_sweep DESK ADDRESS TEMPLATE`.

A child is forked for each step. It counts the statements and commits of its writing connection, and
each request to the desk before it leaves and once it is answered, and kills itself (SIGKILL) at the
one it was told. Each has a copy of the database TEMPLATE. Prints how many steps there are.
"""

import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.adapters.desk_http import Answer
from bot.adapters.sql_store import SqlStore
from bot.domain.conversation import now
from bot.services.outbox import Outbox
from tests.adapters.desks import DESKS, PatientHttp
from tests.databases import copy
from tests.handoff_sweep import MOST_STEPS, SURVIVED, Death, waited_for


def late() -> datetime:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


async def empty(store: SqlStore, desk: Any, clock: Callable[[], datetime] = now) -> None:
    outbox = Outbox(store, [desk], clock)
    while await outbox.deliver_due():
        pass


async def live(desk: str, address: str, url: str, step: int) -> int:
    store = await SqlStore.open(url)
    die = Death(step)

    class DyingHttp(PatientHttp):
        async def request(self, *values: Any, **named: Any) -> Answer:
            die()
            answer = await super().request(*values, **named)
            die()
            return answer

    die.watch(store)
    await empty(store, DESKS[desk][0](address, DyingHttp))
    return SURVIVED


def sweep(desk: str, address: str, template: str) -> int:
    for step in range(1, MOST_STEPS):
        url = copy(template, step)
        code = waited_for(partial(live, desk, f"{address}/step-{step}", url, step))
        if code == SURVIVED:
            return step
        if code != -signal.SIGKILL:
            raise SystemExit(f"step {step} ended with {code}")
    raise SystemExit("there are more steps than that")


if __name__ == "__main__":
    print(sweep(*sys.argv[1:]))
