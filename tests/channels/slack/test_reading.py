"""What people write in Slack, as they read it themselves."""

import pytest

from bot.channels.slack.reading import mentions, plain_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@UBOT> how?", "how?"),
        ("hey <@UBOT>, how?", "hey , how?"),
        ("<@U2> and <@U3|bob>", "@U2 and @bob"),
        ("in <#C1|help> or <#C2>", "in #help or #C2"),
        ("<!here> <!subteam^S1|@team> <!date^1^x|today>", "@here @team today"),
        ("<https://a.test/x>", "https://a.test/x"),
        ("<https://a.test/x|the page>", "the page (https://a.test/x)"),
        ("<http://a.test|a.test>", "http://a.test"),
        ("<mailto:a@b.test|a@b.test>", "a@b.test"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&lt;@UBOT&gt; is text", "<@UBOT> is text"),
        ("first\n  second  word", "first\nsecond word"),
        ("看板 <@UBOT> 有几列？", "看板 有几列？"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_marks_are_read(written: str, read: str) -> None:
    assert plain_text(written, "UBOT") == read


def test_who_is_named() -> None:
    assert mentions("<@U1> <#C1> <@U2|bob> &lt;@U3&gt;") == ["U1", "U2"]
