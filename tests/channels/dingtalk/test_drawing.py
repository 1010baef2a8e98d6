"""What a sheet says stands on a card within DingTalk's limits, and nothing in it is an order."""

import json

import pytest

from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Heading,
    Markdown,
    Paragraph,
    Sheet,
)
from bot.channels.dingtalk.buttons import Seal, unpack
from bot.channels.dingtalk.drawing import (
    LONGEST_BUTTON,
    LONGEST_NOTICE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    data_of,
    data_of_live,
    draw,
    live_text,
    notice,
    pages,
    plain,
    spread,
)
from tests.channels.chat.sheets import EVERYTHING, THUMBS
from tests.channels.dingtalk.goldens import check_golden

AT = "corp/cid"
SEAL = Seal("secret")


def test_every_part_is_drawn() -> None:
    card = draw(EVERYTHING, AT, {"U2": "Mei *"})
    assert card.named == ("U2",)
    check_golden("drawing", data_of(card, SEAL))


def test_a_card_that_is_written_shows_its_text_alone() -> None:
    check_golden("drawing_live", data_of_live("So far"))


def test_what_there_is_no_room_for_is_cut() -> None:
    button = Button("a", "b" * 100, "v")
    long = Sheet("n " * 500, (Heading("h" * 300), Buttons("x", (button,)), Markdown("w " * 9000)))
    card = draw(long, AT)
    data = data_of(card, SEAL)
    assert len(card.title) == LONGEST_TITLE
    assert len(data["staticMsgContent"].encode()) <= LONGEST_TEXT
    layout = json.loads(data["sys_full_json_obj"])
    assert len(layout["msgButtons"][0]["text"]) == LONGEST_BUTTON
    assert len(notice(long)) == LONGEST_NOTICE


@pytest.mark.parametrize("text", ["字" * 4000, "a" * 9000, "\\" * 9000, "> x\n\n" * 3000])
def test_a_text_of_one_piece_is_cut_between_characters(text: str) -> None:
    sheet = Sheet("n", (Markdown(text, more="There is more."),))
    card = draw(sheet, AT)
    assert len(card.text.encode()) <= LONGEST_TEXT
    assert card.text.endswith("There is more.")
    assert "\ufffd" not in card.text


@pytest.mark.parametrize("word", ["word ", "字", "a\n", "*"])
def test_what_people_write_is_spread_over_cards_with_the_buttons_on_the_last(word: str) -> None:
    text = "\n\n".join(f"Paragraph {n}. {word * 300}" for n in range(12))
    sheets = spread(Sheet("n", (Markdown(text, breaks=True), THUMBS)))
    assert len(sheets) > 1
    cards = [draw(one, AT) for one in sheets]
    assert all(len(one.text.encode()) <= LONGEST_TEXT for one in cards)
    assert [bool(one.buttons) for one in cards] == [False] * (len(cards) - 1) + [True]
    shown = "".join(one.text for one in cards)
    assert all(f"Paragraph {n}." in shown for n in range(12))
    assert shown.count(word.strip()) >= 12 * 300


def test_what_says_that_there_is_more_is_one_card() -> None:
    sheet = Sheet("n", (Markdown("w " * 9000, more="More"),))
    assert spread(sheet) == [sheet]


def test_lines_of_a_packet_go_over_several_pages() -> None:
    sheet = Sheet("n", tuple(Paragraph(((f"Line {n} {'word ' * 100}",),)) for n in range(30)))
    sheets = pages(sheet)
    assert len(sheets) > 1
    assert all(len(draw(one, AT).text.encode()) <= LONGEST_TEXT for one in sheets)


def test_what_asks_first_carries_its_question() -> None:
    (_, _, resolve, *_) = draw(EVERYTHING, AT).buttons
    assert resolve.pressed.ask == ("Ticket T-1", "The customer is told.", "Resolve", "Close")
    packed = SEAL.open(SEAL.id(resolve.pressed))
    assert packed is not None
    assert unpack(packed).at == AT


def test_without_parts_the_notice_is_the_text() -> None:
    assert draw(Sheet("Hello *you*", ()), AT).text == r"Hello \*you\*"


def test_as_a_plain_message_it_says_the_same() -> None:
    text = plain(draw(Sheet("n", (Heading("T-1: *x*"), Paragraph((("words",),)))), AT))
    assert text == "**T-1: \\*x\\***\n\nwords"


def test_as_a_plain_message_it_lists_what_can_be_said_instead_of_pressed() -> None:
    choices = (
        Button("suggest.0", "重置*密码*", "c"),
        Button("suggest.1", "套餐与价格", "c"),
        Button("talk_to_person", "转人工客服", "c"),
    )
    sheet = Sheet("n", (Paragraph((("您想问的是哪一个？",),)), Buttons("choices", choices), THUMBS))
    listed = "- 重置\\*密码\\*\n- 套餐与价格\n- 转人工客服"
    assert plain(draw(sheet, AT)) == f"您想问的是哪一个？\n\n{listed}"
    sheet = Sheet("n", (Paragraph((("Words",),)), Buttons("choices", choices[2:]), THUMBS))
    assert plain(draw(sheet, AT)) == "Words"


def test_what_is_not_known_to_be_allowed_yet_is_no_link() -> None:
    assert live_text("See [this](https://a.test).") == "See this."
