"""Bodies of events: as they are read, as a database holds them, and the times in them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.text import replace_unstorable


def read_object(content: bytes) -> Mapping[str, Any]:
    """JSON from outside. Raises ValueError for what is none, or no object."""
    try:
        body = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(body, dict):
        raise ValueError("no object")
    return body


def storable(value: Any) -> Any:
    """Without what no database holds."""
    if isinstance(value, str):
        return replace_unstorable(value)
    if isinstance(value, Mapping):
        return {replace_unstorable(str(name)): storable(one) for name, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, list) else value


def moment_of(milliseconds: object, otherwise: datetime) -> datetime:
    """Since 1970, as programs count."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
