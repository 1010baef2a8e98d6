"""The single messages that requests and urgency are fitted and measured on."""

from collections import Counter

import pytest

from bot.domain.understanding import Urgency
from bot.services.speech import hear
from bot.services.urgency import UrgencyDetector
from evals.cases import OWN_CASES, read_rows

MESSAGES = OWN_CASES / "messages"
REQUESTS = list(read_rows(MESSAGES / "requests.jsonl"))
URGENCY = list(read_rows(MESSAGES / "urgency.jsonl"))


@pytest.mark.parametrize("rows", [REQUESTS, URGENCY], ids=["requests", "urgency"])
def test_each_message_stands_once(rows: list[dict[str, str]]) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({(row["locale"], row["text"]) for row in rows}) == len(rows)


def test_there_are_enough_of_both_languages() -> None:
    counts = Counter((row["locale"], row["wants_human"]) for row in REQUESTS)
    assert min(counts["en", True], counts["zh", True]) >= 250
    assert min(counts["en", False], counts["zh", False]) >= 450


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_what_cannot_wait_is_heard_and_what_can_is_not(locale: str) -> None:
    detector = UrgencyDetector.load()
    urgent: list[Urgency | None] = []
    calm: list[Urgency | None] = []
    for row in URGENCY:
        if row["locale"] == locale:
            found = detector.kind(hear(row["text"]).spoken)
            (calm if row["urgency"] is None else urgent).append(found)
            assert row["urgency"] in {None, *Urgency}
    assert len(urgent) + len(calm) >= 150
    assert sum(kind is not None for kind in urgent) / len(urgent) >= 0.95
    assert sum(kind is not None for kind in calm) / len(calm) <= 0.02
