"""A desk that fails again and again is left alone, and asked by one when its pause is over."""

from datetime import timedelta

import pytest

from bot.services.circuits import FAILURES, LONGEST_PAUSE, PAUSE, WINDOW, Circuits
from tests.adapters.stores import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuits(clock: Clock) -> Circuits:
    return Circuits(["far", "near"], clock)


def fail(circuits: Circuits, times: int = FAILURES) -> None:
    for _ in range(times):
        circuits.failed("far")


def test_it_takes_several_failures_in_a_row(circuits: Circuits) -> None:
    fail(circuits, FAILURES - 1)
    circuits.answered("far")
    fail(circuits, FAILURES - 1)
    assert circuits.flowing() == {"far", "near"}
    fail(circuits, 1)
    assert circuits.flowing() == {"near"}
    assert circuits.to_try() == set()


def test_failures_far_apart_are_those_of_a_schedule(circuits: Circuits, clock: Clock) -> None:
    for _ in range(FAILURES * 2):
        circuits.failed("far")
        clock.advance(WINDOW)
    assert circuits.flowing() == {"far", "near"}


def test_after_the_pause_one_tries(circuits: Circuits, clock: Clock) -> None:
    fail(circuits)
    clock.advance(PAUSE)
    assert circuits.to_try() == {"far"}
    circuits.failed("far")
    assert circuits.to_try() == set()
    clock.advance(PAUSE)
    circuits.answered("far")
    assert circuits.flowing() == {"far", "near"}


@pytest.mark.parametrize(
    ("asked_s", "pause"), [(90, timedelta(seconds=90)), (10**12, LONGEST_PAUSE)]
)
def test_a_desk_may_ask_everybody_to_stay_away(
    circuits: Circuits, clock: Clock, asked_s: float, pause: timedelta
) -> None:
    circuits.failed("far", asked_s)
    clock.advance(pause - timedelta(seconds=1))
    assert circuits.to_try() == set()
    clock.advance(timedelta(seconds=1))
    assert circuits.to_try() == {"far"}


def test_others_have_no_circuit(circuits: Circuits) -> None:
    for _ in range(FAILURES):
        circuits.failed("widget")
    circuits.answered("widget")
    assert circuits.flowing() == {"far", "near"}
