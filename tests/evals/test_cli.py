import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from evals.cli import run
from evals.runner import Progress

PAGE = "# Boards\n\n## Add a column\n\nClick **Add column** at the right end of the board.\n"
CASE = {
    "id": "a",
    "corpus": "small",
    "locale": "en",
    "query": "How do I add a column to the board?",
    "relevant": ["boards.md"],
}


@contextmanager
def no_bars() -> Iterator[Progress]:
    yield lambda *_: None


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "corpus_small" / "md").mkdir(parents=True)
    (tmp_path / "corpus_small" / "md" / "boards.md").write_text(PAGE, "utf-8")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "questions.jsonl").write_text(json.dumps(CASE), "utf-8")
    return tmp_path / "set"


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        run([str(argument) for argument in arguments], no_bars)
    return int(end.value.code or 0)


@pytest.mark.models
def test_a_run_its_report_and_itself_as_the_baseline(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    assert call("retrieval", "--data", data, "--json", "--report", report) == 0
    text = capsys.readouterr().out
    document = json.loads(text)
    (hit,) = [figure for figure in document["figures"] if figure["name"] == "hit@1"]
    assert (hit["group"], hit["value"], hit["n"]) == ("small en-en", 1, 1)
    assert document["cases"][0]["found"][0]["path"] == "boards.md"
    assert document["snapshots"]["small"]["models"]
    assert "small en-en" in report.read_text("utf-8")
    before = tmp_path / "before.json"
    before.write_text(text, "utf-8")
    assert call("retrieval", "--data", data, "--baseline", before) == 0
    assert "no figure differs" in capsys.readouterr().out


@pytest.mark.models
def test_the_gate_fails_where_it_has_nothing_to_check(data: Path) -> None:
    with pytest.raises(ConfigurationError, match="below the gate:\n  no threshold"):
        run(["retrieval", "--data", str(data), "--gate"], no_bars)


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--nonsense") == 2
    assert call("case") == 2
    assert "firstline eval case" in capsys.readouterr().err


def test_a_baseline_that_is_none_is_refused_before_any_work(data: Path) -> None:
    with pytest.raises(ConfigurationError, match="not the output"):
        run(["--baseline", str(data / "questions.jsonl")], no_bars)


def test_a_message_that_is_not_there_makes_no_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="no message nothing"):
        run(["case", "nothing"], no_bars)
