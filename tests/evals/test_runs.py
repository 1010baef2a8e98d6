import json
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.settings import load_settings
from evals.runs import Run, describe, measures
from tests.evals.records import answered, found, record

RECORDS = (
    answered("one", relevant=("en/a.md",), found=found("en/a.md"), history=(("user", "a"),)),
    record("two", relevant=("en/a.md",), found=found("en/b.md"), stage_ms={"act": 1.0}),
)


def test_a_run_is_written_and_read_as_it_was(tmp_path: Path) -> None:
    run = Run.of({"commit": "abc"}, ["retrieval", "follow-ups"], RECORDS, ["public sets"])
    assert run.figures
    file = tmp_path / "run.json"
    file.write_text(json.dumps(run.as_json()), "utf-8")
    assert Run.load(file) == run


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 0}'])
def test_another_file_is_no_run(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"run\.json"):
        Run.load(file)


def test_a_case_that_failed_is_named_and_not_measured() -> None:
    broken = record("broken", relevant=("en/a.md",), error="StoreError")
    run = Run.of({}, ["retrieval"], [*RECORDS, broken])
    assert run.failed == (broken,)
    assert {figure.n for figure in run.figures} == {1}
    assert all(broken.key not in measure.keys for measure in measures(["retrieval"], run.records))


def test_a_run_says_with_what_it_was_made_and_keeps_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRSTLINE_IDENTITY__SECRET", "hush-hush-hush-hush-hush-hush-hush")
    about = describe(load_settings(), {"own": {"snapshot": "s"}}, None)
    assert {"commit", "python", "packages", "settings", "prompts", "snapshots"} <= about.keys()
    assert "hush" not in json.dumps(about)
    assert about["packages"]["numpy"]
