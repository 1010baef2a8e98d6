import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError
from bot.domain.knowledge import Block, Evidence, Sentence
from bot.services import quoting
from bot.services.parts import parts_of
from bot.services.quoting import FEATURES, measure, shares
from tests.services.passages import passage


def evidence(*sentences: tuple[str, float], locale: Locale = Locale.EN) -> Evidence:
    block = Block("paragraph", "", tuple(Sentence(*sentence) for sentence in sentences))
    return Evidence((replace(passage("", locale), blocks=(block,)),), 0.9, "snapshot")


def features(found: Evidence, question: str, number: int) -> dict[str, float]:
    rows = measure(found, parts_of(found), question)
    return dict(zip(FEATURES, rows[number], strict=True))


def test_the_nearest_sentence_has_the_greatest_share() -> None:
    found = evidence(("Cards are blue.", 0.1), ("A board holds 24 columns.", 0.9))
    first, second = shares(found, parts_of(found), "how many columns")
    assert second > first
    assert first + second == pytest.approx(1)


def test_nothing_found_has_no_shares() -> None:
    assert shares(evidence(), [], "how many columns") == []


def test_who_asks_for_a_quantity_wants_a_number() -> None:
    found = evidence(("Up to 24 columns fit.", 0.5), ("Columns fit.", 0.5))
    assert features(found, "how many columns fit", 0)["quantity"] == 1
    assert features(found, "how many columns fit", 1)["quantity"] == 0
    assert features(found, "where are the columns", 0)["quantity"] == 0


def test_who_asks_whether_wants_what_is_permitted() -> None:
    found = evidence(("Guests cannot see it.", 0.5), ("Guests are people.", 0.5))
    assert features(found, "can guests see it", 0)["verdict"] == 1
    assert features(found, "can guests see it", 1)["verdict"] == 0


def test_rare_words_of_the_question_count_more() -> None:
    found = evidence(("Guests sign in.", 0.5), ("Guests see boards.", 0.5), ("Guests pay.", 0.5))
    rows = [features(found, "guests boards", number)["topic"] for number in range(3)]
    assert rows[1] == pytest.approx(1)
    assert rows[0] == rows[2] < 0.5


def test_places_begin_anew_in_each_passage() -> None:
    one = evidence(("One is here.", 0.5), ("Two is here.", 0.5)).passages[0]
    found = Evidence((one, replace(one, path="en/b.md", score=0.1)), 0.9, "snapshot")
    assert [features(found, "two", number)["early"] for number in range(4)] == [1, 0.5, 1, 0.5]
    assert features(found, "two", 0)["passage"] == 0
    assert features(found, "two", 2)["passage"] < 0


def test_weights_of_other_features_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights.json"
    file.write_text(json.dumps({"features": ["other"], "scale": [1], "weights": [1]}), "utf-8")
    monkeypatch.setattr(quoting, "WEIGHTS", file)
    quoting.load.cache_clear()
    with pytest.raises(ConfigurationError, match="fit_quoting"):
        quoting.load()
    quoting.load.cache_clear()
