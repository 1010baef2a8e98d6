import numpy as np
import pytest

from evals.intervals import difference_interval, interval
from evals.metrics import auroc, mean

VALUES = np.array([1.0] * 60 + [0.0] * 40)


def test_the_interval_of_a_share_is_as_wide_as_theory_says() -> None:
    found = interval(mean, [VALUES])
    assert found is not None
    half = 1.96 * (0.6 * 0.4 / 100) ** 0.5
    assert found == pytest.approx((0.6 - half, 0.6 + half), abs=0.02)


def test_the_same_cases_have_the_same_interval() -> None:
    assert interval(mean, [VALUES]) == interval(mean, [VALUES])


def test_more_cases_make_it_narrower() -> None:
    few, many = interval(mean, [VALUES]), interval(mean, [np.tile(VALUES, 10)])
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < few[1] - few[0]


def test_what_has_no_value_has_no_interval() -> None:
    assert interval(mean, [np.array([])]) is None
    assert interval(auroc, [np.ones(5), np.linspace(0, 1, 5)]) is None


def test_a_paired_difference_is_narrower_than_two_intervals() -> None:
    after = VALUES.copy()
    after[60:70] = 1.0
    found = difference_interval(mean, [VALUES], [after])
    assert found is not None
    low, high = found
    assert 0 < low < 0.1 < high < 0.2


def test_no_difference_is_exactly_none() -> None:
    assert difference_interval(mean, [VALUES], [VALUES]) == (0.0, 0.0)
