"""What to do in a turn: a pure function of what was understood and what was found."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.conversation import ConversationStatus, Locale
from bot.domain.knowledge import Evidence
from bot.domain.reply import AbstainReason, DecisionKind, HandoffReason
from bot.domain.understanding import RESOLVED, Intent, ToneLabel, Understanding, Urgency


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Answerability (calibrated probability) below which the bot does not answer."""

    answer: float = 0.5
    related: float = 0.15  # below this not even related reading is offered
    picking: float = 0.1  # below this a message, alone, is no answer to a question back
    unrelated: float = 0.02  # below this the question is about something else altogether
    certain: float = 0.7  # from here on even a question of one word is answered


# A question of so few terms may mean several things; a Chinese word gives about two of them.
FEW_TERMS = {Locale.EN: 3, Locale.ZH: 6}
STRANGE = 0.5  # of its words no article uses, from which a question is about another subject
WHOLLY_STRANGE = 0.8  # from which it is, though its wording leans on what was said before
RIVAL_SHARE = 0.05  # of the best article's score, from which another one may be meant
MOST_OPTIONS = 4


# How sure it has to be, 0..1. A person is offered before anybody is consoled or handed over.
OFFERING = 0.5
HANDING_OVER = 0.85
CERTAIN_ANGER = 0.8
CONSOLING = 0.95  # to hear empathy while calm is worse than to miss it while annoyed
MANY_FAILURES = 3  # in a row

SENSITIVE = frozenset({Urgency.SECURITY, Urgency.BILLING, Urgency.LEGAL})
# What is handed over though it is told calmly, each with the need from which.
EMERGENCIES = {Urgency.OUTAGE: 0.6, Urgency.DATA_LOSS: 0.6, Urgency.SECURITY: OFFERING}


class Comfort(StrEnum):
    """What a sentence of empathy is about."""

    ANNOYED = "annoyed"  # by the product
    UNHELPED = "unhelped"  # by the answers so far
    URGENT = "urgent"
    MONEY = "money"
    ANGRY = "angry"
    GIVING_UP = "giving_up"


@dataclass(frozen=True, slots=True)
class Decision:
    kind: DecisionKind
    reason: AbstainReason | HandoffReason | Intent | None = None
    reading: bool = False  # an abstention names the closest articles
    offers_person: bool = False  # in a line of its own, beside the help
    comfort: Comfort | None = None  # what the reply opens with
    offers_first: bool = False  # the offer stands before the help


def decide(
    status: ConversationStatus,
    understanding: Understanding,
    evidence: Evidence | None,
    thresholds: Thresholds,
) -> Decision:
    """The first rule that applies wins; `evidence` is None when nothing had to be looked up."""
    if status in (ConversationStatus.OPEN, ConversationStatus.SNOOZED):
        return Decision(DecisionKind.SILENT)
    opening = comfort(understanding)
    reason = handoff_reason(understanding)
    if reason is not None:
        return Decision(DecisionKind.HANDOFF, reason, comfort=opening)
    helping = _help(understanding, evidence, thresholds)
    if understanding.urgency in EMERGENCIES:
        helping = _surely(helping, evidence, thresholds)
    return replace(
        helping,
        offers_person=needs_person(understanding),
        comfort=opening,
        offers_first=understanding.urgency in EMERGENCIES,
    )


def _surely(helping: Decision, evidence: Evidence | None, thresholds: Thresholds) -> Decision:
    """In an emergency no article is better than one that is beside the point."""
    if helping.kind is not DecisionKind.ANSWER:
        return replace(helping, reading=False)
    if evidence is not None and evidence.answerability >= thresholds.certain:
        return helping
    return Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE)


def needs_person(understanding: Understanding) -> bool:
    """A good support lead would offer a person now; never by what was found."""
    return (
        understanding.wants_human
        or understanding.intent is Intent.COMPLAINT
        or understanding.need >= OFFERING
        or understanding.urgency is not None
        or understanding.tone.label is ToneLabel.ANGRY
    )


