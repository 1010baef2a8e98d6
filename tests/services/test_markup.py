import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.markup import (
    Code,
    Item,
    Text,
    canonical,
    join,
    read,
    split,
    visible,
    with_ids,
    words_of,
    write_ids_plainly,
)
from tests.grammar import strays


def test_visible_drops_what_nobody_sees() -> None:
    hidden = "\u200b\u202e\u2066\ufeff\U000e0041\x00\x1b\ud800\ue000\ufe0f\u3164"
    assert visible(f"a{hidden}b\r\nc\u2028d\te") == "ab\nc\nd    e"
    assert visible("e" + "\u0301" * 50) == "e\u0301\u0301"
    assert visible("表情 👍，ünï") == "表情 👍，ünï"


def test_read_finds_paragraphs_lists_and_code() -> None:
    text = (
        "# Title\n\nOne\ntwo\n\n> quoted\n\n- a\n  - b\n  more\n\n- [x] c\n\nafter\n"
        "```py\n  x = 1\n    y\n```\n1) d\n***\nlast\n~~~\nopen"
    )
    assert read(text) == [
        Text((Item("One two"),)),
        Text((Item("quoted"),)),
        Text((Item("a", "-"), Item("b more", "-", 1), Item("c", "-"))),
        Text((Item("after"),)),
        Code("py", "x = 1\n  y"),
        Text((Item("d", "1."),)),
        Text((Item("last"),)),
        Code("", "open"),
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One [1]. Two [2].", ["One [1].", "Two [2]."]),
        ("One. [1] Two. [1][2] Three", ["One. [1]", "Two. [1][2]", "Three"]),
        ("一[1]。二。[2]三！", ["一[1]。", "二。[2]", "三！"]),
        ("Use e.g. 3.5 or v2.0.1, etc. if you can.", ["Use e.g. 3.5 or v2.0.1, etc. if you can."]),
        ("See `a. b? c` now. Then go.", ["See `a. b? c` now.", "Then go."]),
        ("See https://a.example/?q=x! now.", ["See https://a.example/?q=x! now."]),
        ("**Really?** Yes. It is so [1].", ["**Really?**", "Yes. It is so [1]."]),
        ("可以。点击保存 [1]。", ["可以。点击保存 [1]。"]),
        ("<!-- a. b --> One.", ["<!-- a. b --> One."]),
    ],
)
def test_split(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_ids_are_written_plainly_outside_of_code() -> None:
    text = "a【1】b［２］c[^3]d [1, 2] e[1，2] `x[^1]` [2026]"
    assert write_ids_plainly(text) == "a[1]b[2]c[3]d [1][2] e[1][2] `x[^1]` [2026]"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*em* and __bold__ and ~~gone~~ [1]", "em and **bold** and gone [1]"),
        ("half **bold [1]", "half bold [1]"),
        ("snake_case and 5 * 3 [1]", "snake_case and 5 * 3 [1]"),
        ("[Save] and \\[x\\] [1]", "Save and x [1]"),
        ("A &amp; B &lt; 5 [1]", "A & B < 5 [1]"),
        ("# > - 1. text [1]", "text [1]"),
        ("``a b`` and `c [1]", "`a b` and c [1]"),
        ("[label](target) [1]", "label [1]"),
        ("Great![1]", "Great! [1]"),
    ],
)
def test_canonical(text: str, written: str) -> None:
    sentence = canonical(text)
    assert sentence is not None
    assert sentence.text == written


@pytest.mark.parametrize(
    "text",
    ["<b>x [1]", "&amp;lt;b [1]", "![x](y) [1]", "![x][y] [1]", "x](y) [1]", "[1]: x", "| x [1] |"],
)
def test_canonical_refuses(text: str) -> None:
    assert canonical(text) is None


def test_a_sentence_knows_its_parts() -> None:
    sentence = canonical("Run `a [9]` in **B** [2], see [here](there) [1][2].")
    assert sentence is not None
    assert sentence.ids == (2, 1)
    assert sentence.code == ("a [9]",)
    assert sentence.targets == ("there",)
    assert sentence.body == "Run   in **B** , see here ."
    assert sentence.ends_with_ids
    assert sentence.renumbered({2: 1, 1: 1}) == "Run `a [9]` in **B** [1], see here [1]."


def test_lead_ins_and_joints() -> None:
    assert with_ids("To do so:", (1, 3)) == "To do so [1][3]:"
    assert with_ids("步骤：", (2,)) == "步骤 [2]："
    assert join(["One.", "Two.", "三。", "四。"]) == "One. Two. 三。四。"


FRAGMENTS = (
    *("[1]", "[2]", "](", "[", "]", "(", ")", "!", "<", ">", "b", "script", "//evil.test"),
    *("*", "**", "***", "_", "__", "`", "``", "```", "~~~", "\n", "    ", "- ", "1. ", "2) ", "# "),
    *(
        "|",
        "---",
        "===",
        "\\",
        "&lt;",
        "&#60;",
        "&amp;",
        "&nbsp;",
        ":",
        ".",
        " ",
        "。",
        "\u3000",
        "一",
    ),
)


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14).map("".join))
@settings(derandomize=True, deadline=None, max_examples=1_000)
def test_canonical_text_is_inside_the_grammar_wherever_it_stands(text: str) -> None:
    sentence = canonical(f"{text} [1].")
    if sentence is not None:
        for place in ("{}", "- {}", "1. a\n    - {}", "a [2]. {}", "{} {}"):
            assert not strays(place.format(sentence.text, sentence.text))


def test_what_a_piece_says_stands_in_one_line_without_marks() -> None:
    markdown = (
        "## Guests\n\nGuests see **everything** in `Settings`:\n\n- **Public**: all\n- [help](https://a.example)\n"
        "\n| Area | Guest |\n|---|---|\n| Tasks | visible |\n\n```\ncode\n```\n\nNothing else."
    )
    assert words_of(markdown) == (
        "Guests see everything in Settings: Public: all help Nothing else."
    )
    assert words_of("| Area | Guest |\n|---|---|\n| Tasks | visible |") == ""
