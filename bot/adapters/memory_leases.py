"""Who has what for a while, in the store that keeps nothing."""

from datetime import datetime


class MemoryLeases:
    def __init__(self) -> None:
        self._leases: dict[str, tuple[str, datetime]] = {}  # by name: worker and end

    def lease(self, name: str, worker: str, until: datetime, at: datetime) -> bool:
        owner, lease_until = self._leases.get(name, (worker, at))
        if owner != worker and lease_until > at:
            return False
        self._leases[name] = (worker, until)
        return True
