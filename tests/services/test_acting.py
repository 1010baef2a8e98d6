"""What the bot says in an act, with the shipped texts."""

from dataclasses import replace
from datetime import date

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.knowledge import Conflict, Evidence, Passage, Quote
from bot.domain.policy import Decision
from bot.domain.reply import (
    AbstainReason,
    Abstention,
    Answer,
    Clarification,
    DecisionKind,
    Handoff,
    SmallTalk,
)
from bot.domain.understanding import Intent, Understanding
from bot.services.acting import CLOSEST, Actor
from tests.services.passages import passage

PROMPTS = PromptFiles()
ACTOR = Actor(PROMPTS, contact="")
WEAK = Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE, reading=True)
NONE = Decision(DecisionKind.ABSTAIN, AbstainReason.NO_SOURCE)


def asked(locale: Locale = Locale.EN, foreign: bool = False) -> Understanding:
    return Understanding("q", locale, Intent.QUESTION, "q", foreign=foreign)


def article(title: str, locale: Locale = Locale.EN, anchor: str = "a") -> Passage:
    return passage("Fields hold values.", locale, f"{title}.md", anchor, title)


async def abstain(
    decision: Decision, understanding: Understanding, *passages: Passage
) -> Abstention:
    evidence = Evidence(passages, 0.3, "snapshot-1")
    act = (await ACTOR.act(decision, understanding, evidence)).act
    assert isinstance(act, Abstention)
    return act


def reading(abstention: Abstention) -> list[str]:
    return [line for line in abstention.text.splitlines() if line.startswith("- ")]


async def test_each_article_is_listed_once_and_only_the_closest() -> None:
    passages = [article("A"), article("A", anchor="b"), *map(article, ("B", "C", "D"))]
    act = await abstain(WEAK, asked(), *passages)
    assert reading(act) == ["- A [1]", "- B [2]", "- C [3]"]
    assert [(c.n, c.title, c.anchor) for c in act.citations] == [
        (1, "A", "a"),
        (2, "B", "a"),
        (3, "C", "a"),
    ]
    assert len(act.citations) == CLOSEST
    assert ACTOR.suggestions(act) == ("A", "B", "C")


async def test_asking_back_names_each_article_once_and_at_most_four() -> None:
    passages = [
        article("A"),
        article("A", anchor="b"),
        *map(article, "BCDE"),
        article("字", Locale.ZH),
    ]
    evidence = Evidence(tuple(passages), 0.3, "snapshot-1", terms=2)
    act = (await ACTOR.act(Decision(DecisionKind.CLARIFY), asked(), evidence)).act
    assert isinstance(act, Clarification)
    assert act.options == ("A", "B", "C", "D")
    assert act.text == "\n".join([f"{act.question}\n", "- A", "- B", "- C", "- D"])


async def test_articles_in_the_language_of_the_reply_are_preferred() -> None:
    act = await abstain(WEAK, asked(), article("字段", Locale.ZH), article("Fields"))
    assert reading(act) == ["- Fields [1]"]
    assert [c.title for c in act.citations] == ["Fields"]


@pytest.mark.parametrize(
    ("locale", "title", "line"),
    [
        (Locale.EN, "字段", "- 字段 (in Chinese) [1]"),
        (Locale.ZH, "Fields", "- Fields（英文） [1]"),
    ],
)
async def test_an_article_in_the_other_language_is_marked(
    locale: Locale, title: str, line: str
) -> None:
    act = await abstain(WEAK, asked(locale), article(title, locale.other))
    assert reading(act) == [line]


async def test_without_a_source_nothing_is_listed() -> None:
    act = await abstain(NONE, asked(), article("Fields"))
    assert (act.text, act.citations) == (PROMPTS.text("abstain", Locale.EN, "no_source"), ())


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("reason", AbstainReason)
async def test_any_reason_is_told_in_words_of_its_own(
    reason: AbstainReason, locale: Locale
) -> None:
    decision = Decision(DecisionKind.ABSTAIN, reason, reading=True)
    act = await abstain(decision, asked(locale), article("Fields", locale))
    assert act.reason is reason
    assert act.text.startswith(PROMPTS.text("abstain", locale, reason.value))
    assert reading(act) == ["- Fields [1]"]


@pytest.mark.parametrize(
    "reason",
    [
        AbstainReason.WEAK_SOURCE,
        AbstainReason.STALE_SOURCE,
        AbstainReason.CONFLICTING_SOURCES,
    ],
)
async def test_without_passages_no_list_is_announced(reason: AbstainReason) -> None:
    act = await abstain(Decision(DecisionKind.ABSTAIN, reason, reading=True), asked())
    assert act.text == PROMPTS.text("abstain", Locale.EN, "no_source")


ACCOUNT = Decision(DecisionKind.ABSTAIN, AbstainReason.NEEDS_ACCOUNT_DATA)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize(
    ("contact", "has_desk", "name"),
    [
        ("", False, "without_contact"),
        ("help@example.com", False, "with_contact"),
        ("", True, "with_desk"),
        ("help@example.com", True, "with_desk"),
    ],
)
async def test_who_asks_about_an_account_is_offered_a_person(
    locale: Locale, contact: str, has_desk: bool, name: str
) -> None:
    actor = Actor(PROMPTS, contact)
    act = (await actor.act(ACCOUNT, asked(locale), None, has_desk=has_desk)).act
    assert act.text.endswith(PROMPTS.text("abstain", locale, name, contact=contact))
    assert actor.offers_person(act)
    assert not actor.offers_person((await actor.act(NONE, asked(locale), None)).act)


