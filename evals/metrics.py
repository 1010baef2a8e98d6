"""The measures themselves; those of rankings by ir-measures."""

from collections.abc import Iterable, Mapping, Sequence

import ir_measures
import numpy as np
from scipy.stats import rankdata

from bot.domain.conversation import Locale
from evals.intervals import Column
from evals.records import Record

HITS = {
    "hit@1": ir_measures.Success @ 1,
    "hit@3": ir_measures.Success @ 3,
    "hit@5": ir_measures.Success @ 5,
    "MRR": ir_measures.RR @ 10,
}
GAINS = {"nDCG@10": ir_measures.nDCG @ 10}
BINS = 10


def rank_measures(records: Sequence[Record]) -> Mapping[str, Column]:
    """By name one value a record, in their order."""
    found = {r.key: [article.path for article in r.found] for r in records}
    relevant = {r.key: set(r.relevant) for r in records}
    measures = _calculate(HITS, relevant, found)
    # The ideal ranking holds an article once, not also its translation.
    pages = {key: list(dict.fromkeys(map(page_of, paths))) for key, paths in found.items()}
    relevant = {key: set(map(page_of, paths)) for key, paths in relevant.items()}
    measures |= _calculate(GAINS, relevant, pages)
    return {
        name: np.array([of_case.get(record.key, 0.0) for record in records])
        for name, of_case in measures.items()
    }


def page_of(path: str) -> str:
    """The same for an article and its translation in the folder of the other language."""
    first, _, rest = path.partition("/")
    return rest if rest and first in set(Locale) else path


def _calculate(
    named: Mapping[str, ir_measures.Measure],
    relevant: Mapping[str, Iterable[str]],
    found: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, float]]:
    judgements = [
        ir_measures.Qrel(key, path, 1) for key, paths in relevant.items() for path in paths
    ]
    ranking = [
        ir_measures.ScoredDoc(key, path, float(-place))
        for key, paths in found.items()
        for place, path in enumerate(paths)
    ]
    values: dict[str, dict[str, float]] = {name: {} for name in named}
    names = {measure: name for name, measure in named.items()}
    for metric in ir_measures.iter_calc(list(names), judgements, ranking):
        values[names[metric.measure]][metric.query_id] = metric.value
    return values


def mean(values: Column) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def median(values: Column) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def percentile_95(values: Column) -> float:
    return float(np.percentile(values, 95)) if len(values) else float("nan")


def auroc(truth: Column, score: Column) -> float:
    """How often an answerable question scores above one that is not; ties count half."""
    # From ranks, as a bootstrap asks thousands of times: scikit-learn's checks take 8 ms each.
    right = truth > 0
    positive, negative = int(right.sum()), int((~right).sum())
    if not positive or not negative:
        return float("nan")
    ranks = float(rankdata(score)[right].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def brier(truth: Column, probability: Column) -> float:
    return mean((probability - truth) ** 2)


def calibration_error(truth: Column, probability: Column) -> float:
    """ECE: how far the mean probability of a bin is from what came true, weighted by size."""
    weights = bins_of(truth, probability)
    return float(sum(n * abs(said - came) for said, came, n in weights) / max(len(truth), 1))


def bins_of(truth: Column, probability: Column) -> list[tuple[float, float, int]]:
    """(mean probability, share that came true, n) of each bin of equal width that is not empty."""
    places = np.minimum((probability * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            said, came = float(probability[inside].mean()), float(truth[inside].mean())
            bins.append((said, came, int(inside.sum())))
    return bins


def risk_coverage(correct: Column, score: Column) -> tuple[Column, Column]:
    """Coverage and the share of wrong answers among those covered, surest first."""
    order = np.argsort(-score, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / max(len(order), 1), np.cumsum(1 - correct[order]) / answered


def area_under_risk(correct: Column, score: Column) -> float:
    """AURC: the mean risk over all coverages; lower is better."""
    return mean(risk_coverage(correct, score)[1])
