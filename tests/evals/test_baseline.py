from dataclasses import replace

import pytest

from evals.baseline import compare
from evals.records import Record
from evals.runs import Run
from tests.evals.records import answered, found, record

PAGE = "en/a.md"
HIT = answered("a", relevant=(PAGE,), found=found(PAGE))


def run(*records: Record) -> Run:
    return Run.of({"commit": "abc"}, ["retrieval", "abstention"], records)


def test_nothing_changed() -> None:
    same = compare(run(HIT), run(HIT))
    assert same.changes == ()
    assert not any(one.value for one in same.differences)


def test_figures_and_cases_that_changed() -> None:
    worse = replace(HIT, found=found("en/b.md", PAGE), decision="abstain")
    comparison = compare(run(HIT, record("gone")), run(worse, record("new"), record("newer")))
    assert [change.what for change in comparison.changes] == ["answer → abstain", "rank 1 → 2"]
    assert all(change.is_worse for change in comparison.changes)
    assert (comparison.added, comparison.gone) == (2, 1)
    named = {one.figure.name: one for one in comparison.differences}
    assert named["hit@1"].value == -1
    assert named["hit@1"].is_worse
    assert named["wrongly refused"].is_worse


@pytest.mark.parametrize(
    ("case", "before", "after", "is_worse"),
    [
        (record(), "answer", "abstain", True),
        (record(), "clarify", "answer", False),
        (record(), "clarify", "abstain", None),
        (record(answerable=False), "answer", "abstain", False),
        (record(answerable=False), "abstain", "answer", True),
        (record(answerable=False), "abstain", "handoff", None),
        (record(ambiguous=True), "answer", "clarify", False),
    ],
)
def test_what_is_worse_depends_on_the_case(
    case: Record, before: str, after: str, is_worse: bool | None
) -> None:
    old, new = replace(case, decision=before), replace(case, decision=after)
    (change,) = compare(run(old), run(new)).changes
    assert change.is_worse is is_worse


def test_a_page_that_was_lost_is_worse() -> None:
    (change,) = compare(run(HIT), run(replace(HIT, found=()))).changes
    assert (change.what, change.is_worse) == ("rank 1 → –", True)
