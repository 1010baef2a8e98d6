"""Answers as sheets: the text, its sources, and what can be done with it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.answers import (
    CANCEL,
    LONGEST_CHOICE,
    PERSON,
    SHARE,
    AnswerWriter,
    without_question,
)
from bot.channels.chat.sheet import Buttons, Markdown, Quote, Sheet, Small, Thumbs
from bot.channels.chat.text import Bold, Link, Mention, plain_line
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

SITE = "https://help.example.com"
OWN = Citation(1, "en/teams.md", "create", "Teams *x*", "/kb/en/teams.md#create", "Settings.")
WIKI = Citation(2, "en/boards.md", None, "Boards", "https://wiki.example.com/b", "Boards.")
ANSWER = Answer("Open **Settings** [1].", (OWN, WIKI))
writer = AnswerWriter(PromptFiles(), SITE)


def reply(act: Act = ANSWER, **more: Any) -> Reply:
    return Reply(act, Locale.EN, message="m1", conversation="c1", **more)


def actions(sheet: Sheet) -> list[str]:
    groups = [part for part in sheet.parts if isinstance(part, Buttons)]
    return [button.action for group in groups for button in group.buttons]


def sources(sheet: Sheet) -> list[str]:
    [small] = [part for part in sheet.parts if isinstance(part, Small)]
    return [plain_line(line) for line in small.lines]


def test_an_answer_has_its_sources_a_person_and_thumbs() -> None:
    sheet = writer.reply(reply())
    text, small, buttons, thumbs = sheet.parts
    assert text == Markdown(
        ANSWER.text,
        frozenset({f"{SITE}/kb/en/teams.md#create", "https://wiki.example.com/b"}),
        more="The answer goes on in the articles below.",
    )
    assert isinstance(small, Small)
    assert small.lines == (
        (Bold("Sources"),),
        ("[1] ", Link("Teams *x*", f"{SITE}/kb/en/teams.md#create")),
        ("[2] ", Link("Boards", "https://wiki.example.com/b")),
    )
    assert isinstance(buttons, Buttons)
    assert [one.value for one in buttons.buttons] == ["c1"]
    assert isinstance(thumbs, Thumbs)
    assert (thumbs.up.value, thumbs.down.value) == ("up.m1", "down.m1")
    assert sheet.notice == "Open Settings [1]."


def test_what_its_readers_cannot_open_is_named_and_not_linked() -> None:
    hidden = writer.reply(reply(), hidden=frozenset({OWN.path}))
    homeless = AnswerWriter(PromptFiles()).reply(reply())
    for sheet in (hidden, homeless):
        assert sources(sheet)[1] == "[1] Teams *x*"
        assert "/kb/" not in str(sheet)


def test_an_article_that_cannot_be_told_apart_is_named_once() -> None:
    passage = replace(OWN, n=2, anchor="rename", url="/kb/en/teams.md#rename")
    cited = reply(Answer("So [1]. And so [2]. And so [3].", (OWN, passage, replace(WIKI, n=3))))
    homeless = AnswerWriter(PromptFiles()).reply(cited)
    assert sources(homeless)[1:] == ["[1] [2] Teams *x*", "[3] Boards"]
    assert len(sources(writer.reply(cited))) == 4


def test_choices_bring_back_what_they_ask() -> None:
    asked = Clarification("Which?\n\n- Boards\n- Teams", "Which?", ("Boards", "Teams"))
    sheet = writer.reply(reply(asked))
    assert actions(sheet) == ["suggest.0", "suggest.1", PERSON]
    [group] = [part for part in sheet.parts if isinstance(part, Buttons)]
    assert [one.value for one in group.buttons] == ["c1.Boards", "c1.Teams", "c1"]
    assert sheet.parts[0] == replace(
        writer.reply(reply()).parts[0], text="Which?", links=frozenset()
    )


def test_what_no_button_brings_back_is_no_choice() -> None:
    sheet = writer.reply(reply(suggestions=("x" * (LONGEST_CHOICE + 1), "Boards")))
    assert actions(sheet) == ["suggest.1", PERSON]


@pytest.mark.parametrize(
    ("act", "offer", "person"),
    [
        (SmallTalk("Hello!"), False, False),
        (SmallTalk("I hear you."), True, True),
        (Handoff("Ticket T-7.", HandoffReason.ASKED_FOR_HUMAN), True, False),
        (Abstention("Not known.", AbstainReason.WEAK_SOURCE, ()), False, True),
    ],
)
def test_a_person_is_offered_where_one_may_help(act: Act, offer: bool, person: bool) -> None:
    assert (PERSON in actions(writer.reply(reply(act, offer_human=offer)))) == person


def test_a_ticket_can_be_taken_back() -> None:
    handed = Handoff("Ticket T-7.", HandoffReason.URGENT, ticket="t7", number="T-7")
    sheet = writer.reply(reply(handed))
    [button] = [one for part in sheet.parts if isinstance(part, Buttons) for one in part.buttons]
    assert (button.action, button.value) == (CANCEL, f"{reply(handed).conversation}.t7")
    assert button.confirm is not None
    assert button.confirm.title == "Ticket T-7"
    assert actions(writer.reply(reply(replace(handed, ticket=None)))) == []


def test_only_answers_are_shared_and_by_whom_is_said() -> None:
    sheet = writer.reply(reply())
    assert actions(writer.shareable(sheet, reply()))[-1] == SHARE
    talk = reply(SmallTalk("Hello!"))
    assert SHARE not in actions(writer.shareable(writer.reply(talk), talk))
    shared = writer.shared(reply(), "How?", "ann", frozenset())
    assert isinstance(shared.parts[0], Quote)
    assert Mention("ann") in shared.parts[0].intro
    assert shared.parts[0].text == "How?"


def test_the_question_stands_above_where_nobody_sees_it_otherwise() -> None:
    sheet = writer.reply(reply(), "How do I <add> one?")
    assert sheet.parts[0] == Quote(("You asked:",), "How do I <add> one?")
    assert without_question(sheet) == writer.reply(reply())


def test_a_person_s_words_say_whose_they_are() -> None:
    message = Message("c1", Author.AGENT, "Hi Mei,\nit works **again**.")
    named = writer.from_agent(message, "Li *", Locale.EN)
    assert named.parts[0] == Markdown(message.text, breaks=True)
    assert sources(named) == ["Li *, from the support team"]
    assert sources(writer.from_agent(message, None, Locale.ZH)) == ["客服团队"]
    notice = writer.notice(Message("c1", Author.SYSTEM, "Ticket T-7 is resolved."))
    assert sources(notice) == ["Ticket T-7 is resolved."]
