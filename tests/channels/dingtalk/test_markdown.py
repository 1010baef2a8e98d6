"""Nobody's words format, notify or link, and Markdown of answers stays what it is."""

import pytest

from bot.channels.dingtalk import markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* `c` \\ ~~d~~", r"a \*b\* \`c\` \\ \~\~d\~\~"),
        ("snake_case and _x_", r"snake_case and \_x\_"),
        ("<a atId=all>@all</a>", "<\u200ba atId=all>@all<\u200b/a>"),
        ("[x](https://evil.test)", "[x]\u200b(https://evil.test)"),
        ("[x][1]", "[x]\u200b[1]"),
        ("2 < 3", "2 < 3"),
        (
            "# head\n> quote\n- item\n1. one",
            "\u200b# head\n\u200b> quote\n\u200b- item\n\u200b1. one",
        ),
        ("---", "\u200b---"),
        ("3.5 and C# and -5", "3.5 and C# and -5"),
        ("一个看板", "一个看板"),
    ],
)
def test_words_stay_words(text: str, shown: str) -> None:
    assert markdown.escape(text) == shown


@pytest.mark.parametrize(
    ("url", "label", "shown"),
    [
        ("https://a.test/x y(1)", "A [b]", r"[A \[b\]](https://a.test/x%20y%281%29)"),
        ("javascript:alert(1)", "A", "A"),
        ("dingtalk://dingtalkclient", "A", "A"),
        ("https://a.test", "", "[https://a.test](https://a.test)"),
    ],
)
def test_links_lead_to_the_web_alone(url: str, label: str, shown: str) -> None:
    assert markdown.link(url, label) == shown


def test_a_mention_is_of_who_is_meant() -> None:
    assert markdown.mention("u1", "Lee *<b>*") == "<a atId=u1>@Lee \\*<\u200bb>\\*</a>"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("One\n\nTwo", ["One", "Two"]),
        ("## Head *x*", ["**Head *x***"]),
        ("- a\n- b\n  - c", ["- a\n- b\n  - c"]),
        ("3. a\n4. b", ["3. a\n4. b"]),
        ("> said\n> so", ["> said so"]),
        ("```py\nx = `1`\n```", ["```\nx = `1`\n```"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| a | b |\n| --- | --- |\n| 1 | 2 |"]),
        ("`a*b`", ["`a*b`"]),
        ("**b** *i* ~~s~~", ["**b** *i* ~~s~~"]),
        ("[in](https://a.test) [out](https://b.test)", ["[in](https://a.test) out"]),
        ("![pic](https://a.test/p.png)", ["pic"]),
        ("<b>x</b> @all", ["<\u200bb>x<\u200b/b> @all"]),
        ("列\n表", ["列表"]),
        ("a\nb", ["a b"]),
    ],
)
def test_answers_keep_their_form(text: str, blocks: list[str]) -> None:
    assert list(markdown.render(text, {"https://a.test"})) == blocks


def test_what_people_write_keeps_its_lines_and_links() -> None:
    (block,) = markdown.render("a\nb <https://c.test>", None, breaks=True)
    assert block == "a  \nb [https://c.test](https://c.test)"
    (block,) = markdown.render("[mail](mailto:a@b.test)", None)
    assert block == "mail (mailto:a@b.test)"
