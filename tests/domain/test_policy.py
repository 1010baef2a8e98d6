"""Which act follows from what was understood and found."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.conversation import ConversationStatus, Locale
from bot.domain.knowledge import Conflict, Evidence, Passage, Quote
from bot.domain.policy import (
    Comfort,
    Decision,
    Thresholds,
    decide,
    is_foreign,
    may_stand_alone,
)
from bot.domain.reply import AbstainReason, DecisionKind, HandoffReason
from bot.domain.understanding import (
    CHOSEN,
    JOINED,
    REWRITTEN,
    START,
    Course,
    Intent,
    Tone,
    ToneLabel,
    Understanding,
    Urgency,
)

THRESHOLDS = Thresholds(answer=0.5, related=0.15, unrelated=0.05)
PASSAGE = Passage("en/teams.md", 0, None, "Teams", ("Teams",), Locale.EN, 1, 1.0, ())

PENDING, OPEN, SNOOZED, RESOLVED = ConversationStatus

ANSWER = Decision(DecisionKind.ANSWER)
NO_SOURCE = Decision(DecisionKind.ABSTAIN, AbstainReason.NO_SOURCE)
WEAK_SOURCE = Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE, reading=True)
OUT_OF_SCOPE = Decision(DecisionKind.ABSTAIN, AbstainReason.OUT_OF_SCOPE)
SILENT = Decision(DecisionKind.SILENT)
ASKED_FOR_HUMAN = Decision(DecisionKind.HANDOFF, HandoffReason.ASKED_FOR_HUMAN)


def understood(intent: Intent) -> Understanding:
    return Understanding("text", Locale.EN, intent, question="text")


def found(answerability: float) -> Evidence:
    return Evidence((PASSAGE,), answerability, "snapshot")


@pytest.mark.parametrize(
    ("answerability", "decision"),
    [
        (0.0, OUT_OF_SCOPE),
        (0.049, OUT_OF_SCOPE),
        (0.05, NO_SOURCE),
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


@pytest.mark.parametrize(
    ("answerability", "strange", "decision"),
    [
        (0.14, 0.49, NO_SOURCE),
        (0.14, 0.5, OUT_OF_SCOPE),
        (0.14, 1.0, OUT_OF_SCOPE),
        (0.15, 1.0, WEAK_SOURCE),
        (0.5, 1.0, ANSWER),
    ],
)
def test_what_is_asked_in_words_of_no_article_is_about_something_else(
    answerability: float, strange: float, decision: Decision
) -> None:
    evidence = replace(found(answerability), strange=strange)
    assert decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS) == decision


@pytest.mark.parametrize("strange", [0.0, 1.0])
@pytest.mark.parametrize("known", [{"context": "before"}, {"foreign": True}])
def test_what_is_only_hard_to_look_up_is_not_called_unrelated(
    known: dict[str, Any], strange: float
) -> None:
    understanding = replace(understood(Intent.QUESTION), **known)
    evidence = replace(found(0.0), strange=strange)
    assert decide(PENDING, understanding, evidence, THRESHOLDS) == NO_SOURCE


@pytest.mark.parametrize(("answerability", "reading"), [(0.14, False), (0.15, True), (0.99, True)])
def test_a_question_about_an_account_is_never_answered(answerability: float, reading: bool) -> None:
    understanding = replace(understood(Intent.QUESTION), needs_account=True)
    decision = decide(PENDING, understanding, found(answerability), THRESHOLDS)
    assert decision == Decision(
        DecisionKind.ABSTAIN, AbstainReason.NEEDS_ACCOUNT_DATA, reading=reading
    )


def test_without_evidence_a_question_about_an_account_has_no_reading() -> None:
    understanding = replace(understood(Intent.QUESTION), needs_account=True)
    decision = decide(PENDING, understanding, None, THRESHOLDS)
    assert decision == Decision(DecisionKind.ABSTAIN, AbstainReason.NEEDS_ACCOUNT_DATA)


OTHER = replace(PASSAGE, path="en/boards.md", title="Boards", score=0.2)
CLARIFY = Decision(DecisionKind.CLARIFY)
SHORT = Evidence((PASSAGE, OTHER), 0.4, "snapshot", terms=2)


def test_a_short_question_about_several_articles_is_asked_back() -> None:
    assert decide(PENDING, understood(Intent.QUESTION), SHORT, THRESHOLDS) == CLARIFY
    almost_certain = replace(SHORT, answerability=0.69)
    assert decide(PENDING, understood(Intent.QUESTION), almost_certain, THRESHOLDS) == CLARIFY


@pytest.mark.parametrize(
    "evidence",
    [
        replace(SHORT, terms=4),
        replace(SHORT, terms=0),
        replace(SHORT, passages=(PASSAGE,)),
        replace(SHORT, passages=(PASSAGE, replace(OTHER, path=PASSAGE.path))),
        replace(SHORT, passages=(PASSAGE, replace(OTHER, score=0.04))),
        replace(SHORT, passages=(PASSAGE, replace(OTHER, locale=Locale.ZH))),
        replace(SHORT, answerability=0.7),
        replace(SHORT, answerability=0.1),
    ],
    ids=["long", "no terms", "one", "same article", "far", "other language", "sure", "nothing"],
)
def test_a_clear_question_is_not(evidence: Evidence) -> None:
    assert decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS) != CLARIFY


def test_what_is_about_another_subject_is_not_asked_back() -> None:
    for strange, decision in ((0.49, CLARIFY), (0.5, WEAK_SOURCE)):
        evidence = replace(SHORT, answerability=0.3, strange=strange)
        assert decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS) == decision


@pytest.mark.parametrize("known", [{"context": "before"}, {"clarified": True}, {"foreign": True}])
def test_nobody_is_asked_back_twice_or_about_a_follow_up(known: dict[str, Any]) -> None:
    understanding = replace(understood(Intent.QUESTION), **known)
    assert decide(PENDING, understanding, SHORT, THRESHOLDS) == WEAK_SOURCE


FOLLOWING = replace(understood(Intent.QUESTION), background="before")
JOINED_TO = replace(understood(Intent.QUESTION), context="before", rewriting=JOINED)


@pytest.mark.parametrize(
    ("understanding", "from_strange"),
    [
        (understood(Intent.QUESTION), None),
        (replace(JOINED_TO, rewriting=REWRITTEN, clarified=True), None),
        (replace(JOINED_TO, rewriting=CHOSEN, clarified=True), None),
        (replace(JOINED_TO, leans=True, clarified=True), 0.8),
        (replace(FOLLOWING, leans=True), 0.8),
        (FOLLOWING, 0.5),
        (replace(JOINED_TO, clarified=True), 0.0),
    ],
)
def test_the_less_a_message_leans_the_sooner_it_may_stand_alone(
    understanding: Understanding, from_strange: float | None
) -> None:
    shares = (0.0, 0.49, 0.5, 0.79, 0.8, 1.0)
    doubted = [s for s in shares if may_stand_alone(understanding, replace(SHORT, strange=s))]
    assert doubted == [s for s in shares if from_strange is not None and s >= from_strange]


@pytest.mark.parametrize(("strange", "below"), [(0.0, 0.1), (0.49, 0.1), (0.5, 0.15)])
def test_what_is_hardly_answerable_alone_is_foreign(strange: float, below: float) -> None:
    for answerability, foreign in ((below - 0.01, True), (below, False)):
        alone = replace(found(answerability), strange=strange)
        assert is_foreign(alone, THRESHOLDS) is foreign


def test_a_chinese_question_has_about_twice_the_terms() -> None:
    passages = tuple(replace(each, locale=Locale.ZH) for each in SHORT.passages)
    understanding = replace(understood(Intent.QUESTION), locale=Locale.ZH)
    evidence = replace(SHORT, passages=passages, terms=6)
    assert decide(PENDING, understanding, evidence, THRESHOLDS) == CLARIFY
    assert decide(PENDING, understanding, replace(evidence, terms=7), THRESHOLDS) != CLARIFY


def reason_when_weak(*passages: Passage, **known: Any) -> Any:
    evidence = Evidence(passages, 0.4, "snapshot", **known)
    return decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS).reason


def test_weak_sources_that_are_all_past_their_review_are_stale() -> None:
    both = frozenset({PASSAGE.id, OTHER.id})
    assert reason_when_weak(PASSAGE, OTHER, stale=both) is AbstainReason.STALE_SOURCE
    one = frozenset({PASSAGE.id})
    assert reason_when_weak(PASSAGE, OTHER, stale=one) is AbstainReason.WEAK_SOURCE
    chinese = replace(PASSAGE, locale=Locale.ZH)
    assert reason_when_weak(chinese, stale=one) is AbstainReason.STALE_SOURCE


CONFLICT = Conflict(Quote(PASSAGE, "10 boards."), Quote(OTHER, "15 boards."))


def test_weak_sources_that_disagree_are_not_chosen_from() -> None:
    stale = frozenset({PASSAGE.id, OTHER.id})
    reason = reason_when_weak(PASSAGE, OTHER, conflict=CONFLICT, stale=stale)
    assert reason is AbstainReason.CONFLICTING_SOURCES


def test_sources_that_carry_are_answered_from_even_when_stale_or_in_conflict() -> None:
    for known in ({"conflict": CONFLICT}, {"stale": frozenset({PASSAGE.id})}):
        evidence = replace(found(0.9), **known)
        assert decide(PENDING, understood(Intent.QUESTION), evidence, THRESHOLDS) == ANSWER


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
        (Intent.COMPLAINT, Decision(DecisionKind.SMALLTALK, Intent.COMPLAINT, offers_person=True)),
        (Intent.PERSON, ASKED_FOR_HUMAN),
    ],
)
def test_the_intent_decides_before_the_evidence_does(
    status: ConversationStatus, intent: Intent, decision: Decision
) -> None:
    assert decide(status, understood(intent), found(0.9), THRESHOLDS) == decision


def test_by_default_related_reading_needs_less_than_an_answer() -> None:
    assert 0 < Thresholds().unrelated < Thresholds().related < Thresholds().answer < 1


ANGRY = Tone(ToneLabel.ANGRY, 0.95, ("insult",))
FED_UP = Tone(ToneLabel.FRUSTRATED, 0.95)
UNSURE = Tone(ToneLabel.FRUSTRATED, 0.6)


def told(**heard: Any) -> Decision:
    return decide(PENDING, replace(understood(Intent.QUESTION), **heard), found(0.9), THRESHOLDS)


def test_a_calm_question_is_only_answered() -> None:
    assert told() == ANSWER


@pytest.mark.parametrize(
    "heard", [{"need": 0.6}, {"urgency": Urgency.OUTAGE}, {"tone": replace(ANGRY, score=0.6)}]
)
def test_middle_signals_offer_a_person_beside_the_help(heard: dict[str, Any]) -> None:
    decision = told(**heard)
    assert decision.kind is DecisionKind.ANSWER
    assert decision.offers_person


@pytest.mark.parametrize("course", [START, Course(turns=1, failures=1, failures_running=1)])
@pytest.mark.parametrize("tone", [ANGRY, FED_UP])
def test_a_tone_alone_offers_a_person_and_hands_nothing_over(tone: Tone, course: Course) -> None:
    decision = told(need=0.95, tone=tone, course=course)
    assert (decision.kind, decision.offers_person) == (DecisionKind.ANSWER, True)


@pytest.mark.parametrize(
    ("reason", "heard"),
    [
        (HandoffReason.FRUSTRATED, {"tone": ANGRY, "course": Course(declined=1)}),
        (HandoffReason.FRUSTRATED, {"tone": ANGRY, "course": Course(dislikes=1)}),
        (HandoffReason.FRUSTRATED, {"tone": FED_UP, "course": Course(failures=1, rephrasings=1)}),
        (
            HandoffReason.REPEATED_FAILURE,
            {"tone": FED_UP, "course": Course(failures=2, failures_running=2)},
        ),
        (HandoffReason.REPEATED_FAILURE, {"course": Course(failures=3, failures_running=3)}),
        (HandoffReason.URGENT, {"urgency": Urgency.DATA_LOSS, "course": Course(failures=1)}),
        (HandoffReason.SENSITIVE_TOPIC, {"urgency": Urgency.SECURITY, "tone": UNSURE}),
        (HandoffReason.SENSITIVE_TOPIC, {"urgency": Urgency.LEGAL, "tone": UNSURE}),
    ],
)
def test_high_signals_hand_over_with_a_reason(reason: HandoffReason, heard: dict[str, Any]) -> None:
    decision = told(need=0.95, **heard)
    assert (decision.kind, decision.reason) == (DecisionKind.HANDOFF, reason)
    assert told(need=0.6, **heard).kind is not DecisionKind.HANDOFF


@pytest.mark.parametrize(
    ("urgency", "reason"),
    [
        (Urgency.DATA_LOSS, HandoffReason.URGENT),
        (Urgency.OUTAGE, HandoffReason.URGENT),
        (Urgency.SECURITY, HandoffReason.SENSITIVE_TOPIC),
    ],
)
def test_an_emergency_that_is_told_is_handed_over_however_calmly(
    urgency: Urgency, reason: HandoffReason
) -> None:
    assert told(urgency=urgency, presses=True, need=0.6).reason is reason
    of_an_account = told(urgency=urgency, presses=True, need=0.6, needs_account=True)
    assert of_an_account.kind is DecisionKind.ABSTAIN
    asked = told(urgency=urgency, need=0.6)
    assert (asked.kind, asked.offers_person, asked.offers_first) == (
        DecisionKind.ANSWER,
        True,
        True,
    )


def test_in_an_emergency_only_what_surely_answers_is_quoted() -> None:
    for answerability, kind in ((0.9, DecisionKind.ANSWER), (0.6, DecisionKind.ABSTAIN)):
        lost = replace(understood(Intent.QUESTION), urgency=Urgency.DATA_LOSS)
        decision = decide(PENDING, lost, found(answerability), THRESHOLDS)
        assert (decision.kind, decision.reading) == (kind, False)
    assert not decide(PENDING, lost, found(0.3), THRESHOLDS).reading


def test_other_urgent_matters_wait_for_help() -> None:
    decision = told(urgency=Urgency.BILLING, presses=True, need=0.6)
    assert (decision.kind, decision.offers_first) == (DecisionKind.ANSWER, False)


def test_a_complaint_is_answered_with_empathy_and_an_offer() -> None:
    decision = told(intent=Intent.COMPLAINT, tone=UNSURE)
    assert (decision.kind, decision.offers_person) == (DecisionKind.SMALLTALK, True)
    assert decision.comfort is Comfort.ANNOYED


@pytest.mark.parametrize(
    ("comfort", "heard"),
    [
        (Comfort.ANNOYED, {"tone": FED_UP}),
        (Comfort.ANGRY, {"tone": ANGRY}),
        (Comfort.UNHELPED, {"tone": FED_UP, "course": Course(failures_running=1)}),
        (Comfort.MONEY, {"tone": FED_UP, "urgency": Urgency.BILLING}),
        (Comfort.URGENT, {"tone": FED_UP, "urgency": Urgency.OUTAGE}),
        (None, {"tone": UNSURE}),
        (None, {"urgency": Urgency.OUTAGE}),
        (None, {}),
    ],
)
def test_only_who_is_surely_upset_is_consoled(
    comfort: Comfort | None, heard: dict[str, Any]
) -> None:
    assert told(**heard).comfort is comfort


def test_who_is_offered_a_person_is_not_asked_back() -> None:
    rivals = tuple(replace(PASSAGE, path=f"en/{n}.md", title=str(n)) for n in range(3))
    evidence = Evidence(rivals, 0.6, "snapshot", terms=1)
    calm = understood(Intent.QUESTION)
    assert decide(PENDING, calm, evidence, THRESHOLDS).kind is DecisionKind.CLARIFY
    needy = replace(calm, need=0.6)
    assert decide(PENDING, needy, evidence, THRESHOLDS).kind is not DecisionKind.CLARIFY
