"""What leaves for a chat program, kept where a review reads it.

`WRITE_GOLDEN=1` writes the files anew; what changed in them is then seen in the diff.
"""

import json
import os
from pathlib import Path
from typing import Any


def check_golden(folder: Path, name: str, payload: Any) -> None:
    path = folder / f"{name}.json"
    shown = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8"), f"{path.name}: WRITE_GOLDEN=1 writes it anew"
