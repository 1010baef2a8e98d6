"""What a person is facing: from it follow the suggested next step and what a draft may say."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.reply import AbstainReason, Abstention, Answer, HandoffReason
from bot.services.escalation import Case


class Situation(StrEnum):
    """Named as the entries of the prompts."""

    OUTAGE = "outage"
    DATA_LOSS = "data_loss"
    SECURITY = "security"
    BILLING = "billing"
    LEGAL = "legal"
    LOCKOUT = "lockout"
    URGENT = "urgent"  # and nothing more is known
    NO_ASK = "no_ask"
    ACCOUNT = "account"  # only somebody who can look into the account knows
    SOURCES = "sources"  # contradict each other or are past their review
    FAILED = "failed"  # what the articles say did not help
    FRUSTRATED = "frustrated"
    CLEAR = "clear"  # an article seems to answer
    UNKNOWN = "unknown"  # none does

    @property
    def may_quote(self) -> bool:
        """Whether an article's words help; elsewhere somebody has to look or to decide first."""
        return self in (
            Situation.SOURCES,
            Situation.FAILED,
            Situation.FRUSTRATED,
            Situation.CLEAR,
            Situation.UNKNOWN,
        )


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is wanted, and what the articles have to say about it."""

    ask: str  # empty where nothing was said
    needs_account: bool  # by its wording
    answerable: bool  # by the articles
    is_fresh: bool  # ... and by some that the customer was not shown yet


def situation_of(case: Case, prospect: Prospect) -> Situation:
    """The most pressing one wins."""
    reason, urgency = case.occasion.reason, case.occasion.urgency
    if urgency in set(Situation):
        return Situation(urgency)
    if reason is HandoffReason.URGENT:
        return Situation.URGENT
    if reason is HandoffReason.SENSITIVE_TOPIC:
        return Situation.LEGAL
    if not prospect.ask:
        return Situation.NO_ASK
    abstained = last_abstention(case)
    if prospect.needs_account or abstained is AbstainReason.NEEDS_ACCOUNT_DATA:
        return Situation.ACCOUNT
    if abstained in (AbstainReason.CONFLICTING_SOURCES, AbstainReason.STALE_SOURCE):
        return Situation.SOURCES
    if reason is HandoffReason.REPEATED_FAILURE:
        return Situation.FAILED
    if reason is HandoffReason.FRUSTRATED:
        return Situation.FRUSTRATED
    if prospect.answerable:
        return Situation.CLEAR if prospect.is_fresh else Situation.FAILED
    return Situation.UNKNOWN


def last_abstention(case: Case) -> AbstainReason | None:
    """Of the bot's last reply that was one or an answer."""
    for message in reversed(case.conversation.course(case.messages)):
        act = case.replies[message.id].act if message.id in case.replies else None
        if isinstance(act, Abstention):
            return act.reason
        if isinstance(act, Answer):
            return None
    return None
