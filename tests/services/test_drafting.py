"""Next steps and drafts: what fits the case, and nothing that no article and no prompt says."""

from dataclasses import replace

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.knowledge import Evidence
from bot.domain.reply import HandoffReason
from bot.domain.understanding import Tone, ToneLabel
from bot.services.answering import extractive_answer
from bot.services.drafting import ABOUT_CHARACTERS, FRESH, Adviser, not_shown, shown_sources
from bot.services.escalation import Case
from bot.services.situations import Situation
from tests.services.passages import DELETING, EXPORT, FIELDS, GANTT
from tests.services.test_packet import ANGRY, FIELD_ANSWER, FIELD_QUESTION, case

PROMPTS = PromptFiles()
ADVISER = Adviser(PROMPTS)
UPSET = Tone(ToneLabel.FRUSTRATED, 0.8, ("waiting",))
GANTT_QUESTION = "甘特图在手机上能编辑吗？"
GANTT_ANSWER = extractive_answer(Evidence((GANTT,), 0.9, "s"), GANTT_QUESTION)


def words(locale: Locale, name: str, seed: str = "", **values: str) -> str:
    return PROMPTS.text("packet", locale, name, seed=seed, **values)


def opening(told: Case, name: str) -> str:
    return words(told.occasion.locale, f"open_{name}", seed=told.conversation.id)


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize(
    ("tone", "reason", "situation", "name"),
    [
        (None, HandoffReason.ASKED_FOR_HUMAN, Situation.CLEAR, "calm"),
        (None, HandoffReason.REPEATED_FAILURE, Situation.FAILED, "failed"),
        (None, HandoffReason.FRUSTRATED, Situation.FRUSTRATED, "frustrated"),
        (UPSET, HandoffReason.ASKED_FOR_HUMAN, Situation.UNKNOWN, "frustrated"),
        (UPSET, HandoffReason.REPEATED_FAILURE, Situation.FAILED, "frustrated"),
        (ANGRY, HandoffReason.ASKED_FOR_HUMAN, Situation.BILLING, "angry"),
        (ANGRY, HandoffReason.URGENT, Situation.OUTAGE, "angry"),
        (UPSET, HandoffReason.URGENT, Situation.OUTAGE, "urgent"),
        (None, HandoffReason.ASKED_FOR_HUMAN, Situation.DATA_LOSS, "urgent"),
    ],
)
def test_the_opening_fits_the_tone(
    locale: Locale, tone: Tone | None, reason: HandoffReason, situation: Situation, name: str
) -> None:
    told = case("…", reason=reason, locale=locale, **({"tone": tone} if tone else {}))
    draft = ADVISER.advise(told, situation, "", None).draft
    assert draft.text.startswith(opening(told, name))


@pytest.mark.parametrize(
    ("locale", "ask"),
    [(Locale.EN, "Why is invoice 77 higher?"), (Locale.ZH, "77 号发票为什么多了？")],
)
def test_without_an_article_it_names_the_matter_and_what_is_done(locale: Locale, ask: str) -> None:
    told = case(ask, locale=locale)
    for situation, deed in (
        (Situation.BILLING, "billing"),
        (Situation.UNKNOWN, "default"),
        (Situation.FAILED, "default"),
        (Situation.NO_ASK, "no_ask"),
    ):
        draft = ADVISER.advise(told, situation, ask, None).draft
        parts = (
            opening(told, "calm"),
            words(locale, "about", ask=ask),
            words(locale, f"do_{deed}"),
        )
        assert draft.text == "\n\n".join(parts)
        assert draft.citations == ()


def test_a_long_story_is_not_put_to_the_customer_again() -> None:
    told = case("x")
    short, long = "y" * ABOUT_CHARACTERS, "y" * (ABOUT_CHARACTERS + 1)
    assert short in ADVISER.advise(told, Situation.UNKNOWN, short, None).draft.text
    assert "yy" not in ADVISER.advise(told, Situation.UNKNOWN, long, None).draft.text


