"""What a scrape shows."""

from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.prometheus import Figures
from bot.ports import IndexStatus

SNAPSHOT = IndexStatus("20260101-000000")


def samples(figures: Figures) -> dict[tuple[str, ...], float]:
    """Values by name and the labels' values, in the labels' order."""
    families = text_string_to_metric_families(figures.exposition().decode())
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def test_turns_are_counted_by_decision_and_timed_by_stage() -> None:
    figures = Figures(lambda: SNAPSHOT)
    figures.count_turn("answer", 0.25, {"retrieve": 0.125, "act": 0.0625})
    figures.count_turn("answer", 0.5, {"retrieve": 0.25})
    figures.count_turn("abstain", 40.0, {})
    found = samples(figures)
    assert found["firstline_turns_total", "answer"] == 2
    assert found["firstline_turns_total", "abstain"] == 1
    assert found["firstline_turn_seconds_sum",] == 40.75
    assert found["firstline_turn_seconds_bucket", "0.25"] == 1
    assert found["firstline_turn_seconds_bucket", "30.0"] == 2  # the third took longer
    assert found["firstline_turn_seconds_bucket", "+Inf"] == 3
    assert found["firstline_turn_stage_seconds_count", "retrieve"] == 2
    assert found["firstline_turn_stage_seconds_sum", "retrieve"] == 0.375
    assert found["firstline_turn_stage_seconds_count", "act"] == 1


def test_requests_are_counted_by_method_route_and_status() -> None:
    figures = Figures(lambda: SNAPSHOT)
    for status in (200, 200, 404):
        figures.count_request("GET", "/kb/{path}", status)
    found = samples(figures)
    assert found["firstline_http_requests_total", "GET", "/kb/{path}", "200"] == 2
    assert found["firstline_http_requests_total", "GET", "/kb/{path}", "404"] == 1


def test_open_streams_go_up_and_down() -> None:
    figures = Figures(lambda: SNAPSHOT)
    figures.open_streams.inc()
    figures.open_streams.inc()
    figures.open_streams.dec()
    assert samples(figures)["firstline_sse_open",] == 1


def test_the_index_is_asked_for_at_every_scrape() -> None:
    status = SNAPSHOT
    figures = Figures(lambda: status)
    assert samples(figures)["firstline_index_info", "20260101-000000"] == 1
    assert samples(figures)["firstline_index_refused",] == 0
    status = IndexStatus(None, refused="damaged")
    assert samples(figures)["firstline_index_info", ""] == 1
    assert samples(figures)["firstline_index_refused",] == 1


def test_figures_of_two_bots_do_not_mix() -> None:
    one, other = Figures(lambda: SNAPSHOT), Figures(lambda: SNAPSHOT)
    one.count_turn("answer", 0.1, {})
    assert ("firstline_turns_total", "answer") not in samples(other)
