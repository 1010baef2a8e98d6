"""A sheet as a card, within Feishu's limits whatever it says."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.chat.sheet import (
    Buttons,
    Facts,
    Markdown,
    Paragraph,
    Quote,
    Sheet,
    Small,
)
from bot.channels.chat.survey_sheet import SurveySheets
from bot.channels.chat.text import Bold, Faint, Mention
from bot.channels.feishu.drawing import (
    LARGEST,
    draw,
    draw_form,
    draw_live,
    mark,
    note,
    pages,
    plain,
)
from bot.domain.conversation import Locale
from tests.channels.chat.sheets import EVERYTHING, FORM, RESOLVE
from tests.channels.chat.test_ticket_sheet import PROMPTS, TICKET, sheets, view_of
from tests.channels.feishu.goldens import check_card, check_golden, texts_of
from tests.feishu_cards import elements_of

EVIL = "<at id=all></at> **x** https://evil.example"


def size(card: Any) -> int:
    return len(json.dumps(card, ensure_ascii=False).encode())


def test_every_part() -> None:
    card = draw(EVERYTHING, "key", "om_root")
    check_card(card)
    check_golden("parts", card)


def test_a_form() -> None:
    card = draw_form(FORM, {"action": "reply", "value": "v"}, {"action": "close_form"})
    check_card(card)
    check_golden("form", card)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_card_of_a_new_ticket(locale: Locale) -> None:
    card = draw(sheets(locale).card(replace(view_of(), link="https://feishu.test/t")), "k", ".")
    check_card(card)
    check_golden(f"ticket.{locale}", card)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_survey(locale: Locale) -> None:
    survey = SurveySheets(PROMPTS, locale)
    cards = [draw(survey.asked("T-12", "t" * 32)), draw(survey.rated(4, "t" * 32))]
    cards.append(draw_form(survey.form("T-12", "t" * 32), {"action": "a"}, {"action": "b"}))
    for card in cards:
        check_card(card)
    check_golden(f"survey.{locale}", cards)


def test_the_packet_of_a_ticket_fits() -> None:
    for page in pages(sheets(Locale.ZH).packet(TICKET)):
        check_card(draw(page))


def test_nobody_s_words_are_more_than_words() -> None:
    evil = Sheet(
        EVIL,
        (
            Paragraph(((EVIL, Bold(EVIL), Faint(EVIL), Mention("all></at><at id=x")),)),
            Small(((EVIL,),)),
            Quote((EVIL,), EVIL),
            Markdown(EVIL, frozenset()),
            Facts(((EVIL,),)),
        ),
    )
    texts = texts_of(draw(evil))
    for text in texts:
        assert "<at id=all>" not in text
        assert "https:" not in text
    assert sum("**x**" in text for text in texts) == 1  # in Markdown it is one
    for text in texts_of(draw(replace(evil, parts=()))):
        assert "<at" not in text
    assert "<at id=all>" not in plain(evil)


def test_what_is_too_long_is_cut_and_buttons_stay() -> None:
    long = Markdown("\n\n".join(f"第{n}段：" + "长" * 500 for n in range(60)), more="It goes on.")
    card = draw(Sheet("x", (long, Buttons("b", (RESOLVE,)))))
    check_card(card)
    assert size(card) <= LARGEST
    assert texts_of(card)[-1] == "It goes on."
    assert [one["tag"] for one in elements_of(card)].count("button") == 1
    one = draw(Sheet("x", (Markdown("長*" * 20_000),)))
    check_card(one)
    assert len(texts_of(one)[0]) > 2000


def test_as_many_posts_as_a_long_text_needs() -> None:
    lines = tuple(("话" * 300 + f" {n}",) for n in range(100))
    shown = [draw(page) for page in pages(Sheet("x", (Paragraph(lines),)))]
    assert len(shown) > 2
    for card in shown:
        check_card(card)
    said = "\n".join(text for card in shown for text in texts_of(card))
    assert all(f" {n}" in said for n in range(100))


def test_many_buttons_and_lines_keep_within_the_elements() -> None:
    facts = Facts(tuple((f"fact {n}",) for n in range(50)))
    check_card(draw(Sheet("x", (facts, *(Small(((f"s {n}",),)) for n in range(40))))))


def test_a_sheet_without_parts_shows_its_notice() -> None:
    card = draw(Sheet("Only *that*"))
    check_card(card)
    assert texts_of(card) == ["Only &#42;that&#42;"]
    check_card(draw(Sheet("")))


def test_what_is_written_as_it_comes() -> None:
    card = draw_live("Looking…", "Looking…", "answer.1")
    check_card(card)
    assert card["config"]["streaming_mode"] is True
    assert card["body"]["elements"][0]["element_id"] == mark("answer.1")
    check_card(note("T-12: sent"))
