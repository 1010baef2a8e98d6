from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError
from evals import gate
from evals.cases import Case, Collection
from evals.gate import Threshold
from evals.runs import Run
from evals.suites import SUITES
from tests.evals.records import found, record

RUN = Run.of(
    {},
    ["retrieval"],
    [
        record("hit", relevant=("en/a.md",), found=found("en/a.md")),
        record("miss", relevant=("en/a.md",), found=found("en/b.md")),
    ],
)


def verdict(folder: Path, text: str, run: Run = RUN) -> gate.Verdict:
    file = folder / "gate.toml"
    file.write_text(text, "utf-8")
    return gate.judge(run, file)


def test_a_figure_that_is_good_enough_passes(tmp_path: Path) -> None:
    text = '[retrieval."own en-en"]\n"hit@1" = { min = 0.5, max = 0.9 }\n'
    assert verdict(tmp_path, text) == gate.Verdict(1, ())


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ('"hit@1" = { min = 0.6 }', "retrieval · own en-en · hit@1: 0.500, at least 0.6"),
        ('"hit@1" = { max = 0.4 }', "retrieval · own en-en · hit@1: 0.500, at most 0.4"),
        ('"hit@2" = { min = 0.1 }', "retrieval · own en-en · hit@2: not measured"),
    ],
)
def test_a_figure_that_is_not_is_named(tmp_path: Path, line: str, failure: str) -> None:
    assert verdict(tmp_path, f'[retrieval."own en-en"]\n{line}\n').failures == (failure,)


def test_data_that_is_not_here_and_suites_that_did_not_run_are_left_out(tmp_path: Path) -> None:
    text = """
[retrieval]
"own en-en" = { "hit@1" = { min = 0.5 } }
"elsewhere en-en" = { "hit@1" = { min = 0.9 } }
[abstention.own]
AUROC = { min = 0.9 }
"""
    assert verdict(tmp_path, text) == gate.Verdict(1, ())


def test_a_gate_without_anything_to_check_is_closed(tmp_path: Path) -> None:
    assert not verdict(tmp_path, "").is_passed


def test_a_case_that_failed_closes_the_gate(tmp_path: Path) -> None:
    run = Run.of({}, ["retrieval"], [*RUN.records, record("broken", error="StoreError")])
    text = '[retrieval."own en-en"]\n"hit@1" = { min = 0.5 }\n'
    assert verdict(tmp_path, text, run).failures == (
        "own/own/broken: the bot failed with StoreError",
    )


@pytest.mark.parametrize(
    ("group", "ids"),
    [
        ("main", ["plain", "foreign"]),  # a data set
        ("part en-en", ["plain", "foreign"]),  # a collection
        ("shop", ["foreign"]),  # a kind
        ("elsewhere", []),
    ],
)
def test_only_what_a_threshold_is_for_is_looked_at(group: str, ids: list[str]) -> None:
    cases = (Case("plain", Locale.EN, "how?"), Case("foreign", Locale.EN, "where?", kind="shop"))
    threshold = Threshold("abstention", group, "AUROC", 0.9, None)
    kept = gate.looked_at(Collection("part", Path(), cases, "main"), [threshold])
    assert [case.id for case in kept.cases] == ids


def test_the_data_of_a_suite_are_what_its_groups_begin_with() -> None:
    groups = (("abstention", "main"), ("dialogues", "own"), ("dialogues", "own zh"))
    thresholds = [Threshold(suite, group, "figure", 0.9, None) for suite, group in groups]
    assert gate.data_of(thresholds, "dialogues") == {"own"}


def test_the_suites_of_the_project_that_have_thresholds() -> None:
    assert {"retrieval", "grounding", "injection"} <= set(gate.suites()) <= set(SUITES)
    assert "latency" not in gate.suites()  # else everything would wait for one process


@pytest.mark.parametrize(
    "text", ["[", "[nothing.own]\n", '[retrieval.own]\n"hit@1" = 0.5\n', "[retrieval.own]\na={}\n"]
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    if text == "[nothing.own]\n":
        text += "a = { min = 1 }\n"
    with pytest.raises(ConfigurationError, match=r"gate\.toml"):
        verdict(tmp_path, text)


def test_the_thresholds_of_the_project_can_be_read() -> None:
    assert gate.load()
