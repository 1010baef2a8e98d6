"""By when a person answers, by the clock on the wall: no calendars, no time zones."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.domain.conversation import Locale
from bot.domain.customer import Tier

WITHIN: Mapping[Tier, timedelta] = {
    Tier.BASIC: timedelta(hours=24),
    Tier.PREMIUM: timedelta(hours=4),
    Tier.ENTERPRISE: timedelta(hours=1),
}
URGENT = timedelta(hours=1)


class PlainDeadlines:
    def first_response_due(self, tier: Tier, urgent: bool, opened_at: datetime) -> datetime:
        return opened_at + (min(URGENT, WITHIN[tier]) if urgent else WITHIN[tier])

    def word_deadline(
        self, due: datetime, now: datetime, locale: Locale, timezone: str | None
    ) -> str:
        return f"{due.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
