"""What leaves for Feishu, checked as the stand-in checks it and kept where a review reads it.

`WRITE_GOLDEN=1` writes the files anew; what changed in them is then seen in the diff.
"""

import json
import os
from pathlib import Path
from typing import Any

from tests.feishu_cards import elements_of, wrong_of

FOLDER = Path(__file__).parent / "golden"


def check_card(card: Any) -> None:
    wrong = wrong_of(json.dumps(card, ensure_ascii=False))
    assert not wrong, wrong


def check_golden(name: str, payload: Any) -> None:
    path = FOLDER / f"{name}.json"
    shown = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8"), f"{path.name}: WRITE_GOLDEN=1 writes it anew"


def texts_of(card: Any) -> list[str]:
    return [one["content"] for one in elements_of(card["body"]) if one["tag"] == "markdown"]
