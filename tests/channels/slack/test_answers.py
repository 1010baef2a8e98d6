"""Answers as blocks: within Slack's limits, and with nothing in them that is not meant."""

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import PERSON, AnswerWriter
from bot.channels.chat.sheet import Sheet
from bot.channels.slack import elements
from bot.channels.slack.drawing import draw
from bot.channels.slack.wall import notice
from bot.domain.conversation import Author, Locale, Message
from bot.domain.knowledge import Citation
from bot.domain.reply import (
    AbstainReason,
    Abstention,
    Act,
    Answer,
    Clarification,
    Handoff,
    HandoffReason,
    Reply,
    SmallTalk,
)
from tests.channels.slack.goldens import check_blocks, check_golden

SITE = "https://help.example.com"
TEAMS = Citation(
    1, "en/teams.md", "create", "Teams & <roles>", "/kb/en/teams.md#create", "Open Settings."
)
BOARDS = Citation(2, "en/boards.md", None, "Boards", "https://wiki.example.com/boards", "Boards.")
ANSWER_EN = "Open **Settings** and choose *Teams* [1].\n\n1. Press `New team`\n2. Name it [2]"
ANSWER_ZH = "打开**设置**，选择*团队* [1]。\n\n1. 点击`新建团队`\n2. 填写名称"

writer = AnswerWriter(PromptFiles(), SITE)


def reply(act: Act, locale: Locale = Locale.EN, **more: Any) -> Reply:
    return Reply(act, locale, message="a1" * 16, conversation="c1" * 16, **more)


def abstention(locale: Locale) -> Reply:
    text = {
        Locale.EN: "These come closest:\n\n- Teams & <roles> [1]\n- Boards [2]",
        Locale.ZH: "最接近的是：\n\n- Teams & <roles> [1]\n- Boards [2]",
    }[locale]
    act = Abstention(text, AbstainReason.WEAK_SOURCE, (TEAMS, BOARDS))
    return reply(act, locale, suggestions=("Teams & <roles>", "Boards"), offer_human=True)


def clarification() -> Reply:
    act = Clarification(
        "Which one do you mean?\n\n- Boards\n- Teams", "Which one do you mean?", ("Boards", "Teams")
    )
    return reply(act)


CASES = {
    "answer.en": writer.reply(reply(Answer(ANSWER_EN, (TEAMS, BOARDS)))),
    "answer.zh": writer.reply(reply(Answer(ANSWER_ZH, (TEAMS,)), Locale.ZH)),
    "abstention.en": writer.reply(abstention(Locale.EN)),
    "abstention.zh": writer.reply(abstention(Locale.ZH)),
    "clarification.en": writer.reply(clarification()),
    "smalltalk.en": writer.reply(reply(SmallTalk("Hello! What would you like to know?"))),
    "handoff.en": writer.reply(
        reply(
            Handoff(
                "I've passed this on as ticket T-7.",
                HandoffReason.ASKED_FOR_HUMAN,
                ticket="t7",
                number="T-7",
            )
        )
    ),
    "asked.en": writer.shareable(
        writer.reply(reply(Answer(ANSWER_EN, (TEAMS, BOARDS))), "How do I <add> a team?"),
        reply(Answer(ANSWER_EN, (TEAMS, BOARDS))),
    ),
    "shared.zh": writer.shared(
        reply(Answer(ANSWER_ZH, (TEAMS,)), Locale.ZH), "怎么新建团队？", "U1", frozenset()
    ),
    "agent.en": writer.from_agent(
        Message("c1", Author.AGENT, "Hi Mei,\nit works **again**."), "Li", Locale.EN
    ),
    "notice.en": writer.notice(Message("c1", Author.SYSTEM, "Ticket T-7 is resolved.")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_leaves_is_what_was_reviewed(name: str) -> None:
    blocks = draw(CASES[name])
    check_blocks(blocks)
    check_golden(name, {"text": notice(CASES[name]), "blocks": blocks})


def links_of(shown: Sheet) -> str:
    return str([block for block in draw(shown) if "<http" in str(block)])


def test_sources_without_an_address_are_named_all_the_same() -> None:
    shown = AnswerWriter(PromptFiles()).reply(reply(Answer(ANSWER_EN, (TEAMS, BOARDS))))
    assert "/kb/" not in str(draw(shown))
    assert "[1] Teams &amp; &lt;roles&gt;" in str(draw(shown))
    assert "<https://wiki.example.com/boards|Boards>" in str(draw(shown))


def test_an_article_without_a_page_is_not_linked() -> None:
    answer = reply(Answer(ANSWER_EN, (TEAMS, BOARDS)))
    shown = writer.reply(answer, hidden=frozenset({"en/teams.md"}))
    assert "/kb/" not in links_of(shown)
    assert "wiki.example.com" in links_of(shown)


@pytest.mark.parametrize(
    "unit", ["word & <b> ", "行文。", "- item\n", "para\n\n", "```\nx & y\n```\n\n"]
)
@pytest.mark.parametrize("length", [2900, 12_000, 60_000])
def test_an_answer_of_any_length_fits(unit: str, length: int) -> None:
    text = unit * (length // len(unit))
    shown = writer.reply(reply(Answer(text, (TEAMS,) * 30), suggestions=("x" * 400,) * 3))
    check_blocks(draw(shown))
    texts = [one["text"]["text"] for one in draw(shown) if one["type"] == "section"]
    assert sum(map(len, texts)) <= elements.LONGEST_SAID
    is_cut = sum(map(len, texts)) < len(text) // 2
    assert not is_cut or "goes on" in str(draw(shown)[len(texts)])


def test_questions_of_any_length_are_shown_again() -> None:
    shown = writer.reply(reply(Answer("Yes [1].", (TEAMS,))), "<!channel> & " * 900)
    check_blocks(draw(shown))
    assert "<!channel>" not in str(draw(shown))


def test_nobody_is_offered_after_a_hand_off_and_in_small_talk() -> None:
    for name in ("handoff.en", "smalltalk.en"):
        assert PERSON not in str(draw(CASES[name]))
    offering = reply(SmallTalk("I hear you."), offer_human=True)
    assert PERSON in str(draw(writer.reply(offering)))


def test_only_answers_can_be_shared() -> None:
    shown = writer.reply(abstention(Locale.EN))
    assert writer.shareable(shown, abstention(Locale.EN)) == shown


def test_a_choice_keeps_the_words_of_a_long_title() -> None:
    long = replace(abstention(Locale.EN), suggestions=("Very long title " * 20,))
    shown = writer.reply(long)
    assert "Very long title " * 20 in str(draw(shown))
    check_blocks(draw(shown))
