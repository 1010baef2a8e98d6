"""Parts of the fit that need no data."""

import numpy as np
import pytest

from bot.domain.conversation import Locale
from evals.fit_tone import FOLDS, _block, _own_wordings, _threshold, f1_of


def test_parallels_of_both_languages_are_left_out_together() -> None:
    assert _block("utt-zh-040", 35) == _block("utt-en-040", 35)
    samples = list(_own_wordings())
    folds = {
        (s.turn.dialogue, s.turn.locale): s.fold for s in samples
    }  # the same place, the same fold
    assert all(folds[name, Locale.ZH] == fold for (name, _), fold in folds.items())
    assert {s.fold for s in samples} == set(range(FOLDS))


def test_the_threshold_is_as_precise_as_wanted() -> None:
    truth = np.array([True, True, False, True, False, False])
    found = np.array([3.0, 2.0, 1.0, 0.0, -1.0, -2.0])
    cut = _threshold(truth, found, 1.0)
    assert 1.0 < cut <= 2.0
    assert f1_of(truth, found >= cut) == pytest.approx(0.8)
