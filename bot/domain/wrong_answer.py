"""What an agent marked as wrong among the bot's answers, so that it becomes an eval case."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.conversation import now


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """One for each message; a later mark replaces the earlier one."""

    message: str  # the id of the bot's message
    agent: str  # the id of who says so
    expected: str | None = None  # the article's path, or the right answer in words
    comment: str | None = None
    created_at: datetime = field(default_factory=now)
