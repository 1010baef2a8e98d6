import pytest

from ingest.inline import is_shown_link, join_lines, render_inline
from ingest.markdown import tokenize_inline


def both(text: str) -> tuple[str, str]:
    inline = render_inline(tokenize_inline(text))
    return inline.markdown, inline.plain


@pytest.mark.parametrize(
    ("source", "markdown", "plain"),
    [
        ("plain, text.", "plain, text.", "plain, text."),
        ("**b** *i* ~~s~~ `c`", "**b** *i* ~~s~~ `c`", "b i s c"),
        ("`` a`b `` and `` ` ``", "``a`b`` and `` ` ``", "a`b and `"),
        ("[text](a.md 'title')", "[text](a.md)", "text"),
        ("[文](中文.md#锚)", "[文](中文.md#锚)", "文"),
        ("[a](<b c.md>)", "[a](<b c.md>)", "a"),
        ("<https://a.example/?b=1>", "https://a.example/?b=1", "https://a.example/?b=1"),
        ("<me@a.example>", "me@a.example", "me@a.example"),
        ("a ![alt](b.png) c", "a ![alt](b.png) c", "a c"),
        ("[![alt](b.png)](c) d", "![alt](b.png) d", "d"),
        ("**![alt](b.png)** d", "![alt](b.png) d", "d"),
        ("![*a* `b`\n[c] | d](<e f(1).png> 'title')", "![a b c d](e%20f%281%29.png)", ""),
        ("![a](图.png) ![](b.png)", "![a](%E5%9B%BE.png) ![](b.png)", ""),
        ("![a](javascript:b) ![c](//d) ![](data:f)", "![a]() ![c]()", ""),
        ('a <img alt="b" src="c.png" onerror="d"> e', "a ![b](c.png) e", "a e"),
        ('wow!<a href="b">c</a>', "wow\\![c](b)", "wow!c"),
        ("[a](javascript:b) [c](//d) [e](data:f)", "a c e", "a c e"),
        ("\\*a\\* \\[b\\] a\\_b", "\\*a\\* \\[b\\] a\\_b", "*a* [b] a_b"),
        ("&lt;b&gt; &amp; &nbsp;&copy;", "&lt;b&gt; &amp; ©", "<b> & ©"),
        ("a<br>b  \nc", "a  \nb  \nc", "a\nb\nc"),
        ("soft\nbreak 中\n文", "soft break 中文", "soft break 中文"),
        ("<b>a</b> <kbd>K</kbd> <span>c</span>", "**a** `K` c", "a K c"),
        ('<a href="b">c</a> <a name="d"></a>', "[c](b)", "c"),
        ("a <!-- gone --> b", "a b", "a b"),
        ("a <script>gone</script> b", "a b", "a b"),
        ("put <version> in", "put `<version>` in", "put <version> in"),
        ("名称<Badge>v1.8+</Badge>", "名称 v1.8+", "名称 v1.8+"),
        ("a {{ page.title }} b", "a b", "a b"),
        ("a {{ $frontmatter.title }} b", "a b", "a b"),
        ("a {{user.name}} b", "a `{{user.name}}` b", "a {{user.name}} b"),
        ("`{{ kept }}`", "`{{ kept }}`", "{{ kept }}"),
        ("** a** b", "a b", "a b"),
        ("_ Tips: a _", "Tips: a", "Tips: a"),
        ("a\u00a0b", "a b", "a b"),
        ("emoji 😀，全角。", "emoji 😀，全角。", "emoji 😀，全角。"),
    ],
)
def test_markdown_is_cleaned_and_plain_has_no_marks(source: str, markdown: str, plain: str) -> None:
    assert both(source) == (markdown, plain)


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("**注意：**请", "**注意**：请"),
        ("请**“看”**这", "请“看”这"),
        ("**Note:** that", "**Note:** that"),
        ("**看 `a`**。", "**看 `a`**。"),
        ("**方式（一）：**看", "**方式（一）**：看"),
    ],
)
def test_chinese_emphasis_is_written_so_that_any_reader_understands_it(
    source: str, markdown: str
) -> None:
    assert both(source)[0] == markdown


@pytest.mark.parametrize("source", ["**b** [c](d.md) `e` 中文", "\\*a\\* &lt;b&gt;", "a<br>b"])
def test_clean_markdown_stays_as_it_is(source: str) -> None:
    once = both(source)
    assert both(once[0]) == once


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("https://a.example", True),
        ("HTTP://a.example", True),
        ("mailto:a@b.example", True),
        ("../a.md#b", True),
        ("#b", True),
        ("", False),
        ("//a.example", False),
        ("\\\\a.example", False),
        ("javascript:a", False),
        ("data:text/html,a", False),
        ("vbscript:a", False),
        ("java\nscript:a", False),
    ],
)
def test_only_harmless_links_are_shown(href: str, shown: bool) -> None:
    assert is_shown_link(href) is shown


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("a\nb", "a b"),
        ("中\n文", "中文"),
        ("中，\n文", "中，文"),
        ("中\nb", "中 b"),
        ("a", "a"),
        ("中\n\n文", "中 文"),
    ],
)
def test_lines_are_joined_by_a_space_except_in_chinese(lines: str, joined: str) -> None:
    assert join_lines(lines) == joined
