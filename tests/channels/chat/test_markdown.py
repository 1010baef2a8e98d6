"""Of Markdown, the words alone."""

from bot.channels.chat.markdown import plain


def test_words_alone_for_notifications() -> None:
    markdown = "# T\n\nOpen **Settings** `x`,\nthen [go](https://a.example).\n\n- one\n- two"
    assert plain(markdown) == "T Open Settings x, then go. one two"
