"""What stands around the help when somebody is upset."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author, Locale, Message
from bot.domain.knowledge import Citation
from bot.domain.policy import Comfort, Decision
from bot.domain.reply import Act, Answer, DecisionKind, SmallTalk
from bot.domain.understanding import Intent, Understanding
from bot.services.consoling import Consoler

PROMPTS = PromptFiles()
ANSWER = Answer("Press **Print** [1].", (Citation(1, "en/a.md", None, "A", "/a", "Print"),))
UPSET = Decision(DecisionKind.ANSWER, comfort=Comfort.ANNOYED)
OFFER = Decision(DecisionKind.ANSWER, offers_person=True)


def surrounded(
    act: Act, decision: Decision, *said: str, locale: Locale = Locale.EN, contact: str = ""
) -> str:
    understanding = Understanding("no", locale, Intent.QUESTION, question="no")
    history = [Message("c", Author.BOT, text) for text in said]
    return Consoler(PROMPTS, contact).surround(act, decision, understanding, history).text


def test_nothing_stands_around_what_a_calm_user_gets() -> None:
    assert surrounded(ANSWER, Decision(DecisionKind.ANSWER)) == ANSWER.text


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("comfort", Comfort)
def test_one_sentence_goes_before_the_help(comfort: Comfort, locale: Locale) -> None:
    decision = Decision(DecisionKind.ANSWER, comfort=comfort)
    opening, help_ = surrounded(ANSWER, decision, locale=locale).split("\n\n")
    assert opening in PROMPTS.variants("empathy", locale, comfort.value)
    assert help_ == ANSWER.text


def test_never_the_same_sentence_twice_running() -> None:
    said: list[str] = []
    for _ in range(6):
        said.append(surrounded(ANSWER, UPSET, *said))
        said.append("Something in between.")
    openings = [text.split("\n\n")[0] for text in said[::2]]
    assert all(one != other for one, other in pairwise(openings))


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize(
    ("contact", "has_desk", "way"),
    [
        ("", False, "without_contact"),
        ("h@example.com", False, "with_contact"),
        ("", True, "with_desk"),
        ("h@example.com", True, "with_desk"),
    ],
)
def test_an_offer_says_the_way_there_is(
    contact: str, has_desk: bool, way: str, locale: Locale
) -> None:
    understanding = Understanding("no", locale, Intent.QUESTION, question="no")
    consoler = Consoler(PROMPTS, contact)
    text = consoler.surround(ANSWER, OFFER, understanding, (), has_desk=has_desk).text
    offers = PROMPTS.variants("person", locale, f"offer_{way}", contact=contact)
    assert text.split("\n\n")[1] in offers


@pytest.mark.parametrize("locale", Locale)
def test_an_offer_follows_in_one_line(locale: Locale) -> None:
    help_, offer = surrounded(ANSWER, OFFER, locale=locale, contact="h@example.com").split("\n\n")
    assert help_ == ANSWER.text
    assert "h@example.com" in offer
    assert "\n" not in offer


def test_small_talk_does_not_mock_the_upset() -> None:
    assert "welcome" not in surrounded(SmallTalk("You're welcome!"), UPSET)
    assert surrounded(SmallTalk("You're welcome!"), OFFER).startswith("You're welcome!")


@pytest.mark.parametrize("intent", [Intent.COMPLAINT, Intent.EMPTY])
def test_what_asks_what_is_wanted_stays(intent: Intent) -> None:
    decision = replace(UPSET, reason=intent, offers_person=True)
    parts = surrounded(SmallTalk("Tell me again."), decision).split("\n\n")
    assert parts[0] in PROMPTS.variants("empathy", Locale.EN, "annoyed")
    assert parts[1:] == ["Tell me again.", *parts[2:]]
    assert len(parts) == 3


def test_in_an_emergency_the_offer_stands_before_the_help() -> None:
    decision = replace(OFFER, offers_first=True)
    assert surrounded(ANSWER, decision).split("\n\n")[1] == ANSWER.text
