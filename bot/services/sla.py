"""What customers are owed, at one desk: due moments, clocks, and the words for a deadline."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.business_time import Calendar
from bot.domain.conversation import Locale, now
from bot.domain.customer import Tier
from bot.domain.sla import Clocks, replay, tier_at, was_urgent
from bot.domain.sla_policy import ServicePolicies
from bot.domain.ticket import Ticket, TicketEvent
from bot.services.deadline_words import DeadlineWords


class ServiceLevels:
    def __init__(self, policies: ServicePolicies, calendar: Calendar, words: DeadlineWords) -> None:
        """Raises ConfigurationError where the desk opens too seldom for a target."""
        self._policies = policies
        self._calendar = calendar
        self._words = words
        for target in {target for policy in policies.values() for target in policy.targets}:
            target.time(calendar).after(now(), target.duration)

    def first_response_due(self, tier: Tier, urgent: bool, opened_at: datetime) -> datetime:
        """In UTC, as it stands at the opening."""
        policy = self._policies[tier]
        targets = [policy.ordinary.first_response]
        if urgent:
            targets.append(policy.urgent.first_response)
        return min(
            target.time(self._calendar).after(opened_at, target.duration) for target in targets
        )

    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks:
        """From all events of the ticket, in the order of their sequence."""
        policy = self._policies[tier_at(ticket, events, at)]
        urgent = was_urgent(ticket, events)
        return replay(policy, self._calendar, events, at, urgent=urgent)

    def word_deadline(
        self, due: datetime, now: datetime, locale: Locale, timezone: str | None
    ) -> str:
        """`by 17:00 today`, to stand in a sentence; in the zone of the desk where `timezone`, the
        customer's, is not known, and then it says so."""
        return self._words.say(due, now, locale, timezone)
