"""A measure is what can be computed over cases; a figure is what came out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evals.intervals import Column, Statistic, difference_interval, interval
from evals.metrics import mean
from evals.records import Record


@dataclass(frozen=True, slots=True)
class Measure:
    suite: str
    group: str  # the cases it is over: a collection with its languages, a data set, a kind
    name: str
    keys: tuple[str, ...]  # of the cases
    columns: tuple[Column, ...]  # one value a case each
    statistic: Statistic = mean
    higher_is_better: bool | None = True  # None: neither
    unit: str = ""

    @property
    def id(self) -> tuple[str, str, str]:
        return self.suite, self.group, self.name


@dataclass(frozen=True, slots=True)
class Figure:
    suite: str
    group: str
    name: str
    value: float
    n: int
    low: float | None  # of the 95 % interval; None where there is none
    high: float | None
    higher_is_better: bool | None = True
    unit: str = ""

    @property
    def id(self) -> tuple[str, str, str]:
        return self.suite, self.group, self.name

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Figure":
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure against the same one of another run, over the cases that both have."""

    figure: Figure
    before: float
    after: float
    low: float | None
    high: float | None
    n: int

    @property
    def value(self) -> float:
        return self.after - self.before

    @property
    def is_certain(self) -> bool:
        """Outside of what resampling the cases could have made of no difference."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    @property
    def is_worse(self) -> bool:
        better = self.figure.higher_is_better
        return better is not None and (self.value < 0) is better and self.value != 0


def over(
    suite: str,
    group: str,
    records: Sequence[Record],
    values: Mapping[str, Sequence[float] | Column],
    *,
    higher_is_better: bool | None = True,
    statistic: Statistic = mean,
    unit: str = "",
) -> Iterator[Measure]:
    """Measures by name that take one value a record; nothing over no records."""
    keys = tuple(record.key for record in records)
    for name, column in values.items() if records else ():
        numbers = np.asarray(column, np.float64)
        yield Measure(suite, group, name, keys, (numbers,), statistic, higher_is_better, unit)


def figure_of(measure: Measure) -> Figure | None:
    """None where the measure has no value over these cases."""
    value = measure.statistic(*measure.columns)
    if np.isnan(value):
        return None
    low, high = interval(measure.statistic, measure.columns) or (None, None)
    return Figure(
        *measure.id,
        value=value,
        n=len(measure.keys),
        low=low,
        high=high,
        higher_is_better=measure.higher_is_better,
        unit=measure.unit,
    )


def differences(before: Iterable[Measure], after: Iterable[Measure]) -> list[Difference]:
    known = {measure.id: measure for measure in before}
    return [
        difference
        for measure in after
        if measure.id in known
        if (difference := _difference(known[measure.id], measure)) is not None
    ]


def _difference(before: Measure, after: Measure) -> Difference | None:
    common = sorted(set(before.keys) & set(after.keys))
    if not common:
        return None
    old, new = _columns_of(before, common), _columns_of(after, common)
    old_value, new_value = after.statistic(*old), after.statistic(*new)
    if np.isnan(old_value) or np.isnan(new_value):
        return None
    low, high = difference_interval(after.statistic, old, new) or (None, None)
    figure = Figure(*after.id, new_value, len(common), None, None, after.higher_is_better)
    return Difference(figure, old_value, new_value, low, high, len(common))


def _columns_of(measure: Measure, keys: Sequence[str]) -> list[Column]:
    places = {key: place for place, key in enumerate(measure.keys)}
    rows = [places[key] for key in keys]
    return [column[rows] for column in measure.columns]
