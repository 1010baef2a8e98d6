"""One walk over Markdown: what a dialect says is what stands, and what is text is its data."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.channels.chat.markdown_writer import Dialect, Piece, Table, fenced, is_wide, write

GUIDE = "https://help.example.com/guide"


def _table(table: Table) -> str:
    return f"{table.number}: {table.written} {table.plain}"


PLAIN = Dialect(
    escape=lambda text: text.replace("x", "×"),
    link=lambda url, label: f"<{label} at {url}>",
    table=_table,
    emphasis=lambda mark, text: f"{mark}{text}{mark}",
)
OTHER = replace(
    PLAIN,
    code=str.upper,
    marks={"strong": "!", "em": "?", "s": "-"},
    bullets=("+", "++"),
    indent="  ",
    line_end="/",
    quoted_gap="\n\n",
    rule="___",
)


def _shown(markdown: str, dialect: Dialect = PLAIN) -> list[str]:
    return list(write(markdown, dialect, (), breaks=False))


@pytest.mark.parametrize(
    ("markdown", "plain", "other"),
    [
        ("**a** *b* ~~c~~ `dx`", "**a** *b* ~~c~~ `dx`", "!a! ?b? -c- `DX`"),
        ("# a **b** *c*\nd", "**a b *c***", "!a b ?c?!"),
        ("- a\n  - b\n    - c", "- a\n    - b\n        - c", "+ a\n  ++ b\n    ++ c"),
        ("3. a\n4. b", "3. a\n4. b", "3. a\n4. b"),
        ("-\n- a", "- \n- a", "+ \n+ a"),
        ("> a\n>\n> b", "> a\n> b", "> a\n> \n> b"),
        ("```x\nfox\n```", "```\nfox\n```", "```\nFOX\n```"),
        ("    fox", "```\nfox\n```", "```\nFOX\n```"),
        ("a\\\nb", "a\nb", "a/b"),
        ("***", "———", "___"),
        ("![fox](i.png) &amp; <b>", "fo× & <b>", "fo× & <b>"),
        ("`` a`b ``", "`aˋb`", "`AˋB`"),
    ],
)
def test_each_in_its_dialect(markdown: str, plain: str, other: str) -> None:
    assert _shown(markdown)[0] == plain
    assert _shown(markdown, OTHER)[0] == other


def test_a_text_for_each_block_that_says_something() -> None:
    assert _shown("a\n\n#\n\n- b\n\n&nbsp;\n\nc") == ["a", "- b", "c"]


def test_no_mark_inside_of_the_same_one() -> None:
    assert _shown("**a *b **c** d* e**") == ["**a *b c d* e**"]


def test_a_fence_holds_what_it_holds() -> None:
    assert fenced("a\n```\nb") == "```\na\n`\u200b`\u200b`\nb\n```"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [("a\nb", "a b"), ("中\n文", "中文"), ("中\nb", "中 b"), ("中\n**文**", "中 **文**")],
)
def test_a_new_line_stays_one_only_where_people_write(markdown: str, shown: str) -> None:
    assert _shown(markdown) == [shown]
    assert write(markdown, PLAIN, (), breaks=True) == [markdown]
    assert write(markdown, OTHER, (), breaks=True)[0].count("/") == 1


def test_a_dialect_says_what_is_wide() -> None:
    assert _shown("中\n文", replace(PLAIN, is_wide=lambda _: False)) == ["中 文"]


def test_what_is_wide() -> None:
    assert [is_wide(one) for one in ("中", "。", "한", "a", "é", "")] == [True] * 3 + [False] * 3


def test_links_lead_only_where_they_may() -> None:
    markdown = f"[the *guide*]({GUIDE}), [a *fox*](https://evil.example), [m](mailto:x@b.test)"
    assert write(markdown, PLAIN, {GUIDE}, breaks=False) == [f"<the guide at {GUIDE}>, a *fo×*, m"]
    assert write(markdown, PLAIN, None, breaks=False) == [
        f"<the guide at {GUIDE}>, <a fox at https://evil.example>, m (mailto:×@b.test)"
    ]


def test_addresses_that_people_write() -> None:
    written = "fox，请看https://a.test/x?y=1。`https://a.test`"
    linked = "fo×，请看<https://a.test/x?y=1 at https://a.test/x?y=1>。`https://a.test`"
    bare = "fo×，请看https://a.test/×?y=1。`https://a.test`"
    assert write(written, PLAIN, None, breaks=True) == [linked]
    assert write(written, PLAIN, {GUIDE}, breaks=True) == [bare]
    assert write(written, replace(PLAIN, links_addresses=False), None, breaks=True) == [bare]


def test_tables_are_counted_in_each_text() -> None:
    table = "| a | **x** |\n|---|---|\n| 1 |"
    first, second = (
        f"{number}: [['a', '**×**'], ['1', '']] [['a', 'x'], ['1', '']]" for number in (1, 2)
    )
    assert _shown(f"{table}\n\n{table}") == [first, second]
    assert _shown(table) == [first]


def test_a_line_is_put_together_of_its_pieces() -> None:
    seen: list[Sequence[Piece]] = []

    def line(pieces: Sequence[Piece]) -> str:
        seen.append(pieces)
        return "+".join(piece.text for piece in pieces)

    assert _shown("ax **b** `c`", replace(PLAIN, line=line)) == ["a× +**b**+ +`c`"]
    assert [
        Piece("text", "ax ", "a× "),
        Piece("strong", "", "**b**"),
        Piece("text", " ", " "),
        Piece("code_inline", "c", "`c`"),
    ] in seen


def test_what_follows_in_an_item() -> None:
    inner = replace(PLAIN, item_part=lambda part, indent: f"{indent}[{part}]")
    assert _shown("- a\n\n  b\n  - c\n\n    d", inner) == [
        "- a\n    [b]\n    [    - c\n        [d]]"
    ]
