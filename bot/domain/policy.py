"""What to do in a turn: a pure function of what was understood and what was found."""

from dataclasses import dataclass

from bot.domain.conversation import ConversationStatus, Locale
from bot.domain.knowledge import Evidence
from bot.domain.reply import AbstainReason, DecisionKind, HandoffReason
from bot.domain.understanding import Intent, Understanding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Answerability (calibrated probability) below which the bot does not answer."""

    answer: float = 0.4
    related: float = 0.15  # below this not even related reading is offered
    certain: float = 0.7  # from here on even a question of one word is answered


# A question of so few terms may mean several things; a Chinese word gives about two of them.
FEW_TERMS = {Locale.EN: 3, Locale.ZH: 6}
RIVAL_SHARE = 0.05  # of the best article's score, from which another one may be meant
MOST_OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Decision:
    kind: DecisionKind
    reason: AbstainReason | HandoffReason | Intent | None = None


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
    if evidence is None or not evidence.passages or evidence.answerability < thresholds.related:
        return Decision(DecisionKind.ABSTAIN, AbstainReason.NO_SOURCE)
    if evidence.answerability < thresholds.certain and is_ambiguous(understanding, evidence):
        return Decision(DecisionKind.CLARIFY)
    if evidence.answerability < thresholds.answer:
        return Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE)
    return Decision(DecisionKind.ANSWER)


def is_ambiguous(understanding: Understanding, evidence: Evidence) -> bool:
    """A short question that several articles are about, where asking back would help.

    Not when it leans on what was said before, and never twice running.
    """
    if understanding.context or understanding.clarified or understanding.foreign:
        return False
    if not 0 < evidence.terms <= FEW_TERMS[understanding.locale]:
        return False
    return len(evidence.rivals(understanding.locale, RIVAL_SHARE)) > 1
