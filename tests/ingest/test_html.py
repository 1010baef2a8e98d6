import pytest

from ingest.html import MAX_SPAN, MAX_SPANNED, attribute_of, html_to_markdown, is_markup


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One</p><p>Two</p>", "One\n\n\n\nTwo"),
        ("a<br>b<br/>c", "a  \nb  \nc"),
        ("<b>Bold</b> <code>x</code>", "**Bold** `x`"),
        ('<a href="u?a=1&amp;b=2">text</a>', "[text](<u?a=1&b=2>)"),
        ('<a name="x"></a>text', "text"),
        ("<h2>Title</h2>", "## Title"),
        ("<pre>a\n  b &lt; c</pre>", "```\na\n  b < c\n```"),
        ("<summary>More</summary>", "**More**"),
        ("<script>if (a < b) {}</script>text", "text"),
        ("<style>p {}</style>text<svg><path/></svg>", "text"),
        ("<!-- gone <b>too</b> -->text", "text"),
        ("<!-- never closed", ""),
        ("a <!DOCTYPE html> b", "a  b"),
        ("1 < 2 &amp; 3 &gt; 2", "1 &lt; 2 & 3 > 2"),
        ("put <version> here", "put `<version>` here"),
        ("see <https://a.example/b>", "see https://a.example/b"),
        ("<unclosed", "&lt;unclosed"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html).strip() == markdown


def test_lists_are_nested_and_numbered() -> None:
    html = "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>"
    assert html_to_markdown(html) == "- a\n    1. b\n    2. c\n- d"


def test_a_table_keeps_its_rows_and_repeats_what_spans_them() -> None:
    html = """<table><thead><tr><th>Plan</th><th colspan="2">Limit</th></tr></thead>
    <tr><td rowspan=2><p>Team</p></td><td>a|b</td><td>1</td></tr>
    <tr><td>c<ul><li>x</li><li>y</li></ul></td><td>2</td></tr></table>"""
    assert html_to_markdown(html).splitlines() == [
        "| Plan | Limit |  |",
        "| --- | --- | --- |",
        "| Team | a\\|b | 1 |",
        "| Team | c • x • y | 2 |",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><td>only</td></tr></table>", "only"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\n\nb"),
        ("<table></table>", ""),
        ("<table><tr><td></td><td></td></tr></table>", ""),
        ("<td>stray</td>", "stray"),
    ],
)
def test_a_table_for_layout_becomes_text(html: str, text: str) -> None:
    assert html_to_markdown(html).strip() == text


def test_a_table_inside_of_a_cell_becomes_its_text() -> None:
    inner = "<table><tr><td>d</td></tr></table>"
    rows = f"<tr><td>a</td><td>b</td></tr><tr><td>c</td><td>{inner}</td></tr>"
    assert html_to_markdown(f"<table>{rows}</table>").splitlines()[-1].split() == [
        "|",
        "c",
        "|",
        "d",
        "|",
    ]


def test_spans_cannot_blow_a_table_up() -> None:
    row = "<tr><td>a</td><td rowspan=9999 colspan=9999>b</td></tr>"
    markdown = html_to_markdown(f"<table>{row * 300}</table>")
    assert markdown.count("|") < 2 * 300 * (MAX_SPAN + 2) + 10 * MAX_SPANNED


@pytest.mark.parametrize(
    ("name", "attributes", "expected"),
    [
        ("div", "", True),
        ("el-button", "", True),
        ("Tabs", ' items={["a"]}', True),
        ("Badge", "", True),
        ("Card", " title='x' /", True),
        ("version", "", False),
        ("your", " name", False),
        ("Your", " Name", False),
        ("YOUR_KEY", "", False),
    ],
)
def test_placeholders_are_told_from_tags(name: str, attributes: str, expected: bool) -> None:
    assert is_markup(name, attributes) is expected


@pytest.mark.parametrize(
    ("attributes", "href"),
    [
        (' href="a b"', "a b"),
        (" target=_blank HREF='x'", "x"),
        (" href=x.md", "x.md"),
        (' name="x"', ""),
        (" data-href=x", "x"),
    ],
)
def test_link_targets(attributes: str, href: str) -> None:
    assert attribute_of(attributes, "href") == href
