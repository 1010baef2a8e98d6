"""Whatever people send is plain text, with what they quote and the names of what is no text."""

from typing import Any

import pytest

from bot.channels.dingtalk.contents import files_of, quoted_of, text_of


@pytest.mark.parametrize(
    ("data", "text", "files"),
    [
        ({"msgtype": "text", "text": {"content": "  How? "}}, "How?", []),
        ({"msgtype": "text", "text": None}, "", []),
        (
            {
                "msgtype": "richText",
                "content": {
                    "richText": [
                        {"text": "See "},
                        {"type": "picture", "downloadCode": "d"},
                        {"type": "at", "atName": "Lee"},
                        {"text": "please"},
                        "broken",
                    ]
                },
            },
            "See @Lee please",
            ["picture"],
        ),
        ({"msgtype": "richText", "content": {"richText": "x"}}, "", []),
        ({"msgtype": "picture", "content": {"downloadCode": "d"}}, "", ["picture"]),
        ({"msgtype": "audio", "content": {"recognition": " Hello "}}, "Hello", []),
        ({"msgtype": "audio", "content": {"duration": 3}}, "", ["audio"]),
        ({"msgtype": "file", "content": {"fileName": "log.txt"}}, "", ["log.txt"]),
        ({"msgtype": "video", "content": None}, "", ["video"]),
        ({}, "", []),
    ],
)
def test_contents(data: dict[str, Any], text: str, files: list[str]) -> None:
    assert text_of(data) == text
    assert list(files_of(data)) == files


CARD = {
    "cardContent": [
        {"elementType": "BOX", "children": [{"elementType": "TEXT", "value": "Answer"}]},
        {"elementType": "TEXT", "value": "Sources"},
    ]
}


@pytest.mark.parametrize(
    ("content", "quoted"),
    [
        ("How?", "How?"),
        ({"content": " How? "}, "How?"),
        ({"text": "How?"}, "How?"),
        ({"recognition": "How?"}, "How?"),
        ({"title": "A page", "cardContent": []}, "A page"),
        ({"richText": [{"content": "a"}, {"text": "b"}]}, "ab"),
        (CARD, "Answer\nSources"),
        (None, ""),
        ([], ""),
    ],
)
def test_quotations(content: Any, quoted: str) -> None:
    assert quoted_of({"text": {"repliedMsg": {"content": content}}}) == quoted
