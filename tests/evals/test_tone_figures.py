"""Thresholds and rates of what was heard."""

import numpy as np
import pytest

from evals.tone_figures import f1_of, precision_of, recall_of, threshold

TRUTH = np.array([True, True, False, True, False, False])
FOUND = np.array([3.0, 2.0, 1.0, 0.0, -1.0, -2.0])


def test_the_threshold_is_as_precise_as_wanted() -> None:
    cut = threshold(TRUTH, FOUND, 1.0)
    assert 1.0 < cut <= 2.0
    assert f1_of(TRUTH, cut <= FOUND) == pytest.approx(0.8)


def test_precision_and_recall_of_nothing_found_are_nothing() -> None:
    nothing = np.zeros(6, bool)
    assert precision_of(TRUTH, nothing) == 0
    assert recall_of(TRUTH, nothing) == 0
    assert recall_of(TRUTH, FOUND > 1) == pytest.approx(2 / 3)
