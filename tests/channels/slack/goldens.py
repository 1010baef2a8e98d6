"""What leaves for Slack, checked as Slack's own models check it and kept where a review reads it.

`WRITE_GOLDEN=1` writes the files anew; what changed in them is then seen in the diff.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

FOLDER = Path(__file__).parent / "golden"
MOST_BLOCKS, MOST_BLOCKS_OF_VIEW = 50, 100


def check_blocks(blocks: Sequence[Mapping[str, Any]], most: int = MOST_BLOCKS) -> None:
    """Raises SlackObjectFormationError, or fails where a piece is unknown or left out."""
    assert 0 < len(blocks) <= most
    for block in blocks:
        parsed = Block.parse(dict(block))
        assert parsed is not None
        assert parsed.to_dict()["type"] == block["type"]
        for text in _texts(block):
            assert text


def check_view(view: Mapping[str, Any]) -> None:
    View(**view).to_dict()
    check_blocks(view["blocks"], MOST_BLOCKS_OF_VIEW)


def check_golden(name: str, payload: Any) -> None:
    path = FOLDER / f"{name}.json"
    shown = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8"), f"{path.name}: WRITE_GOLDEN=1 writes it anew"


def _texts(piece: Any) -> list[str]:
    if isinstance(piece, Mapping):
        own = [piece["text"]] if isinstance(piece.get("text"), str) else []
        return own + [text for value in piece.values() for text in _texts(value)]
    if isinstance(piece, list):
        return [text for value in piece for text in _texts(value)]
    return []
