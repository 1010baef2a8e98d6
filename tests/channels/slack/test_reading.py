"""What people write in Slack is read as they see it."""

import pytest

from bot.channels.slack.reading import plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<https://a.test/x?y=1&amp;z=2>", "https://a.test/x?y=1&z=2"),
        ("<https://a.test|the guide>", "the guide (https://a.test)"),
        ("<mailto:a@b.test|a@b.test>", "a@b.test"),
        ("<@U1> and <@U2|mei>", "@U1 and @mei"),
        ("in <#C1|general> or <#C2>", "in #general or #C2"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("1 < 2", "1 < 2"),
        ("导出 &gt; 导入", "导出 > 导入"),
    ],
)
def test_marks_of_slack(text: str, plain: str) -> None:
    assert plain_text(text) == plain
