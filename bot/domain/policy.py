"""What to do in a turn: a pure function of what was understood and what was found."""

from dataclasses import dataclass

from bot.domain.conversation import ConversationStatus, Locale
from bot.domain.knowledge import Evidence
from bot.domain.reply import AbstainReason, DecisionKind, HandoffReason
from bot.domain.understanding import Intent, Understanding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Answerability (calibrated probability) below which the bot does not answer."""

    answer: float = 0.5
    related: float = 0.15  # below this not even related reading is offered
    unrelated: float = 0.02  # below this the question is about something else altogether
    certain: float = 0.7  # from here on even a question of one word is answered


# A question of so few terms may mean several things; a Chinese word gives about two of them.
FEW_TERMS = {Locale.EN: 3, Locale.ZH: 6}
RIVAL_SHARE = 0.05  # of the best article's score, from which another one may be meant
MOST_OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Decision:
    kind: DecisionKind
    reason: AbstainReason | HandoffReason | Intent | None = None
    reading: bool = False  # an abstention names the closest articles


def decide(
    status: ConversationStatus,
    understanding: Understanding,
    evidence: Evidence | None,
    thresholds: Thresholds,
) -> Decision:
    """The first rule that applies wins; `evidence` is None when nothing had to be looked up."""
    if status in (ConversationStatus.OPEN, ConversationStatus.SNOOZED):
        return Decision(DecisionKind.SILENT)
    if understanding.wants_human:
        return Decision(DecisionKind.HANDOFF, HandoffReason.ASKED_FOR_HUMAN)
    if understanding.intent is not Intent.QUESTION:
        return Decision(DecisionKind.SMALLTALK, understanding.intent)
    is_related = (
        evidence is not None
        and bool(evidence.passages)
        and evidence.answerability >= thresholds.related
    )
    if understanding.needs_account:
        return Decision(DecisionKind.ABSTAIN, AbstainReason.NEEDS_ACCOUNT_DATA, is_related)
    if evidence is None or not is_related:
        return Decision(DecisionKind.ABSTAIN, _absence(understanding, evidence, thresholds))
    if evidence.answerability < thresholds.certain and is_ambiguous(understanding, evidence):
        return Decision(DecisionKind.CLARIFY)
    if evidence.answerability < thresholds.answer:
        return Decision(DecisionKind.ABSTAIN, _weakness(understanding, evidence), reading=True)
    return Decision(DecisionKind.ANSWER)


def _absence(
    understanding: Understanding, evidence: Evidence | None, thresholds: Thresholds
) -> AbstainReason:
    """A follow-up and a third language may be about the product and only be hard to look up."""
    if understanding.context or understanding.foreign:
        return AbstainReason.NO_SOURCE
    if evidence is None or not evidence.passages:
        return AbstainReason.NO_SOURCE
    if evidence.answerability < thresholds.unrelated:
        return AbstainReason.OUT_OF_SCOPE
    return AbstainReason.NO_SOURCE


def _weakness(understanding: Understanding, evidence: Evidence) -> AbstainReason:
    usable = evidence.rivals(understanding.locale, RIVAL_SHARE) or evidence.passages
    if evidence.conflict is not None:
        return AbstainReason.CONFLICTING_SOURCES
    if all(map(evidence.is_stale, usable)):
        return AbstainReason.STALE_SOURCE
    return AbstainReason.WEAK_SOURCE


def is_ambiguous(understanding: Understanding, evidence: Evidence) -> bool:
    """A short question that several articles are about, where asking back would help.

    Not when it leans on what was said before, and never twice running.
    """
    if understanding.context or understanding.clarified or understanding.foreign:
        return False
    if not 0 < evidence.terms <= FEW_TERMS[understanding.locale]:
        return False
    return len(evidence.rivals(understanding.locale, RIVAL_SHARE)) > 1
