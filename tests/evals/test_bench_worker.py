import sys
from pathlib import Path

import pytest

from evals.bench.worker import WorkerFailed, start_worker

SIDE = """
from evals.bench.worker import serve

def double(number):
    print("a library that talks")
    return {"number": number * 2}

def fail():
    raise SystemExit(3)

serve({"double": double, "fail": fail})
"""


@pytest.fixture
def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "bench_side_for_tests.py").write_text(SIDE, "utf-8")
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{root}")
    return "bench_side_for_tests"


def test_answers_come_back_whatever_else_is_printed(side: str) -> None:
    with start_worker(side) as worker:
        assert worker.call("double", number=4) == {"number": 8}
        assert worker.call("double", number="a") == {"number": "aa"}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_memory_is_the_workers_own(side: str) -> None:
    with start_worker(side) as worker:
        memory = worker.memory()

    assert 1 < memory["private_mib"] <= memory["resident_mib"] <= memory["peak_mib"]


def test_a_worker_that_ends_is_an_error(side: str) -> None:
    with pytest.raises(WorkerFailed, match="fail"), start_worker(side) as worker:
        worker.call("fail")