def handoff_reason(understanding: Understanding) -> HandoffReason | None:
    """Why the conversation has to go to a person at once; None where help comes first. A tone alone
    is no reason: people tease, and thank in a hurry."""
    tone, course, urgency = understanding.tone, understanding.course, understanding.urgency
    if understanding.wants_human:
        return HandoffReason.ASKED_FOR_HUMAN
    if urgency is not None and _cannot_wait(understanding):
        return HandoffReason.SENSITIVE_TOPIC if urgency in SENSITIVE else HandoffReason.URGENT
    if understanding.need < HANDING_OVER:
        return None
    if tone.label is ToneLabel.ANGRY and tone.score >= CERTAIN_ANGER and course.went_badly:
        return HandoffReason.FRUSTRATED
    if tone.label is ToneLabel.CALM:
        return HandoffReason.REPEATED_FAILURE if course.failures_running >= MANY_FAILURES else None
    if course.failures_running >= MANY_FAILURES - 1:
        return HandoffReason.REPEATED_FAILURE
    return HandoffReason.FRUSTRATED if tone.score >= HANDING_OVER and course.went_badly else None


def _cannot_wait(understanding: Understanding) -> bool:
    """Of what is urgent: an emergency that is told, and whatever has led to nothing so far."""
    told = understanding.presses and not understanding.needs_account
    if told and understanding.urgency in EMERGENCIES:
        return understanding.need >= EMERGENCIES[understanding.urgency]
    unsolved = understanding.course.failures > 0 or understanding.tone.label is not ToneLabel.CALM
    return unsolved and understanding.need >= HANDING_OVER


def comfort(understanding: Understanding) -> Comfort | None:
    """What to open with; nothing where it is not sure that somebody is upset. Who does nothing but
    complain is answered with it."""
    tone, urgency = understanding.tone, understanding.urgency
    surely = tone.score >= CONSOLING or understanding.intent is Intent.COMPLAINT
    if tone.label is ToneLabel.CALM or not surely:
        return None
    if urgency is Urgency.BILLING:
        return Comfort.MONEY
    if urgency is not None:
        return Comfort.URGENT
    if understanding.course.failures_running:
        giving_up = "resignation" in tone.reasons
        return Comfort.GIVING_UP if giving_up else Comfort.UNHELPED
    return Comfort.ANGRY if tone.label is ToneLabel.ANGRY else Comfort.ANNOYED


def _help(
    understanding: Understanding, evidence: Evidence | None, thresholds: Thresholds
) -> Decision:
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
    uncertain = evidence.answerability < thresholds.certain
    if uncertain and is_ambiguous(understanding, evidence) and not needs_person(understanding):
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
    if evidence.answerability < thresholds.unrelated or evidence.strange >= STRANGE:
        return AbstainReason.OUT_OF_SCOPE
    return AbstainReason.NO_SOURCE


def _weakness(understanding: Understanding, evidence: Evidence) -> AbstainReason:
    usable = evidence.rivals(understanding.locale, RIVAL_SHARE) or evidence.passages
    if evidence.conflict is not None:
        return AbstainReason.CONFLICTING_SOURCES
    if all(map(evidence.is_stale, usable)):
        return AbstainReason.STALE_SOURCE
    return AbstainReason.WEAK_SOURCE


def may_stand_alone(understanding: Understanding, evidence: Evidence) -> bool:
    """Whether a message may have nothing to do with what it was joined to: it should say which of
    the options is meant and may ask something else, or it is in words of another subject."""
    if understanding.rewriting in RESOLVED or not (
        understanding.context or understanding.background
    ):
        return False
    if understanding.leans:
        return evidence.strange >= WHOLLY_STRANGE
    return understanding.clarified or evidence.strange >= STRANGE


def is_foreign(alone: Evidence, thresholds: Thresholds) -> bool:
    """Whether such a message, looked up alone, has to do with no article."""
    is_strange = alone.strange >= STRANGE
    return alone.answerability < (thresholds.related if is_strange else thresholds.picking)


def is_ambiguous(understanding: Understanding, evidence: Evidence) -> bool:
    """A short question that several articles are about, where asking back would help.

    Not when it leans on what was said before or is about another subject, and never twice running.
    """
    if understanding.context or understanding.clarified or understanding.foreign:
        return False
    few = 0 < evidence.terms <= FEW_TERMS[understanding.locale]
    if not few or evidence.strange >= STRANGE:
        return False
    return len(evidence.rivals(understanding.locale, RIVAL_SHARE)) > 1
