"""What a person is facing, from the reason, the course and what the articles have to say."""

from dataclasses import replace

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.reply import AbstainReason, Abstention, Answer, HandoffReason
from bot.services.drafting import DEEDS
from bot.services.escalation import Case
from bot.services.situations import Prospect, Situation, last_abstention, situation_of
from tests.services.test_packet import FIELD_ANSWER, FIELD_QUESTION, case

ASKED, URGENT = HandoffReason.ASKED_FOR_HUMAN, HandoffReason.URGENT
PROSPECT = Prospect("Why is the board empty?", needs_account=False, answerable=True, is_fresh=True)
NOTHING = replace(PROSPECT, answerable=False, is_fresh=False)


def declined(reason: AbstainReason, text: str = "I do not know that.") -> Abstention:
    return Abstention(text, reason)


ACCOUNT = declined(AbstainReason.NEEDS_ACCOUNT_DATA)
NO_SOURCE = declined(AbstainReason.NO_SOURCE)
AT_ODDS = declined(AbstainReason.CONFLICTING_SOURCES, "两篇文章的说法不一致。")
OLD = declined(AbstainReason.STALE_SOURCE, "这篇文章很久没有更新了。")


@pytest.mark.parametrize(
    "urgency", ["outage", "data_loss", "security", "billing", "legal", "lockout"]
)
@pytest.mark.parametrize("reason", list(HandoffReason))
def test_what_cannot_wait_goes_before_everything(urgency: str, reason: HandoffReason) -> None:
    told = case("我们的看板全都打不开", ACCOUNT, "转人工", reason=reason, urgency=urgency)
    assert situation_of(told, PROSPECT) is Situation(urgency)


@pytest.mark.parametrize(
    ("told", "prospect", "situation"),
    [
        (case("Everything is down", reason=URGENT), PROSPECT, Situation.URGENT),
        (
            case("My lawyer will write to you", reason=HandoffReason.SENSITIVE_TOPIC),
            NOTHING,
            Situation.LEGAL,
        ),
        (case("a person please"), replace(NOTHING, ask=""), Situation.NO_ASK),
        (case("转人工", locale=Locale.ZH), replace(NOTHING, ask=""), Situation.NO_ASK),
        (case("Why was I charged?"), replace(PROSPECT, needs_account=True), Situation.ACCOUNT),
        (case("Why was I charged?", ACCOUNT, "a human"), PROSPECT, Situation.ACCOUNT),
        (case("试用期是几天？", AT_ODDS, "转人工"), PROSPECT, Situation.SOURCES),
        (case("试用期是几天？", OLD, "转人工"), NOTHING, Situation.SOURCES),
        (
            case(FIELD_QUESTION, FIELD_ANSWER, "no", reason=HandoffReason.REPEATED_FAILURE),
            PROSPECT,
            Situation.FAILED,
        ),
        (
            case(FIELD_QUESTION, "气死我了", reason=HandoffReason.FRUSTRATED),
            PROSPECT,
            Situation.FRUSTRATED,
        ),
        (case(FIELD_QUESTION, "a human please"), PROSPECT, Situation.CLEAR),
        (
            case(FIELD_QUESTION, FIELD_ANSWER, "a human please"),
            replace(PROSPECT, is_fresh=False),
            Situation.FAILED,
        ),
        (case("有没有深色模式？", NO_SOURCE, "转人工"), NOTHING, Situation.UNKNOWN),
    ],
)
def test_the_most_pressing_one_wins(told: Case, prospect: Prospect, situation: Situation) -> None:
    assert situation_of(told, prospect) is situation


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((), None),
        (("How?",), None),
        (("How?", NO_SOURCE), AbstainReason.NO_SOURCE),
        (("How?", NO_SOURCE, FIELD_QUESTION, FIELD_ANSWER), None),
        ((FIELD_QUESTION, FIELD_ANSWER, "账单呢？", ACCOUNT), AbstainReason.NEEDS_ACCOUNT_DATA),
    ],
)
def test_the_last_answer_or_abstention_counts(
    said: tuple[str | Answer | Abstention, ...], reason: AbstainReason | None
) -> None:
    assert last_abstention(case(*said)) is reason


def test_what_came_before_the_conversation_was_handed_back_is_over() -> None:
    told = case("Why was I charged?", ACCOUNT, "And now: where are the labels?")
    handed_back = replace(told.conversation, handed_back=told.messages[1].id)
    assert last_abstention(replace(told, conversation=handed_back)) is None


def test_where_somebody_has_to_look_first_nothing_is_quoted() -> None:
    quoted = {situation for situation in Situation if situation.may_quote}
    assert quoted == {
        Situation.SOURCES,
        Situation.FAILED,
        Situation.FRUSTRATED,
        Situation.CLEAR,
        Situation.UNKNOWN,
    }


@pytest.mark.parametrize("locale", list(Locale))
def test_each_has_its_words(locale: Locale) -> None:
    names = PromptFiles().names("packet", locale)
    assert {f"step_{situation}" for situation in Situation} <= set(names)
    assert {f"do_{deed}" for deed in DEEDS} <= set(names)
