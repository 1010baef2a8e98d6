"""95 % bootstrap intervals by percentile; cases are resampled, always in the same way."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Statistic = Callable[..., float]

RESAMPLES = 1000
LEVEL = (2.5, 97.5)
SEED = 20260101


def interval(statistic: Statistic, columns: Sequence[Column]) -> tuple[float, float] | None:
    """None where too few resamples have a value, as with one class for an AUROC."""
    if not len(columns[0]):
        return None
    return _percentiles([statistic(*taken) for taken in _resamples(columns)])


def difference_interval(
    statistic: Statistic, before: Sequence[Column], after: Sequence[Column]
) -> tuple[float, float] | None:
    """Of `after` less `before`; both hold the same cases in the same order (paired)."""
    if not len(before[0]):
        return None
    pairs = zip(_resamples(before), _resamples(after), strict=True)
    return _percentiles([statistic(*new) - statistic(*old) for old, new in pairs])


def _resamples(columns: Sequence[Column]) -> Iterator[list[Column]]:
    generator = np.random.default_rng(SEED)
    size = len(columns[0])
    for _ in range(RESAMPLES):
        rows = generator.integers(0, size, size)
        yield [column[rows] for column in columns]


def _percentiles(values: Sequence[float]) -> tuple[float, float] | None:
    known = np.array(values)[~np.isnan(values)]
    if len(known) < len(values) / 2:
        return None
    low, high = np.percentile(known, LEVEL)
    return float(low), float(high)
