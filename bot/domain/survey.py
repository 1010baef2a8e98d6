"""What a customer thinks of the help they got, asked once after a ticket is resolved."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from bot.domain.conversation import now

LOWEST_CSAT, HIGHEST_CSAT = 1, 5
LOWEST_NPS, HIGHEST_NPS = 0, 10


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """What was given before stands where nothing new is; nothing at all declines."""

    csat: int | None = None
    nps: int | None = None
    comment: str | None = None
    closed_at: datetime | None = None  # None: more may come


@dataclass(frozen=True, slots=True)
class Survey:
    """One per escalation of a conversation."""

    conversation: str
    escalation: int = 0
    ticket: str | None = None
    customer: str | None = None
    csat: int | None = None  # how satisfied, 1..5
    nps: int | None = None  # how likely to recommend, 0..10
    comment: str | None = None
    asked_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None  # answered or declined: nothing more is taken

    @property
    def is_begun(self) -> bool:
        """Something was given, or nothing is wanted: it is not asked again."""
        given = (self.csat, self.nps, self.comment)
        return self.closed_at is not None or any(each is not None for each in given)

    def answered(self, answer: SurveyAnswer) -> Self:
        return replace(
            self,
            csat=self.csat if answer.csat is None else answer.csat,
            nps=self.nps if answer.nps is None else answer.nps,
            comment=self.comment if answer.comment is None else answer.comment,
            closed_at=answer.closed_at,
        )
