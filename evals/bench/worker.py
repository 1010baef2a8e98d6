"""A side of a comparison in a process of its own: JSON requests in, JSON answers out, line by line.

Workers are measured by turns, the others idle; no side's memory holds another's libraries.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from subprocess import PIPE, Popen
from typing import IO, Any

from evals.bench.memory import memory_of

Answer = dict[str, Any]


class WorkerFailed(Exception):
    """The worker ended before it answered; what it said stands on stderr."""


@dataclass(frozen=True, slots=True)
class Worker:
    requests: IO[str]
    answers: IO[str]

    def call(self, command: str, **arguments: Any) -> Answer:
        try:
            self.requests.write(json.dumps({"command": command, **arguments}) + "\n")
            self.requests.flush()
        except BrokenPipeError as error:
            raise WorkerFailed(f"the worker ended before: {command}") from error
        line = self.answers.readline()
        if not line:
            raise WorkerFailed(f"the worker ended during: {command}")
        answer: Answer = json.loads(line)
        return answer

    def memory(self) -> Answer:
        """The fields of Memory; empty where it cannot be known."""
        return self.call("memory")


@contextmanager
def start_worker(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Worker]:
    """`python -m MODULE ARGUMENTS`, whose main calls `serve`; it ends with the block."""
    with Popen(  # noqa: S603  # our own modules
        [sys.executable, "-m", module, *arguments],
        stdin=PIPE,
        stdout=PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **(environment or {})},
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise WorkerFailed("the worker has no pipes")
        try:
            yield Worker(process.stdin, process.stdout)
        except WorkerFailed:
            raise  # it ends by itself and says why on stderr first
        except BaseException:
            process.kill()
            raise


def serve(commands: Mapping[str, Callable[..., Answer]]) -> None:
    """Answer requests until stdin ends; whatever a library prints goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            request = json.loads(line)
            command = request.pop("command")
            answer = _memory() if command == "memory" else commands[command](**request)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _memory() -> Answer:
    memory = memory_of()
    return asdict(memory) if memory else {}
