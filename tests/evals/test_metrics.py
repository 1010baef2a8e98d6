import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from evals import metrics
from tests.evals.records import found, record


def test_rank_measures_by_hand() -> None:
    records = [
        record("first", relevant=("en/a.md",), found=found("en/a.md", "en/b.md")),
        record("fourth", relevant=("d",), found=found("a", "b", "c", "d")),
        record("none", relevant=("z",), found=found("a", "b")),
        record("empty", relevant=("z",)),
    ]
    measures = metrics.rank_measures(records)
    assert list(measures["hit@1"]) == [1, 0, 0, 0]
    assert list(measures["hit@3"]) == [1, 0, 0, 0]
    assert list(measures["hit@5"]) == [1, 1, 0, 0]
    assert list(measures["MRR"]) == [1, 0.25, 0, 0]
    assert list(measures["nDCG@10"]) == pytest.approx([1, 1 / np.log2(5), 0, 0])


def test_a_translation_beside_its_article_is_no_loss() -> None:
    pair = ("en/a.md", "zh/a.md")
    one = record("one", relevant=pair, found=found("en/a.md", "en/b.md", "zh/a.md"))
    assert metrics.rank_measures([one])["nDCG@10"][0] == 1


@pytest.mark.parametrize(
    ("path", "page"),
    [("en/a/b.md", "a/b.md"), ("zh/a/b.md", "a/b.md"), ("guide/a.md", "guide/a.md"), ("en", "en")],
)
def test_the_page_of_a_path(path: str, page: str) -> None:
    assert metrics.page_of(path) == page


TRUTH = np.array([1.0, 1, 0, 0])


def test_auroc() -> None:
    assert metrics.auroc(TRUTH, np.array([0.9, 0.8, 0.3, 0.1])) == 1
    assert metrics.auroc(TRUTH, np.array([0.9, 0.2, 0.3, 0.1])) == 0.75
    assert np.isnan(metrics.auroc(np.ones(2), np.ones(2)))


def test_auroc_and_brier_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    truth, score = generator.integers(0, 2, 200) * 1.0, generator.random(200).round(1)
    assert metrics.auroc(truth, score) == pytest.approx(roc_auc_score(truth, score))
    assert metrics.brier(truth, score) == pytest.approx(brier_score_loss(truth, score))


def test_a_calibrated_probability_has_no_error() -> None:
    truth = np.array([1.0, 1, 1, 0] * 5)
    assert metrics.calibration_error(truth, np.full(20, 0.75)) == pytest.approx(0)
    assert metrics.calibration_error(truth, np.full(20, 0.95)) == pytest.approx(0.2)


def test_bins_are_weighted_by_their_size() -> None:
    truth, said = np.array([1.0, 1, 1, 0]), np.array([1.0, 1.0, 1.0, 0.4])
    assert metrics.bins_of(truth, said) == [(0.4, 0.0, 1), (1.0, 1.0, 3)]
    assert metrics.calibration_error(truth, said) == pytest.approx(0.1)


def test_risk_grows_with_coverage_when_the_score_is_good() -> None:
    coverage, risk = metrics.risk_coverage(TRUTH, np.array([0.9, 0.8, 0.3, 0.1]))
    assert list(coverage) == [0.25, 0.5, 0.75, 1]
    assert list(risk) == pytest.approx([0, 0, 1 / 3, 0.5])
    assert metrics.area_under_risk(TRUTH, np.array([0.9, 0.8, 0.3, 0.1])) < (
        metrics.area_under_risk(TRUTH, np.array([0.1, 0.3, 0.8, 0.9]))
    )
