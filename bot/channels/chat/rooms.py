"""The channels that settings name, as far as a check looks at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rooms:
    triage: str = ""
    auto: Sequence[str] = ()
    internal: Sequence[str] = ()

    @property
    def by_use(self) -> Mapping[str, Sequence[str]]:
        """By what they are for, as people are told it."""
        triage = [self.triage] if self.triage else []
        return {"triage": triage, "auto-answer": self.auto, "internal": self.internal}
