"""How well tone is heard of messages that a fit has not seen, by source and language."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.domain.conversation import Locale
from evals.intervals import interval
from evals.tone_samples import JUDGED, SPOKEN, Sample

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
FLAT = 0.005  # of F1: as good as the best; of those the cut that finds most is taken


def threshold(truth: Mask, found: Array, least_precision: float) -> float:
    """Where F1 is best among those that are as precise as wanted."""
    candidates = np.unique(np.quantile(found, np.linspace(0.3, 0.98, 200)))
    rated = [(f1_of(truth, found >= cut), precision_of(truth, found >= cut), cut)
             for cut in candidates]  # fmt: skip
    precise = [one for one in rated if one[1] >= least_precision] or rated
    best = max(precise)[0]
    return float(min(cut for f1, _, cut in precise if f1 >= best - FLAT))


def precision_of(truth: Mask, found: Mask) -> float:
    return float((truth & found).sum() / max(found.sum(), 1))


def recall_of(truth: Mask, found: Mask) -> float:
    return float((truth & found).sum() / max(truth.sum(), 1))


def f1_of(truth: Mask, found: Mask) -> float:
    both = 2 * (truth & found).sum()
    return float(both / max(truth.sum() + found.sum(), 1))


def report(name: str, samples: Sequence[Sample], truth: Mask, found: Mask) -> None:
    """By language and kind; dialogues are resampled whole."""
    for source in sorted(JUDGED):
        for locale in (None, *Locale):
            rows = np.array([
                s.source == source and (locale is None or s.turn.locale is locale) for s in samples
            ])  # fmt: skip
            if name == "offer" and source not in SPOKEN:
                continue
            groups = [s.turn.dialogue for s, chosen in zip(samples, rows, strict=True) if chosen]
            statistics: dict[str, Callable[..., float]] = {
                "F1": f1_of, "precision": precision_of, "recall": recall_of
            }  # fmt: skip
            said = " ".join(
                f"{key} {_with_interval(stat, truth[rows], found[rows], groups)}"
                for key, stat in statistics.items()
            )
            print(f"{name:8} {source:13} {locale or 'both':5} n={rows.sum()} {said}")


def _with_interval(
    statistic: Callable[..., float], truth: Mask, found: Mask, groups: Sequence[str]
) -> str:
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    members = list(places.values())

    def over(chosen: Array) -> float:
        rows = np.concatenate([members[int(one)] for one in chosen])
        return statistic(truth[rows], found[rows])

    low, high = interval(over, [np.arange(len(members), dtype=np.float64)]) or (0.0, 0.0)
    return f"{statistic(truth, found):.3f} ({low:.3f} to {high:.3f})"
