import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Open the menu.", "Click *Add*!", "Done?", "Yes."],
        ["See https://a.example/c?x=1.5&y=2 for more.", "Then v1.2.3 works."],
        ["Some tools, e.g. Jira or i.e. this one, cost 3.50 USD.", "Dr. Li agrees."],
        ["Use U.S. dollars.", "See Fig. 3 and No. 5."],
        ["1. Open the app.", "2. Close it."],
        ["See [this page.](a.md)", "Then go on."],
        ["**Bold.**", "(In brackets.)", '"Quoted."', "After."],
        ["Wait... and see.", "What?!", "Really."],
        ["The answer is no.", "Yes is better."],
        ["点击“添加”。", "可以吗？", "可以！！", "好。"],
        ["他说：“你好。”", "然后离开。"],
        ["可以吗?", "可以!", "版本3.5已发布。", "详见 https://x.example/a?b=1 页面"],
        ["使用 Jira。", "Then English.", "再用中文。"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    is_chinese = any("\u4e00" <= char <= "\u9fff" for char in "".join(sentences))
    assert split_sentences(" ".join(sentences)) == sentences
    if is_chinese and not any("Then" in sentence for sentence in sentences):
        assert split_sentences("".join(sentences)) == sentences


def test_a_line_break_ends_a_sentence() -> None:
    assert split_sentences("first item\nsecond item\n\nthird") == [
        "first item",
        "second item",
        "third",
    ]


@pytest.mark.parametrize("text", ["", "  \n ", "\u3000"])
def test_white_space_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


@given(st.text(st.sampled_from('ab Z.!?。！？…\n"”)*1[](中文')))
def test_only_white_space_lies_between_sentences(text: str) -> None:
    spans = sentence_spans(text)
    rest, position = "", 0
    for start, end in spans:
        assert position <= start < end
        rest += text[position:start]
        position = end
    assert (rest + text[position:]).strip() == ""
    assert split_sentences(text) == [text[start:end] for start, end in spans]