async def test_an_account_question_has_its_reading_announced() -> None:
    act = await abstain(replace(ACCOUNT, reading=True), asked(), article("Fields"))
    lead = PROMPTS.text("abstain", Locale.EN, "reading")
    assert act.text.endswith(f"{lead}\n\n- Fields [1]")
    assert lead not in (await abstain(ACCOUNT, asked(), article("Fields"))).text


ANSWER = Decision(DecisionKind.ANSWER)


def note(locale: Locale, sources: str, day: str) -> str:
    return PROMPTS.text("answer", locale, "stale_source", sources=sources, date=day)


@pytest.mark.parametrize("locale", Locale)
async def test_an_answer_from_a_stale_article_says_so(locale: Locale) -> None:
    fields = replace(article("Fields", locale), review_by=date(2026, 3, 1))
    fresh = Evidence((fields,), 0.9, "snapshot-1")
    plain = (await ACTOR.act(ANSWER, asked(locale), fresh)).act
    stale = replace(fresh, stale=frozenset({fields.id}))
    noted = (await ACTOR.act(ANSWER, asked(locale), stale)).act
    assert noted.text == f"{plain.text}\n\n{note(locale, '[1]', '2026-03-01')}"


async def test_a_stale_article_that_is_not_cited_is_not_mentioned() -> None:
    old = replace(article("Old"), review_by=date(2026, 3, 1), score=0.0, ordinal=7)
    evidence = Evidence((article("Fields"), old), 0.9, "snapshot-1", stale=frozenset({old.id}))
    assert "review" not in (await ACTOR.act(ANSWER, asked(), evidence)).act.text


@pytest.mark.parametrize("locale", Locale)
async def test_sources_that_disagree_are_both_quoted(locale: Locale) -> None:
    one, two = article("A", locale), replace(article("B", locale), review_by=date(2026, 3, 1))
    conflict = Conflict(Quote(one, "Ten boards."), Quote(two, "Six boards."))
    evidence = Evidence((one, two), 0.9, "snapshot-1", stale=frozenset({two.id}), conflict=conflict)
    act = (await ACTOR.act(ANSWER, asked(locale), evidence)).act
    assert isinstance(act, Answer)
    assert act.text.split("\n\n") == [
        PROMPTS.text("answer", locale, "conflicting_sources"),
        "Ten boards. [1]",
        "Six boards. [2]",
        note(locale, "[2]", "2026-03-01"),
    ]
    assert [c.title for c in act.citations] == ["A", "B"]


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("decision", [WEAK, NONE])
async def test_an_abstention_in_a_third_language_says_so_and_claims_no_finding(
    locale: Locale, decision: Decision
) -> None:
    fields = article("Fields", locale)
    plain = await abstain(decision, asked(locale), fields)
    told = await abstain(decision, asked(locale, foreign=True), fields)
    assert told.text == f"{PROMPTS.text('abstain', locale, 'foreign')}\n\n{plain.text}"
    assert PROMPTS.text("answer", locale, "foreign") not in told.text


@pytest.mark.parametrize("locale", Locale)
def test_an_apology_in_a_third_language_says_so(locale: Locale) -> None:
    told = ACTOR.apologise(asked(locale, foreign=True)).text
    foreign = PROMPTS.text("abstain", locale, "foreign")
    assert told == f"{foreign}\n\n{ACTOR.apologise(asked(locale)).text}"


def test_an_apology_names_the_contact() -> None:
    actor = Actor(PROMPTS, contact="help@example.com")
    assert "help@example.com" in actor.apologise(asked()).text
    assert "help@example.com" not in actor.apologise(asked(), has_desk=True).text
    assert "help@example.com" not in ACTOR.apologise(asked()).text


async def test_an_answer_in_a_third_language_says_so() -> None:
    evidence = Evidence((article("Fields"),), 0.9, "snapshot-1")
    decision = Decision(DecisionKind.ANSWER)
    plain = (await ACTOR.act(decision, asked(), evidence)).act
    told = (await ACTOR.act(decision, asked(foreign=True), evidence)).act
    assert isinstance(told, Answer)
    assert told.text == f"{PROMPTS.text('answer', Locale.EN, 'foreign')}\n\n{plain.text}"


@pytest.mark.parametrize(
    ("contact", "name"), [("", "without_contact"), ("help@example.com", "with_contact")]
)
async def test_a_person_is_promised_by_nobody(contact: str, name: str) -> None:
    decision = Decision(DecisionKind.HANDOFF)
    act = (await Actor(PROMPTS, contact).act(decision, asked(), None)).act
    assert isinstance(act, Handoff)
    assert act.text == PROMPTS.text("person", Locale.EN, name, contact=contact)
    assert act.ticket is None


async def test_small_talk_is_returned() -> None:
    understanding = Understanding("who are you", Locale.EN, Intent.ABOUT_BOT, "who are you")
    decision = Decision(DecisionKind.SMALLTALK, Intent.ABOUT_BOT)
    act = (await ACTOR.act(decision, understanding, None)).act
    assert act == SmallTalk(PROMPTS.text("smalltalk", Locale.EN, "about_bot"))
