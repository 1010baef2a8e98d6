"""Parts of the fit that need no data."""

import numpy as np
import pytest

from evals.fit_tone import _Fit
from evals.tone_samples import LEFT_OUT


def fit(folds: list[int]) -> _Fit:
    rng = np.random.default_rng(1)
    labels = np.arange(len(folds)) % 2 == 0
    features = labels[:, None] * 4.0 + rng.normal(size=(len(folds), 1))
    return _Fit(features, labels, np.ones(len(folds)), np.array(folds), 1.0)


def test_what_is_left_out_changes_no_fit_but_is_judged() -> None:
    folds = [0, 0, 1, 1] * 10
    whole = fit([*folds, *[LEFT_OUT] * 8])
    assert whole.usable.sum() == 40
    found = whole.left_out()
    again = fit([*folds, *[LEFT_OUT] * 8])
    again.labels[40:] ^= True
    assert again.left_out() == pytest.approx(found)
    assert (found[40:] > 0).tolist() == whole.labels[40:].tolist()


def test_the_threshold_of_a_fold_is_found_on_the_others() -> None:
    one = fit([0, 0, 1, 1] * 10)
    found = one.left_out()
    judged = np.ones(40, bool)
    cuts = one.cuts(found, judged, 0.0)
    one.labels[one.folds == 0] ^= True
    assert set(one.cuts(found, judged, 0.0)[one.folds == 0]) == set(cuts[one.folds == 0])
