"""What the bot says in an act, with the shipped texts."""

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence, Passage
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
WEAK = Decision(DecisionKind.ABSTAIN, AbstainReason.WEAK_SOURCE)
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


@pytest.mark.parametrize("reason", [r for r in AbstainReason if r is not AbstainReason.WEAK_SOURCE])
async def test_any_reason_can_be_told(reason: AbstainReason) -> None:
    act = await abstain(Decision(DecisionKind.ABSTAIN, reason), asked(), article("Fields"))
    assert (act.reason, act.text) == (reason, PROMPTS.text("abstain", Locale.EN, "no_source"))


async def test_a_weak_source_without_passages_announces_no_list() -> None:
    act = await abstain(WEAK, asked())
    assert act.text == PROMPTS.text("abstain", Locale.EN, "no_source")


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
