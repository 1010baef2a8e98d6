"""Which act follows from what was understood and found."""

import pytest

from bot.domain.conversation import ConversationStatus, Locale
from bot.domain.knowledge import Evidence, Passage
from bot.domain.policy import Decision, Thresholds, decide
from bot.domain.reply import AbstainReason, DecisionKind, HandoffReason
from bot.domain.understanding import Intent, Understanding

THRESHOLDS = Thresholds(answer=0.5, related=0.15)
PASSAGE = Passage("en/teams.md", 0, None, "Teams", ("Teams",), Locale.EN, 1, 1.0, ())

PENDING, OPEN, SNOOZED, RESOLVED = ConversationStatus

ANSWER = Decision(DecisionKind.ANSWER)
NO_SOURCE = Decision(DecisionKind.ABSTAIN, AbstainReason.NO_SOURCE)
WEAK_SOURCE = Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE)
SILENT = Decision(DecisionKind.SILENT)
ASKED_FOR_HUMAN = Decision(DecisionKind.HANDOFF, HandoffReason.ASKED_FOR_HUMAN)


def understood(intent: Intent) -> Understanding:
    return Understanding("text", Locale.EN, intent, question="text")


def found(answerability: float) -> Evidence:
    return Evidence((PASSAGE,), answerability, "snapshot")


@pytest.mark.parametrize(
    ("answerability", "decision"),
    [
        (0.0, NO_SOURCE),
        (0.149, NO_SOURCE),
        (0.15, WEAK_SOURCE),
        (0.499, WEAK_SOURCE),
        (0.5, ANSWER),
        (1.0, ANSWER),
    ],
)
def test_a_question_is_answered_as_far_as_the_sources_carry(
    answerability: float, decision: Decision
) -> None:
    assert (
        decide(PENDING, understood(Intent.QUESTION), found(answerability), THRESHOLDS) == decision
    )


@pytest.mark.parametrize("evidence", [None, Evidence((), 0.9, "snapshot")])
def test_without_a_passage_nothing_is_answered(evidence: Evidence | None) -> None:
    assert decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS) == NO_SOURCE


@pytest.mark.parametrize("status", [OPEN, SNOOZED])
@pytest.mark.parametrize("intent", Intent)
def test_the_bot_is_silent_while_a_person_has_the_conversation(
    status: ConversationStatus, intent: Intent
) -> None:
    assert decide(status, understood(intent), found(0.9), THRESHOLDS) == SILENT


@pytest.mark.parametrize("status", [PENDING, RESOLVED])
@pytest.mark.parametrize(
    ("intent", "decision"),
    [
        (Intent.QUESTION, ANSWER),
        (Intent.GREETING, Decision(DecisionKind.SMALLTALK, Intent.GREETING)),
        (Intent.THANKS, Decision(DecisionKind.SMALLTALK, Intent.THANKS)),
        (Intent.FAREWELL, Decision(DecisionKind.SMALLTALK, Intent.FAREWELL)),
        (Intent.ABOUT_BOT, Decision(DecisionKind.SMALLTALK, Intent.ABOUT_BOT)),
        (Intent.EMPTY, Decision(DecisionKind.SMALLTALK, Intent.EMPTY)),
        (Intent.PERSON, ASKED_FOR_HUMAN),
    ],
)
def test_the_intent_decides_before_the_evidence_does(
    status: ConversationStatus, intent: Intent, decision: Decision
) -> None:
    assert decide(status, understood(intent), found(0.9), THRESHOLDS) == decision


def test_by_default_related_reading_needs_less_than_an_answer() -> None:
    assert 0 < Thresholds().related < Thresholds().answer < 1
