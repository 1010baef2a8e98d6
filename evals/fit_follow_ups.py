"""Fit how far a message relies on the turns before: `python -m evals.fit_follow_ups`.

Logistic regression on two signals of the wording, whether it leans and how many words of content
it has. Follow-ups of the development set and of the own cases against the questions of all sets
that stand alone; AUROC with each set left out in turn. The weights to copy into
`bot/services/followups.py` are then fitted on everything.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.services.followups import FollowUpDetector
from bot.services.intents import IntentClassifier
from evals import public_sets
from evals.cases import OWN_CASES, Case, Collection, load_folder

# The kinds count the same as a whole, but for this: a follow-up that goes unnoticed finds nothing,
# while what was said before seldom hides the answer to a question that stands alone.
COST_OF_MISSING = 2.0
STANDS_ALONE = "topic_change"  # kind of a case that has turns before it and does not need them


def main() -> None:
    folder = public_sets.required_data()
    classifier, detector = IntentClassifier.load(), FollowUpDetector.load()
    with TemporaryDirectory() as work:
        rows = [
            (collection.name, *signals, bool(case.history) and case.kind != STANDS_ALONE)
            for collection in _collections(folder, Path(work))
            for case in collection.cases
            if case.answerable and not case.ambiguous
            for signals in _signals(case, classifier, detector)
        ]
    sets = np.array([row[0] for row in rows])
    signals, needs = np.array([row[1:3] for row in rows], float), np.array([r[3] for r in rows])
    for name in dict.fromkeys(sets):
        held = sets == name
        model = _fit(signals[~held], needs[~held])
        if len(set(needs[held])) == 2:
            guess = model.predict_proba(signals[held])[:, 1]
            print(f"{name:16} n={held.sum()} AUROC {roc_auc_score(needs[held], guess):.3f}")
    model = _fit(signals, needs)
    print("bias, leaning, word:", *np.round([*model.intercept_, *model.coef_[0]], 2))


def _collections(folder: Path, work: Path) -> Iterator[Collection]:
    yield from load_folder(OWN_CASES, work, "own")
    yield from public_sets.dev_qa(folder, work)
    yield public_sets.worktile_faq(folder, work)
    yield public_sets.huawei_faq(folder, work)


def _signals(
    case: Case, classifier: IntentClassifier, detector: FollowUpDetector
) -> Iterator[tuple[float, float]]:
    if text := classifier.classify(case.query).rest:
        yield detector.leans(text), detector.words(text)


def _fit(signals: NDArray[np.float64], needs: NDArray[np.bool_]) -> LogisticRegression:
    weights = np.where(needs, COST_OF_MISSING / needs.mean(), 1 / (1 - needs.mean()))
    return LogisticRegression(C=3.0).fit(signals, needs, weights)


if __name__ == "__main__":
    main()
