"""Where the cut lies, and what is kept of the fitted numbers."""

import numpy as np

from evals.fit_urgency import PRECISION, cut


def test_the_cut_is_the_lowest_that_is_as_precise_as_wanted() -> None:
    found = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    told = np.array([True, True, True, False, True])
    assert cut(found, told) == 2.5
    assert PRECISION > 4 / 5
