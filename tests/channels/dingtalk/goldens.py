"""What leaves for DingTalk, kept where a review reads it."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.channels.chat import goldens

FOLDER = Path(__file__).parent / "golden"


def check_golden(name: str, data: Mapping[str, str]) -> None:
    """A card's data, with its layout unpacked."""
    layout = json.loads(data["sys_full_json_obj"])
    goldens.check_golden(FOLDER, name, {**data, "sys_full_json_obj": layout})
