"""Markdown as Feishu's cards take it: nobody's words are marks, tags, addresses or emoji."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chat.markdown import plain
from bot.channels.feishu import markup

GUIDE = "https://help.example.com/guide?a=1&b=2"
# What Feishu reads as more than text: tags, marks, links, emoji, addresses.
READ = re.compile(r"<[a-zA-Z/!]|[*_~`\[\]\\|$]|:\w+:|\w+://|\bwww\.|mailto:", re.ASCII)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<at id=all></at>", "&#60;at id=all&#62;&#60;/at&#62;"),
        ("**not bold**", "&#42;&#42;not bold&#42;&#42;"),
        ("[a](https://evil.example)", "&#91;a&#93;(https&#58;//evil.example)"),
        ("see www.evil.example", "see www&#46;evil.example"),
        (":OK: at 10:30", "&#58;OK: at 10:30"),
        ("&lt;at&gt;", "&#38;lt;at&#38;gt;"),
        ("- a\n1. b\n# c\n+ d\n= e", "&#45; a\n1&#46; b\n&#35; c\n&#43; d\n&#61; e"),
        ("a - b, 1. c", "a - b, 1. c"),
        ("你好：世界！", "你好：世界！"),
    ],
)
def test_words_stay_words(text: str, shown: str) -> None:
    assert markup.escape(text) == shown


@given(st.text(alphabet="<>/at id=all*_~`[]()!:OK#-+=1.2 \n\\&;hpswm$|你"))
def test_nothing_that_is_escaped_is_read_as_more_than_text(text: str) -> None:
    shown = re.sub(r"&#\d+;", "", markup.escape(text))
    assert not READ.search(shown), shown
    assert not re.search(r"^\s*([-+=#]|\d+[.)])", re.sub(r"&#\d+;", "x", markup.escape(text)), re.M)


def test_links_lead_where_they_may() -> None:
    text = f"See [the guide]({GUIDE}) and [that](https://evil.example/a_b)."
    [shown] = markup.render(text, {GUIDE})
    assert shown == f"See [the guide]({GUIDE}) and that."
    [shown] = markup.render("Look: https://x.example/a_(b)_c.", None)
    assert shown == (
        "Look: [https&#58;//x.example/a&#95;(b)&#95;c](https://x.example/a%5F%28b%29%5Fc)."
    )
    assert markup.link("javascript:alert(1)", "x") == "x"
    assert markup.link("https://x.example/?q=&lt;", "") == (
        "[https&#58;//x.example/?q=&#38;lt;](https://x.example/?q=&amp;lt;)"
    )


def test_blocks() -> None:
    text = "# Title\n\nOne **two** *three* ~~four~~.\n\n- a\n  - b\n\n    c\n2. d\n\n> e\n\n---\n"
    assert markup.render(text) == [
        "**Title**",
        "One **two** *three* ~~four~~.",
        "- a\n    - b\n        c",
        "2. d",
        "> e",
        "———",
    ]


def test_in_code_no_tag_notifies() -> None:
    assert markup.render("```\n<at id=all></at> a_b\n```") == [
        "```\n<\u200bat id=all><\u200b/at> a_b\n```"
    ]
    assert markup.render("`<person id=x>` and `a_b`") == ["`<\u200bperson id=x>` and `a_b`"]
    fence = markup.render("````\n```\n````")[0]
    assert fence.count("```") == 2


def test_tables_beyond_those_that_a_card_takes_are_code() -> None:
    table = "| a | b |\n|---|---|\n| 1 | <at> |\n"
    shown = markup.render("\n".join([table] * 6))
    assert shown[0] == "| a | b |\n| --- | --- |\n| 1 | &#60;at&#62; |"
    assert [one.startswith("```") for one in shown] == [False] * 4 + [True] * 2


def test_marks_stand_apart_from_words() -> None:
    assert markup.render("看板**很多**列") == ["看板 **很多** 列"]
    assert markup.render("（**很多**）。") == ["（**很多**）。"]


def test_lines_end_as_people_write_them() -> None:
    assert markup.render("a\nb", breaks=True) == ["a\nb"]
    assert markup.render("a\nb") == ["a b"]
    assert markup.render("看\n板") == ["看板"]


def test_a_quotation_is_of_words() -> None:
    assert markup.quote("> *x*\n\n- y") == "> &#62; &#42;x&#42;\n> \n> &#45; y"


@given(st.text(alphabet="ab *_`[]()<>#\n-1.|!~\\"))
def test_whatever_is_written_can_be_drawn(text: str) -> None:
    for shown in markup.render(text):
        assert shown.strip()
    plain(text)
