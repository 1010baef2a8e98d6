"""Dies at every step of deliveries to a desk: `python -m tests.desk_sweep DESK ADDRESS TEMPLATE`.

A child is forked for each step. It counts the statements and commits of its writing connection, and
each request to the desk before it leaves and once it is answered, and ends, without any farewell,
at the one it was told. Prints how many steps there are.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.adapters.desk_http import Answer
from bot.adapters.sql_store import SqlStore
from bot.domain.conversation import now
from bot.services.outbox import Outbox
from tests.adapters.desks import DESKS, PatientHttp

MOST_STEPS = 300
SURVIVED = 7  # exit status of a child that came to the end before its step


def late() -> datetime:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


async def empty(store: SqlStore, desk: Any, clock: Callable[[], datetime] = now) -> None:
    outbox = Outbox(store, [desk], clock)
    while await outbox.deliver_due():
        pass


async def live(desk: str, address: str, path: Path, step: int) -> None:
    store = await SqlStore.open(f"sqlite:///{path}")
    engine = store._database._writing  # type: ignore[attr-defined]
    left = step

    def die(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(0)

    class DyingHttp(PatientHttp):
        async def request(self, *values: Any, **named: Any) -> Answer:
            die()
            answer = await super().request(*values, **named)
            die()
            return answer

    event.listen(engine, "before_cursor_execute", die)
    event.listen(engine, "commit", die)
    await empty(store, DESKS[desk][0](address, DyingHttp))
    os._exit(SURVIVED)


def sweep(desk: str, address: str, template: Path) -> int:
    for step in range(1, MOST_STEPS):
        path = template.with_name(f"step-{step}.db")
        shutil.copy(template, path)
        child = os.fork()
        if child == 0:
            asyncio.run(live(desk, f"{address}/step-{step}", path, step))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == SURVIVED:
            return step
        if code:
            raise SystemExit(f"step {step} ended with {code}")
    raise SystemExit("there are more steps than that")


if __name__ == "__main__":
    print(sweep(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