@pytest.mark.parametrize(
    ("locale", "question", "evidence"),
    [
        (Locale.EN, FIELD_QUESTION, Evidence((FIELDS,), 0.9, "s")),
        (Locale.ZH, GANTT_QUESTION, Evidence((GANTT,), 0.9, "s")),
    ],
)
def test_an_article_is_quoted_with_its_source(
    locale: Locale, question: str, evidence: Evidence
) -> None:
    told = case(question, locale=locale)
    draft = ADVISER.advise(told, Situation.CLEAR, question, evidence).draft
    assert draft.text.startswith(opening(told, "calm"))
    assert draft.text.endswith(words(locale, "close"))
    assert [(one.path, one.anchor) for one in draft.citations] == [
        (evidence.passages[0].path, evidence.passages[0].anchor)
    ]
    assert words(locale, "other_language", title=draft.citations[0].title) not in draft.text


@pytest.mark.parametrize(
    ("locale", "evidence"),
    [(Locale.EN, Evidence((EXPORT,), 0.9, "s")), (Locale.ZH, Evidence((DELETING,), 0.9, "s"))],
)
def test_an_article_in_the_other_language_is_announced(locale: Locale, evidence: Evidence) -> None:
    draft = ADVISER.advise(case("…", locale=locale), Situation.CLEAR, "…", evidence).draft
    assert words(locale, "other_language", title=draft.citations[0].title) in draft.text


def test_where_somebody_has_to_look_first_no_article_is_quoted() -> None:
    evidence = Evidence((FIELDS,), 0.9, "s")
    for situation in Situation:
        draft = ADVISER.advise(case(FIELD_QUESTION), situation, FIELD_QUESTION, evidence).draft
        assert bool(draft.citations) == situation.may_quote


@pytest.mark.parametrize(
    ("locale", "said", "titles"),
    [
        (Locale.EN, (FIELD_QUESTION, FIELD_ANSWER, "no"), "“Custom fields”"),
        (Locale.ZH, (GANTT_QUESTION, GANTT_ANSWER, "不对"), "《甘特图》"),
        (
            Locale.ZH,
            (GANTT_QUESTION, GANTT_ANSWER, FIELD_QUESTION, FIELD_ANSWER, "不对"),
            "《甘特图》、《Custom fields》",
        ),
        (Locale.EN, (FIELD_QUESTION, FIELD_ANSWER, "no", FIELD_ANSWER), "“Custom fields”"),
    ],
)
def test_what_was_tried_is_told_once(locale: Locale, said: tuple[str, ...], titles: str) -> None:
    told = case(*said, locale=locale)
    step = ADVISER.advise(told, Situation.FAILED, "…", None).next_step
    lines = [words(locale, "step_failed", ask="…"), words(locale, "tried", articles=titles)]
    assert step == "\n".join(lines)


@pytest.mark.parametrize("locale", list(Locale))
def test_nothing_of_an_account_is_told_to_strangers(locale: Locale) -> None:
    stranger = case("…", locale=locale)
    known = case("…", locale=locale, customer=Customer("u-1"))
    warning = words(locale, "unverified")
    for situation in Situation:
        private = situation in (Situation.ACCOUNT, Situation.BILLING, Situation.LOCKOUT)
        step = ADVISER.advise(stranger, situation, "…", None).next_step
        assert (warning in step) == private
        assert warning not in ADVISER.advise(known, situation, "…", None).next_step


def test_shown_is_what_was_cited_since_the_conversation_came_back() -> None:
    told = case(FIELD_QUESTION, FIELD_ANSWER, GANTT_QUESTION, GANTT_ANSWER)
    assert shown_sources(told) == {(FIELDS.path, "fields"), (GANTT.path, "open")}
    handed_back = replace(told.conversation, handed_back=told.messages[1].id)
    assert shown_sources(replace(told, conversation=handed_back)) == {(GANTT.path, "open")}


def test_of_what_was_found_only_fresh_and_likely_passages_are_left() -> None:
    best, near, weak = (
        replace(FIELDS, anchor=name, score=score)
        for name, score in (("best", 1.0), ("near", FRESH), ("weak", FRESH - 0.01))
    )
    evidence = Evidence((weak, near, best), 0.9, "s")
    untouched = not_shown(evidence, frozenset())
    assert untouched is not None
    assert [passage.anchor for passage in untouched.passages] == ["best", "near", "weak"]
    rest = not_shown(evidence, frozenset({(FIELDS.path, "best")}))
    assert rest is not None
    assert [passage.anchor for passage in rest.passages] == ["near"]
    everything = frozenset((FIELDS.path, name) for name in ("best", "near"))
    assert not_shown(evidence, everything) is None
