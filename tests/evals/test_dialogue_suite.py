"""Figures over dialogues."""

import pytest

from evals.dialogue_suite import dialogues
from evals.figures import Figure, figure_of
from evals.hearing import ORDINARY
from evals.records import Heard, Record

CALM, UPSET = Heard(upset=False, offered=False), Heard(upset=True, offered=True)


def turn(
    number: int,
    expected: Heard,
    heard: Heard,
    *,
    dataset: str = "own",
    locale: str = "en",
    dialogue: str = "",
) -> Record:
    return Record(
        dataset=dataset,
        collection=dataset,
        id=str(number),
        locale=locale,
        pair="",
        query="",
        dialogue=dialogue or f"{locale}-{number}",
        expected=expected,
        heard=heard,
    )


def figures(*records: Record) -> dict[tuple[str, str], Figure]:
    found = (figure_of(measure) for measure in dialogues(records) if measure.keys)
    return {(figure.group, figure.name): figure for figure in found if figure is not None}


def test_tone_is_counted_over_turns_and_by_dialogue() -> None:
    found = figures(
        turn(1, UPSET, UPSET, dialogue="a"),
        turn(2, CALM, UPSET, dialogue="a"),
        turn(3, UPSET, CALM, locale="zh"),
        turn(4, CALM, CALM, locale="zh"),
    )
    assert found["own", "tone precision"].value == 0.5
    assert found["own", "tone recall"].value == 0.5
    assert found["own", "tone F1"].n == 3
    assert found["own en", "tone F1"].value == pytest.approx(2 / 3)
    assert found["own", "tone F1, gap of languages"].value == pytest.approx(2 / 3)


def test_calm_dialogues_that_were_handed_over() -> None:
    wrong = Heard(upset=False, offered=True, handed_over=True)
    found = figures(turn(1, CALM, CALM), turn(2, CALM, wrong), turn(3, UPSET, wrong))
    assert found["own", "calm dialogues handed over"].value == 0.5
    assert found["own", "calm dialogues handed over"].n == 2


def test_ordinary_questions_are_counted_by_what_was_done_wrong() -> None:
    consoled = Heard(upset=True, consoled=True)
    found = figures(
        turn(1, CALM, CALM, dataset=ORDINARY), turn(2, CALM, consoled, dataset=ORDINARY)
    )
    assert found[ORDINARY, "calm questions consoled"].value == 0.5
    assert found[ORDINARY, "calm questions handed over"].value == 0


def test_a_heard_turn_survives_its_file() -> None:
    record = turn(1, UPSET, CALM)
    assert Record.from_json(record.as_json()) == record
