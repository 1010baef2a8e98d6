"""Of Markdown, the words alone."""

from bot.channels.chat.markdown import plain, readable


def test_words_alone_for_notifications() -> None:
    markdown = "# T\n\nOpen **Settings** `x`,\nthen [go](https://a.example).\n\n- one\n- two"
    assert plain(markdown) == "T Open Settings x, then go. one two"


def test_to_be_read_line_by_line() -> None:
    markdown = (
        "# T\n\nOpen **Settings**:\n\n3. `x`\n   - a\n   - [b](https://a.example)\n4. two\n\n"
        "```\ncode **is** kept\n\n  so\n```\n\n| a | b |\n|---|---|\n| 1 | *2* |\n\n> said\n\n- \n"
    )
    assert readable(markdown).splitlines() == [
        *("T", "Open Settings:", "3. x", "   - a", "   - b", "4. two"),
        *("code **is** kept", "", "  so", "a | b", "1 | 2", "said", "- "),
    ]
