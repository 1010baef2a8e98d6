import io

from rich.console import Console

from evals.baseline import compare
from evals.runs import Run
from evals.tables import comparison_tables, tables
from tests.evals.records import found, record

BEFORE = record("a", query="how to [b]save[/b]", relevant=("en/a.md",), found=found("en/a.md"))
AFTER = record("a", query="how to [b]save[/b]", relevant=("en/a.md",), found=found("en/b.md"))


def run(one: object) -> Run:
    return Run.of({"commit": "abc"}, ["retrieval", "injection"], [one], ["public sets"])  # type: ignore[list-item]


def shown(*parts: object) -> str:
    file = io.StringIO()
    Console(file=file, width=160).print(*parts, sep="\n")
    return file.getvalue()


def test_every_suite_is_shown() -> None:
    text = shown(*tables(run(BEFORE)))
    assert "own en-en" in text
    assert "1.000" in text
    assert "injection: no cases" in text
    assert "left out: public sets" in text


def test_what_got_worse_is_shown_as_it_was_written() -> None:
    text = shown(*comparison_tables(compare(run(BEFORE), run(AFTER))))
    assert "-1.000" in text
    assert "worse: rank 1 → –" in text
    assert "how to [b]save[/b]" in text


def test_no_difference_is_said() -> None:
    assert "no figure differs" in shown(*comparison_tables(compare(run(BEFORE), run(BEFORE))))
