"""Markdown of answers as Slack writes it; what is text stays text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.slack import mrkdwn
from bot.channels.slack.elements import LONGEST_TEXT, escape

CITED = "https://help.example.com/teams?a=1&b=2"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Open **Settings**, then *Teams* [1].", ["Open *Settings*, then _Teams_ [1]."]),
        ("~~old~~ and `a < b`", ["~old~ and `a &lt; b`"]),
        ("# Set **it** up\n\nNow.", ["*Set it up*", "Now."]),
        ("1. One\n2. Two\n   - in it", ["1. One\n2. Two\n    ◦ in it"]),
        ("3. three\n4. four", ["3. three\n4. four"]),
        ("> said\n> so", ["> said so"]),
        ("```sh\nrun <x>\n```", ["```\nrun &lt;x&gt;\n```"]),
        ("| a | 名称 |\n|---|---|\n| 1 | two |", ["```\na  名称\n1  two\n```"]),
        ("one\ntwo  \nthree", ["one two\nthree"]),
        ("中文\n换行", ["中文换行"]),
        ("above\n\n---\n\nbelow", ["above", "———", "below"]),
        ("", []),
    ],
)
def test_markdown_in_the_marks_of_slack(markdown: str, shown: list[str]) -> None:
    assert mrkdwn.render(markdown) == shown


def test_marks_inside_of_chinese_are_seen() -> None:
    """Slack sees them only beside a space or a stop; this one has no width."""
    [text] = mrkdwn.render("点击**设置**按钮，再点`保存`键，然后**完成**。")
    assert text == "点击\u200b*设置*\u200b按钮，再点\u200b`保存`\u200b键，然后\u200b*完成*。"


@pytest.mark.parametrize(
    "attack",
    [
        "<!channel> look",
        "<!here>",
        "<@U0123ABC>",
        "<#C0123ABC|general>",
        "<!subteam^S123>",
        "<https://evil.example|the help>",
        "`<!channel>`",
        "```\n<!everyone>\n```",
        "| <!channel> |\n|---|\n| <@U1> |",
        "# <!channel>",
        "- <!channel>",
        "> <@U1>",
        "\\<!channel\\>",
        "&lt;!channel&gt;",
        "&#60;!channel&#62;",
        "[<!channel>](https://evil.example)",
        "![<!channel>](https://evil.example/x.png)",
        "<b><!channel></b>",
        "<https://evil.example>",
        "[a]: https://evil.example/x\n\n[a]",
    ],
)
def test_nothing_in_a_text_is_an_order_to_slack(attack: str) -> None:
    for text in mrkdwn.render(attack, {CITED}):
        assert "<" not in text


def test_links_lead_only_where_they_may() -> None:
    markdown = f"[Teams]({CITED}) and [evil](https://evil.example) and [odd](javascript:alert)"
    [text] = mrkdwn.render(markdown, {CITED})
    url = "https://help.example.com/teams?a=1&amp;b=2"
    assert text.startswith(f"<{url}|Teams> and evil and ")
    assert text.count("<") == 1


def test_a_label_cannot_end_its_link() -> None:
    assert mrkdwn.link("https://a.example/x|y>z", "a|b> <!channel>") == (
        "<https://a.example/x%7Cy%3Ez|a¦b&gt; &lt;!channel&gt;>"
    )
    assert mrkdwn.link("/kb/teams.md", "Teams") == "Teams"


def test_a_person_s_lines_stay_lines() -> None:
    assert mrkdwn.render("Hi Mei,\nit works again.", breaks=True) == ["Hi Mei,\nit works again."]


def test_a_quotation_of_many_lines() -> None:
    assert mrkdwn.quote("a <b>\nc") == "> a &lt;b&gt;\n> c"
    assert mrkdwn.quote("") == "> "


def test_long_code_is_fenced_in_every_part() -> None:
    code = "\n".join(f"line {n} & more" for n in range(400))
    parts = mrkdwn.render(f"```\n{code}\n```")
    assert len(parts) > 1
    assert all(part.startswith("```\n") and part.endswith("\n```") for part in parts)
    assert all(len(part) <= LONGEST_TEXT for part in parts)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.text("ab &<>。 \n", min_size=1, max_size=400), st.integers(20, 60))
def test_parts_are_short_and_lose_nothing(text: str, limit: int) -> None:
    escaped = escape(text)
    parts = mrkdwn.split(escaped, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(escaped.split())
    for part in parts:
        assert not part.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&")


def test_a_link_is_never_cut() -> None:
    link = mrkdwn.link("https://a.example/" + "x" * 30, "label with words")
    for length in range(20, 80):
        text = "word " * (length // 5) + link + " and more words after it"
        for part in mrkdwn.split(text, 80):
            assert part.count("<") == part.count(">")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "See https://a.test/x?b=1&c=2.",
            "See <https://a.test/x?b=1&amp;c=2|https://a.test/x?b=1&amp;c=2>.",
        ),
        ("请打开https://a.test/x，谢谢", "请打开<https://a.test/x|https://a.test/x>，谢谢"),
        ("(http://a.test/x)", "(<http://a.test/x|http://a.test/x>)"),
        ("[the page](https://a.test/x)", "<https://a.test/x|the page>"),
        ("[write](mailto:a@b.test)", "write (mailto:a@b.test)"),
        ("`https://a.test`", "`https://a.test`"),
        ("https://a.test/<!channel>", "<https://a.test/|https://a.test/>&lt;!channel&gt;"),
    ],
)
def test_what_a_person_links_stays_a_link(written: str, shown: str) -> None:
    assert mrkdwn.render(written, None, breaks=True) == [shown]
