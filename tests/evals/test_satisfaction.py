"""Sets that others have labelled, as turns."""

import json
from pathlib import Path

from evals.satisfaction import ELSEWHERE, turns

ROWS = {
    "satisfaction_jddc_zh": {"history": [], "utterance": "慢", "satisfaction": "dissatisfied"},
    "satisfaction_uss_en": {"history": [], "utterance": "fine", "mean": 3.0},
    "emotion_goemotions_en": {"text": "ugh", "frustration": True},
    "support_bitext_en": {"text": "an agent", "intent": "contact_human_agent"},
}


def test_each_set_becomes_turns(tmp_path: Path) -> None:
    for name, row in ROWS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "dev.jsonl").write_text(json.dumps(row | {"id": name}), "utf-8")
    found = list(turns(tmp_path))
    assert tuple(dataset for _, dataset, _ in found) == ELSEWHERE
    assert [turn.is_upset for turn, _, _ in found] == [True, False, True, False]
    assert [turn.wants_human for turn, _, _ in found] == [False, False, False, True]
