"""What may not get worse: figures against the thresholds in one file."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigurationError
from evals.cases import Collection
from evals.runs import Run
from evals.suites import SUITES

THRESHOLDS = Path(__file__).with_name("gate.toml")
BOUNDS = {"min", "max"}


@dataclass(frozen=True, slots=True)
class Threshold:
    suite: str
    group: str
    name: str
    minimum: float | None
    maximum: float | None

    @property
    def data(self) -> str:
        """A data set, a collection or a kind of case: what the group's name begins with."""
        return self.group.split(" ")[0]

    @property
    def title(self) -> str:
        return f"{self.suite} · {self.group} · {self.name}"

    def failure(self, value: float | None) -> str | None:
        if value is None:
            return f"{self.title}: not measured"
        if self.minimum is not None and value < self.minimum:
            return f"{self.title}: {value:.3f}, at least {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"{self.title}: {value:.3f}, at most {self.maximum:g}"
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    checked: int
    failures: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        return not self.failures


def judge(run: Run, file: Path = THRESHOLDS) -> Verdict:
    """Over the suites and data of the run; having nothing to check is a failure too."""
    thresholds = [t for t in load(file) if t.suite in run.suites and _has_data(t, run)]
    values = {figure.id: figure.value for figure in run.figures}
    found = (t.failure(values.get((t.suite, t.group, t.name))) for t in thresholds)
    failures = [failure for failure in found if failure]
    failures += [f"{record.key}: the bot failed with {record.error}" for record in run.failed]
    if not thresholds:
        failures.append(f"no threshold in {file.name} is for the cases of this run")
    return Verdict(len(thresholds), tuple(failures))


def suites() -> tuple[str, ...]:
    """Those that have a threshold."""
    return tuple(dict.fromkeys(threshold.suite for threshold in load()))


def data_of(thresholds: Iterable[Threshold], suite: str) -> frozenset[str]:
    return frozenset(threshold.data for threshold in thresholds if threshold.suite == suite)


def looked_at(collection: Collection, thresholds: Iterable[Threshold]) -> Collection:
    """Only the cases that some threshold is for; all those of its group, else its figure would
    be another one."""
    data = {threshold.data for threshold in thresholds}
    if data & {collection.name, collection.dataset}:
        return collection
    return replace(collection, cases=tuple(c for c in collection.cases if c.kind in data))


def load(file: Path = THRESHOLDS) -> list[Threshold]:
    """Raises ConfigurationError naming what is wrong."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return list(_thresholds(table, file))


def _thresholds(table: Mapping[str, Any], file: Path) -> Iterator[Threshold]:
    for suite, groups in table.items():
        if suite not in SUITES:
            raise ConfigurationError(f"{file}: there is no suite {suite}")
        for group, names in groups.items():
            for name, bounds in names.items():
                if not isinstance(bounds, dict) or not bounds or bounds.keys() - BOUNDS:
                    raise ConfigurationError(
                        f"{file}: {suite} {group} {name}: expected min, max or both"
                    )
                yield Threshold(suite, group, name, bounds.get("min"), bounds.get("max"))


def _has_data(threshold: Threshold, run: Run) -> bool:
    """A data set that is not here is no failure; a figure that vanished from one that is, is."""
    return any(threshold.data in (r.dataset, r.collection, r.kind) for r in run.records)
