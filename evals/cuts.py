"""Where a score counts as a yes."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def cut(found: Array, wanted: Mask, precision: float) -> float:
    """The lowest of the scores (n,) from which on the precision is as asked for."""
    order = np.argsort(-found)
    reached = np.cumsum(wanted[order]) / np.arange(1, len(order) + 1)
    last = int(np.flatnonzero(reached >= precision)[-1])
    return float(found[order][last : last + 2].mean())
