"""Figures for Prometheus, in a registry of their own."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.ports import IndexStatus

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# From a remembered lookup (1 ms) to a slow chat model (30 s).
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Figures:
    """What happened in this process."""

    def __init__(self, index_status: Callable[[], IndexStatus]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_IndexCollector(index_status))
        self._turns = Counter(
            "firstline_turns", "Turns by decision", ["decision"], registry=self.registry
        )
        self._turn_s = Histogram(
            "firstline_turn_seconds",
            "From the accepted message to the stored reply",
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._stage_s = Histogram(
            "firstline_turn_stage_seconds",
            "Time in one stage of a turn",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._feedback = Counter(
            "firstline_feedback", "Thumbs up and down", ["rating"], registry=self.registry
        )
        self._requests = Counter(
            "firstline_http_requests",
            "HTTP requests by route template and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.open_streams = Gauge(
            "firstline_sse_open", "Event streams being read", registry=self.registry
        )

    def count_turn(self, decision: str, seconds: float, stage_s: Mapping[str, float]) -> None:
        self._turns.labels(decision).inc()
        self._turn_s.observe(seconds)
        for stage, stage_seconds in stage_s.items():
            self._stage_s.labels(stage).observe(stage_seconds)

    def count_feedback(self, rating: str) -> None:
        self._feedback.labels(rating).inc()

    def count_request(self, method: str, route: str, status: int) -> None:
        self._requests.labels(method, route, str(status)).inc()

    def exposition(self) -> bytes:
        return generate_latest(self.registry)


class _IndexCollector(Collector):
    """Asks at scrape time, because the snapshot changes without a word to this process."""

    def __init__(self, status: Callable[[], IndexStatus]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        status = self._status()
        yield InfoMetricFamily(
            "firstline_index", "The snapshot in use", {"snapshot": status.snapshot or ""}
        )
        yield GaugeMetricFamily(
            "firstline_index_refused",
            "1 when the published snapshot is damaged and an older one serves",
            value=float(status.refused is not None),
        )
