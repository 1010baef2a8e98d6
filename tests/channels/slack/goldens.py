"""What leaves for Slack, checked as Slack's own models check it; kept where a review reads it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.channels.chat import goldens

check_golden = partial(goldens.check_golden, Path(__file__).parent / "golden")

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


def _texts(piece: Any) -> list[str]:
    if isinstance(piece, Mapping):
        own = [piece["text"]] if isinstance(piece.get("text"), str) else []
        return own + [text for value in piece.values() for text in _texts(value)]
    if isinstance(piece, list):
        return [text for value in piece for text in _texts(value)]
    return []
