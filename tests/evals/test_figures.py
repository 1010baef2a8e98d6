import numpy as np
import pytest

from evals.figures import Difference, Figure, Measure, differences, figure_of, over
from evals.metrics import auroc
from tests.evals.records import record


def measure(values: list[float], keys: str = "abcd", **more: object) -> Measure:
    return Measure("s", "g", "n", tuple(keys), (np.array(values),), **more)  # type: ignore[arg-type]


def test_a_figure_is_the_mean_with_its_interval() -> None:
    figure = figure_of(measure([1, 1, 1, 0]))
    assert figure is not None
    assert (figure.id, figure.value, figure.n) == (("s", "g", "n"), 0.75, 4)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < 0.75 <= figure.high
    assert Figure.from_json(figure.as_json()) == figure


def test_without_a_value_there_is_no_figure() -> None:
    one_class = Measure("s", "g", "n", ("a", "b"), (np.ones(2), np.ones(2)), auroc)
    assert figure_of(one_class) is None


def test_nothing_is_measured_over_no_cases() -> None:
    assert list(over("s", "g", [], {"n": []})) == []
    (one,) = over("s", "g", [record("a")], {"n": [0.5]})
    assert one.keys == ("own/own/a",)


def difference(before: Measure, after: Measure) -> Difference:
    (found,) = differences([before], [after])
    return found


def test_only_common_cases_are_compared_whatever_their_order() -> None:
    found = difference(measure([1, 1, 0, 0]), measure([0, 1, 1], "cbx"))
    assert (found.before, found.after, found.n) == (0.5, 0.5, 2)
    assert differences([measure([1.0], "a")], [measure([1.0], "z")]) == []


def test_a_difference_of_all_cases_is_certain_and_of_few_is_not() -> None:
    keys = "abcdefghijklmnopqrst"
    zeros, ones = [0.0] * 20, [1.0] * 20
    assert difference(measure(zeros, keys), measure(ones, keys)).is_certain
    assert not difference(measure(zeros, keys), measure([1.0, *zeros[1:]], keys)).is_certain


@pytest.mark.parametrize(("better", "is_worse"), [(True, True), (False, False), (None, False)])
def test_worse_depends_on_the_figure(better: bool | None, is_worse: bool) -> None:
    after = measure([0, 0, 0, 0], higher_is_better=better)
    assert difference(measure([1, 1, 1, 1]), after).is_worse is is_worse
    assert not difference(after, after).is_worse
