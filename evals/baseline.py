"""A run against an earlier one: figures that differ, and cases that changed."""

from dataclasses import dataclass

from evals.figures import Difference, differences
from evals.records import Record
from evals.runs import Run, measures


@dataclass(frozen=True, slots=True)
class Change:
    """A case that came out otherwise."""

    before: Record
    after: Record
    what: str
    is_worse: bool | None  # None: neither better nor worse by itself


@dataclass(frozen=True, slots=True)
class Comparison:
    about: str  # the earlier run, in words
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    added: int  # cases that only the new run has
    gone: int


def compare(before: Run, after: Run) -> Comparison:
    suites = [name for name in after.suites if name in before.suites]
    old = {record.key: record for record in before.records}
    new = {record.key: record for record in after.records}
    found = (_changes(old[key], new[key]) for key in new.keys() & old.keys())
    changes = sorted(
        (change for few in found for change in few),
        key=lambda change: (change.is_worse is not True, change.what, change.after.key),
    )
    return Comparison(
        about=f"{before.about.get('created_at')}, commit {before.about.get('commit')}",
        differences=tuple(
            differences(measures(suites, before.records), measures(suites, after.records))
        ),
        changes=tuple(changes),
        added=len(new.keys() - old.keys()),
        gone=len(old.keys() - new.keys()),
    )


def _changes(before: Record, after: Record) -> list[Change]:
    changes = []
    if before.decision != after.decision:
        what = f"{before.decision} → {after.decision}"
        changes.append(Change(before, after, what, _is_worse_decision(before, after)))
    if after.relevant and before.rank != after.rank:
        what = f"rank {before.rank or '–'} → {after.rank or '–'}"
        changes.append(Change(before, after, what, _place(after) > _place(before)))
    return changes


def _is_worse_decision(before: Record, after: Record) -> bool | None:
    wanted = "clarify" if after.ambiguous else "answer" if after.answerable else None
    if wanted is None:
        return after.is_answered if before.is_answered != after.is_answered else None
    if (before.decision == wanted) == (after.decision == wanted):
        return None
    return before.decision == wanted


def _place(record: Record) -> int:
    return record.rank or len(record.found) + 1000
