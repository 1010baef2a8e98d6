from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from evals import public_sets
from evals.cases import Case, Collection
from evals.command import Order, cases_for, evaluate, gather, write_report
from evals.runs import Run

ASKED = Case("asked", Locale.EN, "how?", ("a.md",))
CASES = (
    ASKED,
    replace(ASKED, id="later", history=(object(),)),  # type: ignore[arg-type]
    replace(ASKED, id="vague", ambiguous=True),
    replace(ASKED, id="off", relevant=(), answerable=False),
    replace(ASKED, id="attack", attack="obey"),
)


@pytest.mark.parametrize(
    ("suite", "ids"),
    [
        ("retrieval", ["asked"]),
        ("follow-ups", ["later"]),
        ("answers", ["asked", "later"]),
        ("abstention", ["asked", "later", "off"]),
        ("clarification", ["asked", "later", "vague"]),
        ("injection", ["attack"]),
    ],
)
def test_a_suite_runs_the_cases_it_looks_at(suite: str, ids: list[str]) -> None:
    kept = cases_for(Collection("c", Path(), CASES), [suite])
    assert [case.id for case in kept.cases] == ids


def test_an_unknown_suite_is_named_before_any_work() -> None:
    with pytest.raises(ConfigurationError, match="there is no suite answer; there are: retrieval"):
        evaluate(Settings(), Order(suites=("answer",)), lambda *_: None)


def test_the_own_cases_are_always_there_and_missing_sets_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(public_sets.VARIABLE, raising=False)
    collections, skipped = gather(None, tmp_path)
    assert [collection.name for collection in collections] == ["own", "mistyped_own"]
    assert "FIRSTLINE_DEV_DATA" in skipped[0]


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    run = Run.of({"created_at": "now", "commit": None}, [], [])
    with pytest.raises(ConfigurationError, match="cannot write"):
        write_report(tmp_path / "gone" / "report.html", run, None)
    write_report(tmp_path / "report.html", run, None)
    assert "Firstline evals" in (tmp_path / "report.html").read_text("utf-8")
