"""What leaves for Feishu, checked as the stand-in checks it; kept where a review reads it."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from tests.channels.chat import goldens
from tests.feishu_cards import elements_of, wrong_of

check_golden = partial(goldens.check_golden, Path(__file__).parent / "golden")


def check_card(card: Any) -> None:
    wrong = wrong_of(json.dumps(card, ensure_ascii=False))
    assert not wrong, wrong


def texts_of(card: Any) -> list[str]:
    return [one["content"] for one in elements_of(card["body"]) if one["tag"] == "markdown"]
