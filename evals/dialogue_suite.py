"""What is measured over dialogues; whole dialogues are resampled, as their turns are alike."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from evals import metrics
from evals.figures import Measure, over
from evals.hearing import DEVELOPMENT, ORDINARY
from evals.intervals import Column
from evals.records import Heard, Record
from evals.satisfaction import ELSEWHERE

Records = Sequence[Record]
Reading = Callable[[Heard], bool]


def dialogues(records: Records) -> Iterator[Measure]:
    """How well is heard who is upset, who asks for a person and who needs one."""
    heard = [r for r in records if r.heard is not None and r.expected is not None]
    for dataset, members in _by_dataset(heard).items():
        if dataset == ORDINARY:
            yield from _ordinary(members)
        elif dataset in ELSEWHERE:
            yield from _elsewhere(dataset, members)
        else:
            yield from _recorded(dataset, members)


def _recorded(dataset: str, members: Records) -> Iterator[Measure]:
    title = f"{dataset} (fitted)" if dataset == DEVELOPMENT else dataset
    for locale in ("", "zh", "en"):
        spoken = [r for r in members if not locale or r.locale == locale]
        group = f"{title} {locale}".strip()
        yield from _found(group, "tone", spoken, lambda heard: heard.upset)
        yield from _found(group, "request", spoken, lambda heard: heard.wants_human)
        rated = [r for r in spoken if _expected(r).offered is not None]
        yield from _found(group, "offer", rated, lambda heard: bool(heard.offered))
        yield from _wrongly_handed_over(group, spoken)
    keys, columns = _by_dialogue(members, lambda heard: heard.upset)
    chinese = {r.dialogue: float(r.locale == "zh") for r in members}
    by_language = (*columns, np.array([chinese[key] for key in keys]))
    yield Measure("dialogues", title, "tone F1, gap of languages", keys, by_language, _gap, False)
    times = {"hearing p95": [_heard(r).ms for r in members]}
    yield from over("dialogues", title, members, times, higher_is_better=False,
                    statistic=metrics.percentile_95, unit="ms")  # fmt: skip


def _found(group: str, name: str, members: Records, reading: Reading) -> Iterator[Measure]:
    keys, columns = _by_dialogue(members, reading)
    for figure, statistic in (("F1", _f1), ("precision", _precision), ("recall", _recall)):
        yield Measure("dialogues", group, f"{name} {figure}", keys, columns, statistic)


def _wrongly_handed_over(group: str, members: Records) -> Iterator[Measure]:
    """Of the dialogues in which nobody was upset or needed a person."""
    of_dialogue = defaultdict(list)
    for record in members:
        of_dialogue[record.dialogue].append(record)
    calm = {
        key: turns
        for key, turns in of_dialogue.items()
        if not any(_expected(r).upset or _expected(r).offered for r in turns)
    }
    keys = tuple(calm)
    wrong = np.array([float(any(_heard(r).handed_over for r in t)) for t in calm.values()])
    name = "calm dialogues handed over"
    yield Measure("dialogues", group, name, keys, (wrong,), higher_is_better=False)


def _ordinary(members: Records) -> Iterator[Measure]:
    """By where the questions are from, and all together."""
    kinds = sorted({r.kind for r in members})
    for kind in ("", *kinds):
        asked = [r for r in members if not kind or r.kind == kind]
        faults = {
            "calm questions consoled": [float(_heard(r).consoled) for r in asked],
            "calm questions handed over": [float(_heard(r).handed_over) for r in asked],
            "calm questions taken for requests": [float(_heard(r).wants_human) for r in asked],
            "calm questions called upset": [float(_heard(r).upset) for r in asked],
        }
        group = f"{ORDINARY} {kind}".strip()
        yield from over("dialogues", group, asked, faults, higher_is_better=False)


def _elsewhere(dataset: str, members: Records) -> Iterator[Measure]:
    keys = tuple(r.key for r in members)
    if dataset == "bitext":
        columns = _columns(members, lambda heard: heard.wants_human)
        for name, statistic in (("request recall", _recall), ("request precision", _precision)):
            yield Measure("dialogues", dataset, name, keys, columns, statistic)
        return
    truth = np.array([float(_expected(r).upset) for r in members])
    score = np.array([_heard(r).score for r in members])
    name = "unhappy, AUROC (no claim)"
    yield Measure("dialogues", dataset, name, keys, (truth, score), metrics.auroc, None)


def _columns(members: Records, reading: Reading) -> tuple[Column, Column, Column]:
    """Right ones, wrong ones and missed ones, a row a record."""
    wanted = np.array([reading(_expected(r)) for r in members], bool)
    found = np.array([reading(_heard(r)) for r in members], bool)
    rows = (wanted & found, ~wanted & found, wanted & ~found)
    right, wrong, missed = (row.astype(np.float64) for row in rows)
    return right, wrong, missed


def _by_dialogue(
    members: Records, reading: Reading
) -> tuple[tuple[str, ...], tuple[Column, Column, Column]]:
    """The same, summed up a dialogue."""
    names = tuple(dict.fromkeys(r.dialogue for r in members))
    places = {name: place for place, name in enumerate(names)}
    at = np.array([places[r.dialogue] for r in members], np.intp)
    right, wrong, missed = (
        np.bincount(at, column, len(names)).astype(np.float64)
        for column in _columns(members, reading)
    )
    return names, (right, wrong, missed)


def _precision(right: Column, wrong: Column, missed: Column) -> float:
    return _share(right.sum(), right.sum() + wrong.sum())


def _recall(right: Column, wrong: Column, missed: Column) -> float:
    return _share(right.sum(), right.sum() + missed.sum())


def _f1(right: Column, wrong: Column, missed: Column) -> float:
    return _share(2 * right.sum(), 2 * right.sum() + wrong.sum() + missed.sum())


def _gap(right: Column, wrong: Column, missed: Column, chinese: Column) -> float:
    is_zh = chinese > 0
    some, others = (_f1(right[m], wrong[m], missed[m]) for m in (is_zh, ~is_zh))
    return abs(some - others)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _heard(record: Record) -> Heard:
    if record.heard is None:
        raise ValueError(f"{record.key} was not heard")
    return record.heard


def _expected(record: Record) -> Heard:
    if record.expected is None:
        raise ValueError(f"nobody has judged {record.key}")
    return record.expected


def _by_dataset(records: Records) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[record.dataset].append(record)
    return dict(sorted(groups.items()))
