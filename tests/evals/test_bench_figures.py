import json

import pytest

from evals.bench.figures import Results, Section, Stopwatch

SECTION = Section("Search")


def test_few_samples_have_a_median_and_no_tail() -> None:
    figure = SECTION.measured("search", [3.0, 1.0, 2.0], "ms")

    assert (figure.n, figure.p50, figure.p95) == (3, 2.0, None)


def test_many_samples_have_both() -> None:
    figure = SECTION.measured("search", [float(n) for n in range(101)], "ms")

    assert (figure.n, figure.p50, figure.p95) == (101, 50.0, 95.0)


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="search"):
        SECTION.measured("search", [], "ms")


def test_a_ratio_is_taken_pair_by_pair() -> None:
    """Noise that hits both of a pair leaves their ratio alone; a ratio of medians would not."""
    figure = SECTION.ratio("ours / theirs", [2.0, 20.0, 4.0], [1.0, 10.0, 1.0])

    assert figure.p50 == 2.0
    assert figure.unit == "x"


def test_a_ratio_needs_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        SECTION.ratio("ours / theirs", [1.0], [1.0, 2.0])


def test_a_figure_says_which_spaces_were_used() -> None:
    figure = SECTION.counted("chunks", 7, "chunks", spaces=["multilingual"], note="of 9")

    assert figure.spaces == ("multilingual",)
    assert (figure.n, figure.p50, figure.note) == (1, 7.0, "of 9")


def test_results_are_one_json_document() -> None:
    results = Results({"cores": 2}, [SECTION.counted("size", 1 / 3, "MiB")], ["left out"])

    document = json.loads(json.dumps(results.as_json()))

    assert document["setup"] == {"cores": 2}
    assert document["figures"][0]["section"] == "Search"
    assert document["figures"][0]["p50"] == 0.3333
    assert document["figures"][0]["p95"] is None
    assert document["remarks"] == ["left out"]
    assert document["failures"] == []


def test_a_stopwatch_keeps_each_lap() -> None:
    watch = Stopwatch()
    for _ in range(3):
        with watch.lap():
            pass

    assert len(watch.samples_ms) == 3
    assert all(sample >= 0 for sample in watch.samples_ms)
