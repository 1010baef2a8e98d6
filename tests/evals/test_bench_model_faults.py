import asyncio
from pathlib import Path

import pytest

from evals.bench import model_faults
from evals.bench.figures import Section


async def exchange(fault: str, seconds: float) -> bytes:
    """What comes back in so much time."""
    async with model_faults._serving(model_faults.FAULTS[fault]) as url:
        port = int(url.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1 HTTP/1.1\r\n\r\n")
        got = b""
        try:
            async with asyncio.timeout(seconds):
                while piece := await reader.read(100):
                    got += piece
        except TimeoutError:
            pass
        writer.close()
    return got


@pytest.mark.parametrize(
    ("fault", "begins", "longest"),
    [
        ("hangs", b"", 0),
        ("hangs after the first words", b"HTTP/1.1 200", 400),
        ("sends a byte a second", b"H", 1),
        ("refuses with 429", b"HTTP/1.1 429", 400),
    ],
)
async def test_the_server_is_broken_as_announced(fault: str, begins: bytes, longest: int) -> None:
    got = await exchange(fault, 0.2)
    assert got.startswith(begins)
    assert len(got) <= longest


def test_every_fault_has_a_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def hold(home: Path, cases: object, answering: object) -> list[float]:
        return [1.0, 3.0]

    monkeypatch.setattr(model_faults, "_hold", hold)
    figures = list(model_faults.measure_faults(Section("t"), tmp_path, [], 1, ()))
    assert [figure.n for figure in figures] == [2] * len(model_faults.FAULTS)
    assert figures[0].note == "longest 3.00, wanted at most 8"
