"""Pieces of Block Kit keep Slack's limits whatever they are given."""

import pytest

from bot.channels.slack import elements
from tests.channels.slack.goldens import check_view


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("<https://evil.test|here>", "&lt;https://evil.test|here&gt;"),
        ("导出 > 导入", "导出 &gt; 导入"),
    ],
)
def test_nothing_in_a_text_is_an_order_to_slack(text: str, shown: str) -> None:
    assert elements.escape(text) == shown


def test_a_cut_leaves_entities_whole() -> None:
    for length in range(2, 30):
        cut = elements.cut(elements.escape("a<b>c&d" * 4), length)
        assert len(cut) <= length
        assert cut.endswith("…")
        assert all(part.partition(";")[0] in ("lt", "gt", "amp") for part in cut.split("&")[1:])


def test_a_dialog_is_one_that_slack_knows() -> None:
    inputs = [
        elements.text_input("text", "Words", "x" * 5000, hint="Say it"),
        elements.select("rating", "Rating", {"1": "bad", "2": "good"}, is_optional=True),
        elements.tick("then", "Then", "Resolve"),
    ]
    view = elements.modal("reply", "{}", ("Reply", "Send", "Close"), inputs)
    check_view(view)
    assert len(inputs[0]["element"]["initial_value"]) == elements.LONGEST_INPUT
