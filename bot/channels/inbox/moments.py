"""How a moment stands in JSON."""

from datetime import UTC, datetime


def moment_json(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
