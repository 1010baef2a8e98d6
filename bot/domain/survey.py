"""What a customer thinks of the help they got, asked once after a ticket is resolved."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from bot.domain.conversation import now

LOWEST_CSAT, HIGHEST_CSAT = 1, 5
LOWEST_NPS, HIGHEST_NPS = 0, 10


@dataclass(frozen=True, slots=True)
class Survey:
    """One per escalation of a conversation; `escalation` 0 is about the bot alone."""

    conversation: str
    escalation: int = 0
    ticket: str | None = None
    customer: str | None = None
    csat: int | None = None  # how satisfied, 1..5
    nps: int | None = None  # how likely to recommend, 0..10
    comment: str | None = None
    asked_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None  # answered or declined: not asked again

    def answered(
        self, csat: int | None, nps: int | None, comment: str | None, at: datetime
    ) -> Self:
        """With what was given now; what was given before stands where nothing new is."""
        return replace(
            self,
            csat=self.csat if csat is None else csat,
            nps=self.nps if nps is None else nps,
            comment=self.comment if comment is None else comment,
            closed_at=at,
        )
