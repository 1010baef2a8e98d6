"""What customers think of what the bot said."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.conversation import now


class Rating(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    message: str  # the id of the bot's message
    rating: Rating
    comment: str | None = None
    created_at: datetime = field(default_factory=now)
