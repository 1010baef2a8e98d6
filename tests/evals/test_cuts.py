"""Where a score counts as a yes."""

import numpy as np
import pytest

from evals.cuts import cut


@pytest.mark.parametrize(("precision", "expected"), [(0.94, 2.5), (0.8, 1.0)])
def test_the_cut_is_the_lowest_that_is_as_precise_as_wanted(
    precision: float, expected: float
) -> None:
    found = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    wanted = np.array([True, True, True, False, True])
    assert cut(found, wanted, precision) == expected
