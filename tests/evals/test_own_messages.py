"""The single messages that requests and urgency are fitted and measured on."""

from collections import Counter

import pytest

from bot.adapters import vector_urgency
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import ToneVectors
from bot.adapters.vector_urgency import VectorUrgency
from bot.domain.understanding import Urgency
from bot.services.speech import hear
from bot.services.urgency import UrgencyDetector
from evals.cases import OWN_CASES, read_rows
from ingest.embedding.catalogue import english, multilingual

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


def told_and_calm(detector: UrgencyDetector, locale: str) -> tuple[float, float]:
    """Of what cannot wait, and of what can: the share that is heard as if it could not."""
    urgent: list[Urgency | None] = []
    calm: list[Urgency | None] = []
    for row in URGENCY:
        if row["locale"] == locale:
            found = detector.kind(hear(row["text"]).spoken)
            (calm if row["urgency"] is None else urgent).append(found)
            assert row["urgency"] in {None, *Urgency}
    assert len(urgent) + len(calm) >= 400
    shares = [sum(kind is not None for kind in kinds) / len(kinds) for kinds in (urgent, calm)]
    return shares[0], shares[1]


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_patterns_alone_hear_half_of_what_cannot_wait(locale: str) -> None:
    urgent, calm = told_and_calm(UrgencyDetector.load(), locale)
    assert urgent >= 0.5
    assert calm <= 0.09


@pytest.mark.models
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_what_cannot_wait_is_heard_and_what_can_is_not(locale: str) -> None:
    vectors = ToneVectors(SpaceSimilarity(multilingual()), SpaceSimilarity(english()))
    detector = UrgencyDetector.load(VectorUrgency(vector_urgency.load(), vectors))
    urgent, calm = told_and_calm(detector, locale)
    assert urgent >= 0.95
    assert calm <= 0.02
