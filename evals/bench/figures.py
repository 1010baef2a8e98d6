"""What a benchmark brings back: figures with the number of measurements they stand for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

TAIL_FROM = 20  # measurements; of fewer a 95th percentile is only the greatest


@dataclass(frozen=True, slots=True)
class Figure:
    section: str
    name: str
    unit: str
    n: int  # measurements behind it
    p50: float
    p95: float | None = None
    spaces: tuple[str, ...] = ()  # the dense spaces in use; none where none is
    note: str = ""


@dataclass(slots=True)
class Results:
    """Everything one run found, and what it left out."""

    setup: Mapping[str, Any]
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  # parts that could not be measured

    def as_json(self) -> dict[str, Any]:
        return {
            "setup": dict(self.setup),
            "figures": [
                {
                    **asdict(figure),
                    "p50": round(figure.p50, 4),
                    "p95": None if figure.p95 is None else round(figure.p95, 4),
                }
                for figure in self.figures
            ],
            "remarks": self.remarks,
            "failures": self.failures,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """Makes the figures of one part of the run."""

    title: str

    def measured(
        self,
        name: str,
        samples: Sequence[float],
        unit: str,
        *,
        spaces: Sequence[str] = (),
        note: str = "",
    ) -> Figure:
        """Median and, of enough samples, the 95th percentile; raises ValueError without any."""
        if not len(samples):
            raise ValueError(f"{name}: nothing was measured")
        tail = float(np.percentile(samples, 95)) if len(samples) >= TAIL_FROM else None
        median = float(np.median(samples))
        return Figure(self.title, name, unit, len(samples), median, tail, tuple(spaces), note)

    def counted(
        self, name: str, value: float, unit: str, *, spaces: Sequence[str] = (), note: str = ""
    ) -> Figure:
        """A figure that is exact, or that was taken once."""
        return Figure(self.title, name, unit, 1, float(value), None, tuple(spaces), note)

    def ratio(
        self, name: str, ours: Sequence[float], theirs: Sequence[float], *, note: str = ""
    ) -> Figure:
        """Median of ours / theirs over pairs that were measured one after the other."""
        pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
        return self.measured(name, pairs, "x", note=note)


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds of each block it was held around."""

    samples_ms: list[float] = field(default_factory=list)

    @contextmanager
    def lap(self) -> Iterator[None]:
        begin = perf_counter()
        yield
        self.samples_ms.append((perf_counter() - begin) * 1000)
