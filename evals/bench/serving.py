"""Firstline as users run it: the command line from process start, and a server under questions."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from evals.bench.corpora import spread
from evals.bench.figures import Figure, Section, Stopwatch
from evals.bench.memory import Memory, memory_of
from evals.cases import Case

FIRSTLINE = (sys.executable, "-m", "bot.cli")
HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
TURNS_PER_CONVERSATION = 5


class ServerFailed(Exception):
    """The server did not come up or refused a question."""


def measure_ask(
    section: Section, home: Path, cases: Sequence[Case], n: int, spaces: Sequence[str]
) -> Iterator[Figure]:
    """Wall time of `firstline ask`; one run before warms the page cache."""
    watch = Stopwatch()
    for case in spread(cases, n + 1):
        with watch.lap():
            subprocess.run(  # noqa: S603  # our own command
                [*FIRSTLINE, "ask", case.query, "--json"],
                env=environment(home),
                check=True,
                stdout=subprocess.DEVNULL,
            )
    first, *rest = (milliseconds / 1000 for milliseconds in watch.samples_ms)
    yield section.measured(
        "firstline ask, from process start",
        rest,
        "s",
        spaces=spaces,
        note=f"before them one with cold files: {first:.2f}",
    )


def measure_server(
    section: Section, home: Path, cases: Sequence[Case], n: int, spaces: Sequence[str]
) -> Iterator[Figure]:
    """Latency over HTTP and the memory of a server process after n questions."""
    watch = Stopwatch()
    with start_server(home) as (pid, port):
        client = Client(port)
        before = memory_of(pid)
        for number, case in enumerate(spread(cases, n)):
            if number % TURNS_PER_CONVERSATION == 0:
                conversation = client.start_conversation()
            with watch.lap():
                client.ask(conversation, number, case.query)
        after = memory_of(pid)
    yield section.measured(
        "turn over HTTP",
        watch.samples_ms,
        "ms",
        spaces=spaces,
        note=f"conversations of {TURNS_PER_CONVERSATION} turns",
    )
    if before and after:
        yield from _memory(section, before, after, n, spaces)


def _memory(
    section: Section, before: Memory, after: Memory, n: int, spaces: Sequence[str]
) -> Iterator[Figure]:
    yield section.counted(
        "firstline serve, memory before a question", before.resident_mib, "MiB", spaces=spaces
    )
    yield section.counted(
        f"firstline serve, memory after {n} questions",
        after.resident_mib,
        "MiB",
        spaces=spaces,
        note=f"of that {after.private_mib:.0f} not mapped from files; most {after.peak_mib:.0f}",
    )


def environment(home: Path) -> dict[str, str]:
    """Without limits: a bench asks more than any visitor may."""
    return {**os.environ, "FIRSTLINE_HOME": str(home), "FIRSTLINE_WEB__RATE_LIMIT": "0"}


class Client:
    """The HTTP API over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=START_TIMEOUT_S)

    def is_ready(self) -> bool:
        try:
            status, _ = self._send("GET", "/readyz")
        except OSError:
            self._connection.close()
            return False
        return status == 200

    def start_conversation(self) -> tuple[str, str]:
        """Id and token."""
        answer = self._post("/v1/conversations", {}, {})
        return answer["conversation"], answer["token"]

    def ask(self, conversation: tuple[str, str], number: int, text: str) -> dict[str, Any]:
        identifier, token = conversation
        body = {"text": text, "client_message_id": str(number)}
        headers = {"Authorization": f"Bearer {token}"}
        return self._post(f"/v1/conversations/{identifier}/messages", body, headers)

    def _post(self, path: str, body: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        status, answer = self._send("POST", path, json.dumps(body), headers)
        if status >= 400:
            raise ServerFailed(f"{path}: {status} {answer.get('title', '')}")
        return answer

    def _send(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        json_headers = {"Content-Type": "application/json", **(headers or {})}
        self._connection.request(method, path, body, json_headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        return response.status, answer


@contextmanager
def start_server(home: Path) -> Iterator[tuple[int, int]]:
    """Id and port of a server process of its own; what it logs goes to a file in `home`."""
    port = _free_port()
    command = [*FIRSTLINE, "serve", "--host", HOST, "--port", str(port)]
    with (home / "serve.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, env=environment(home), stdout=log, stderr=log
        )
    try:
        _wait_until_ready(process, Client(port), home / "serve.log")
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)


def _wait_until_ready(process: subprocess.Popen[bytes], client: Client, log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while not client.is_ready():
        if process.poll() is not None or time.monotonic() > until:
            raise ServerFailed(log.read_text("utf-8")[-500:])
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
