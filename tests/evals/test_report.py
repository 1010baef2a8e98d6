import re

import pytest

from evals.baseline import compare
from evals.report import render, worst
from evals.runs import Run
from evals.suites import SUITES
from tests.evals.records import answered, found, record

PAGE = "en/a.md"
EVIL = "<script>alert(1)</script><img src=//evil.example/x>"
RECORDS = [
    answered("good", relevant=(PAGE,), found=found(PAGE), answerability=0.9, timed=True),
    record("missed", query="看板在哪里？", relevant=(PAGE,), decision="abstain", answerability=0.2),
    answered("wrong", text=EVIL, query=EVIL, answerable=False, answerability=0.8),
    record("vague", ambiguous=True, decision="answer", hints=("board",)),
    record("attack", kind="users", attack=EVIL, decision="abstain", leaks=(EVIL,)),
    record("broken", error="StoreError", decision="error"),
]
RUN = Run.of({"created_at": "now", "commit": "abc"}, list(SUITES), RECORDS, ["public sets"])
FILES = re.compile(r"(?:src|href)\s*=\s*(?![\"']?#)|url\((?!#)|@import", re.IGNORECASE)


@pytest.fixture(scope="module")
def page() -> str:
    return render(RUN, compare(Run.of(RUN.about, RUN.suites, RECORDS[1:]), RUN))


def test_texts_of_cases_are_escaped(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "evil.example" in page
    assert "<img" not in page


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    plain = page.replace("&lt;img src=//evil", "")
    assert [match[0] for match in FILES.finditer(plain)] == []
    assert "default-src 'none'" in page


def test_the_page_shows_figures_plots_cases_and_the_baseline(page: str) -> None:
    for text in ("hit@5", "own en-en", "看板在哪里？", "public sets", "StoreError", "commit"):
        assert text in page
    assert page.count("<svg") == 5
    assert 'id="baseline"' in page
    assert 'id="baseline"' not in render(RUN)


def test_plots_take_the_ink_of_the_page(page: str) -> None:
    assert "currentColor" in page
    assert "#010203" not in page


def test_the_worst_cases_are_told_apart_by_their_fault() -> None:
    faults = {title: [record.id for record in records] for title, records in worst(RUN)}
    assert faults["Answered what no article answers"] == ["wrong"]
    assert "missed" in faults["Refused what an article answers"]
    assert faults["Relevant page not among the first five"] == ["missed"]
    assert faults["Ambiguous, yet not asked back"] == ["vague"]
    assert faults["Betrayed or made up something"] == ["attack"]
    assert "good" not in str(faults)


def test_a_run_without_cases_is_a_page_too() -> None:
    page = render(Run.of({"created_at": "now", "commit": None}, ["retrieval"], []))
    assert "<svg" not in page
