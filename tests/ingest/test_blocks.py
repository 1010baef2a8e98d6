import pytest

from ingest.article import Block, BlockKind
from ingest.blocks import Heading, read_blocks

PARAGRAPH, LIST, TABLE = BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.TABLE
CODE, QUOTE = BlockKind.CODE, BlockKind.QUOTE


def blocks(text: str) -> list[tuple[BlockKind, str, str]]:
    return [
        (piece.kind, piece.markdown, piece.plain)
        for piece in read_blocks(text)
        if isinstance(piece, Block)
    ]


def block(text: str) -> tuple[BlockKind, str, str]:
    (only,) = blocks(text)
    return only


def heading(text: str) -> Heading:
    (only,) = read_blocks(text)
    assert isinstance(only, Heading)
    return only


@pytest.mark.parametrize(
    ("source", "level", "plain", "custom_id"),
    [
        ("## Set up", 2, "Set up", None),
        ("Set up\n======", 1, "Set up", None),
        ("Set up\n------", 2, "Set up", None),
        ("### Set **up** `x` {#custom-id}", 3, "Set up x", "custom-id"),
        ("# A {: #b .c}", 1, "A", "b"),
        ("# A {.c}", 1, "A", None),
        ("# A {name}", 1, "A {name}", None),
        ("# 设置 😀 ![i](j)", 1, "设置 😀", None),
        ("# A <Badge>v2</Badge>", 1, "A v2", None),
        ("<h2>From HTML</h2>", 2, "From HTML", None),
    ],
)
def test_headings(source: str, level: int, plain: str, custom_id: str | None) -> None:
    found = heading(source)
    assert (found.level, found.plain, found.custom_id) == (level, plain, custom_id)


@pytest.mark.parametrize("source", ["#", "# ![only](a.png)", "---", "<div></div>"])
def test_what_shows_no_text_gives_nothing(source: str) -> None:
    assert read_blocks(source) == []


def test_an_image_is_seen_where_it_stands_but_not_read() -> None:
    assert block("![a](b.png)") == (PARAGRAPH, "![a](b.png)", "")
    assert block('<p><img src="b.png" alt="a"></p>') == (PARAGRAPH, "![a](b.png)", "")
    source = "1. a\n\n   ![b](c.png)\n\n2. d"
    assert block(source) == (LIST, "1. a\n\n   ![b](c.png)\n2. d", "a\nd")


def test_a_bold_line_is_a_paragraph() -> None:
    assert block("**Only bold**") == (PARAGRAPH, "**Only bold**", "Only bold")


def test_a_list_is_one_block_with_its_numbers_and_its_nesting() -> None:
    source = "3. a\n   - b\n\n     more\n4. ![only](c.png)\n5. d\n\n       code\n"
    assert block(source) == (
        LIST,
        "3. a\n   - b\n\n     more\n4. ![only](c.png)\n5. d\n\n   ```\n   code\n   ```",
        "a\nb\nmore\nd\ncode",
    )


def test_a_heading_in_a_list_is_a_bold_line() -> None:
    assert block("- # a\n  b") == (LIST, "- **a**\n\n  b", "a\nb")


def test_a_table_is_kept_row_by_row() -> None:
    source = "| a | b \\| c |\n|:--|--:|\n| 1<br>2 | **x** |\n| | |\n| ![i](j) | [y](z) |"
    assert block(source) == (
        TABLE,
        "| a | b \\| c |\n| --- | --- |\n| 1 2 | **x** |\n| ![i](j) | [y](z) |",
        "a b | c\n1 2 x\ny",
    )


def test_a_table_of_html_is_a_table() -> None:
    source = "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>c</td><td>d</td></tr>\n</table>"
    assert block(source) == (TABLE, "| a | b |\n| --- | --- |\n| c | d |", "a b\nc d")


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("```js title=a\nx\n\ny\n```", "```js\nx\n\ny\n```"),
        ("~~~\nx\n~~~", "```\nx\n```"),
        ("    x\n    y", "```\nx\ny\n```"),
        ("````\n```\nx\n```\n````", "````\n```\nx\n```\n````"),
        ("```{.python}\nx\n```", "```\nx\n```"),
        ("<pre><code>a &lt; b</code></pre>", "```\na < b\n```"),
    ],
)
def test_code_keeps_its_lines_and_language(source: str, markdown: str) -> None:
    kind, found, plain = block(source)
    assert (kind, found) == (CODE, markdown)
    assert plain == "\n".join(markdown.split("\n")[1:-1])


@pytest.mark.parametrize(
    ("source", "markdown", "plain"),
    [
        ("> a\n> b\n>\n> c", "> a b\n>\n> c", "a b\nc"),
        ("> [!NOTE]\n> a", "> a", "a"),
        ("> [!tip]- Title\n> a", "> Title a", "Title a"),
        ("> [!NOTE]\n>\n> - a", "> - a", "a"),
        ("::: tip\na\n:::", "> a", "a"),
        ("::: tip Read first\na\n:::", "> **Read first**\n>\n> a", "Read first\na"),
        (":::info{title=提示}\na\n:::", "> a", "a"),
        (':::info{title="其他"}\na\n:::', "> **其他**\n>\n> a", "其他\na"),
        ("!!! note\n    a\n\n    b", "> a\n>\n> b", "a\nb"),
        ('!!! warning "Mind this"\n    a', "> **Mind this**\n>\n> a", "Mind this\na"),
        ("> # a\n> b", "> **a**\n>\n> b", "a\nb"),
    ],
)
def test_quotes_and_admonitions(source: str, markdown: str, plain: str) -> None:
    assert block(source) == (QUOTE, markdown, plain)


def test_code_in_a_quote_stands_beside_it() -> None:
    assert [kind for kind, _, _ in blocks("> a\n> ```\n> b\n> ```\n> c")] == [QUOTE, CODE, QUOTE]


def test_layout_and_headings_make_a_directive_transparent() -> None:
    assert blocks("::: tabs\na\n:::")[0][0] is PARAGRAPH
    pieces = read_blocks("::: tip\n## A\n\nb\n:::")
    assert [type(piece) for piece in pieces] == [Heading, Block]


def test_details_lose_their_tags_only() -> None:
    source = "<details>\n<summary>More</summary>\n\n**a**\n\n</details>"
    assert [markdown for _, markdown, _ in blocks(source)] == ["**More**", "**a**"]


def test_links_inside_of_html_find_their_targets() -> None:
    source = "<div>\nSee [a][b].\n</div>\n\n[b]: c.md"
    assert block(source)[1] == "See [a](c.md)."


def test_a_footnote_follows_the_block_that_refers_to_it() -> None:
    source = "a[^1] b[^1]\n\nc\n\n[^1]: note\n\n[^2]: unused"
    plain = [plain for _, _, plain in blocks(source)]
    assert plain == ["a b", "note", "c", "unused"]


def test_every_block_knows_its_line() -> None:
    text = "a\n\n- b\n- c\n\n<p>d</p>\n\n| e |\n|---|\n| f |\n\n## G\n\n> h"
    assert [piece.line for piece in read_blocks(text)] == [1, 3, 6, 8, 12, 14]
    assert [piece.line for piece in read_blocks(text, first_line=11)] == [11, 13, 16, 18, 22, 24]


def test_a_list_has_its_items_and_their_blocks_as_parts() -> None:
    (listing,) = read_blocks("- a\n\n  b\n- c")
    assert isinstance(listing, Block)
    assert [(item.markdown, item.line) for item in listing.parts] == [("- a\n\n  b", 1), ("- c", 4)]
    assert [part.plain for part in listing.parts[0].parts] == ["a", "b"]
