"""What a sheet says stands in blocks within Slack's limits, and nothing in it is an order."""

from typing import Any

import pytest

from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Facts,
    Heading,
    Markdown,
    Paragraph,
    Part,
    Sheet,
    Small,
)
from bot.channels.chat.text import Bold, Faint, Line, Link, Mention, Moment
from bot.channels.slack import elements
from bot.channels.slack.drawing import draw, draw_form, line, pages
from bot.channels.slack.elements import LONGEST_SAID, LONGEST_TEXT, MOST_BLOCKS, Block
from tests.channels.chat.sheets import EVERYTHING, FORM, NOON
from tests.channels.slack.goldens import check_blocks, check_golden, check_view

EVIL = "<!channel> <@U1> <https://evil.test|T-1> & so"
SAFE = "&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.test|T-1&gt; &amp; so"


def said(blocks: list[Block]) -> int:
    return sum(len(one["text"]["text"]) for one in blocks if one["type"] == "section")


def test_every_part_is_drawn() -> None:
    blocks = draw(EVERYTHING)
    check_blocks(blocks)
    check_golden("drawing", blocks)


def test_a_form_is_a_modal() -> None:
    view = draw_form(FORM)
    check_view(view)
    check_golden("drawing_form", view)


@pytest.mark.parametrize(
    ("spans", "shown"),
    [
        ((EVIL,), SAFE),
        ((Bold(EVIL),), f"*{SAFE}*"),
        ((Faint("a\nb"), Bold(" ")), "_a b_"),
        ((Link("a|b", "https://a.test/?a=1&b"),), "<https://a.test/?a=1&amp;b|a¦b>"),
        ((Link(EVIL, "javascript:x"),), SAFE.replace("|", "¦")),
        ((Bold("Late:"), " now"), "*Late:* now"),
        (("由", Bold("Lee"), "处理"), "由\u200b*Lee*\u200b处理"),
        ((Mention("U1"), " said"), "<@U1> said"),
        ((Moment(NOON, "<noon>"),), "<!date^1772452800^{date_short_pretty} {time}|&lt;noon&gt;>"),
    ],
)
def test_lines_hold_words_as_data(spans: Line, shown: str) -> None:
    assert line(spans) == shown


@pytest.mark.parametrize("text", ["x" * 9000, "line\n" * 3000, "<" * 2000, "行" * 7000])
def test_a_text_of_any_length_is_whole(text: str) -> None:
    found = pages(Sheet("T-1", (Heading("T-1"), Paragraph(((text,),)))))
    drawn = [draw(sheet) for sheet in found]
    for blocks in drawn:
        check_blocks(blocks)
        assert said(blocks) <= LONGEST_SAID
    shown = [one["text"]["text"] for blocks in drawn for one in blocks if one["type"] == "section"]
    assert max(map(len, shown)) <= LONGEST_TEXT
    whole = elements.escape(text).replace("\n", "")
    assert "".join(shown).replace("\n", "") == whole
    assert found[0].parts[0] == Heading("T-1")


def test_a_long_line_is_broken_at_a_word_and_outside_of_a_link() -> None:
    link = Link("the guide", "https://a.test/guide")
    long: Line = ("word " * 595, Bold("see:"), " ", link, " and so on" * 400)
    (sheet,) = pages(Sheet("T-1", (Paragraph((long,)),)))
    first, *others = (one["text"]["text"] for one in draw(sheet))
    assert first.endswith("*see:* ")
    assert sum("<https://a.test/guide|the guide>" in text for text in others) == 1
    assert all(len(text) <= LONGEST_TEXT for text in others)


def test_nothing_is_drawn_of_nothing() -> None:
    empty: tuple[Part, ...] = (Facts(()), Small((("",),)), Paragraph((("",), (" \n",))))
    assert draw(Sheet("T-1", (*empty, Buttons("none", ()), Markdown("")))) == []


@pytest.mark.parametrize("text", ["All of it.\n\n" * 60, f"{'word ' * 100}\n\n" * 40])
def test_an_answer_that_is_too_long_says_so_and_keeps_its_buttons(text: str) -> None:
    blocks = draw(Sheet("T-1", (Markdown(text, more="It goes on."), *EVERYTHING.parts[5:])))
    check_blocks(blocks)
    assert said(blocks) <= LONGEST_SAID
    kinds = [one["type"] for one in blocks]
    assert kinds[-4:] == ["context", "actions", "actions", "context_actions"]
    (more,) = blocks[-5]["elements"]
    assert more["text"] == "It goes on."


def test_a_whole_answer_says_nothing_of_more() -> None:
    (block,) = draw(Sheet("T-1", (Markdown("All of it.", more="It goes on."),)))
    assert block["text"]["text"] == "All of it."


def test_more_than_a_block_takes_is_in_several() -> None:
    facts: list[Line] = [(f"Fact {n}",) for n in range(23)]
    buttons = tuple(Button(f"b.{n}", "Label " * 30, "v") for n in range(30))
    blocks = draw(Sheet("T-1", (Facts(tuple(facts)), Buttons("b", buttons), Small(tuple(facts)))))
    check_blocks(blocks)
    counts: list[Any] = [len(one.get("fields") or one["elements"]) for one in blocks]
    assert counts == [10, 10, 3, 25, 5, 10, 10, 3]
    assert len({one.get("block_id") for one in blocks}) == 3


def test_parts_go_on_in_the_next_post() -> None:
    parts = tuple(Paragraph(((f"Line {n}",),)) for n in range(2 * MOST_BLOCKS))
    found = pages(Sheet("T-1", parts, is_loud=True))
    assert [len(sheet.parts) for sheet in found] == [49, 49, 2]
    assert all(sheet.notice == "T-1" and sheet.is_loud for sheet in found)
