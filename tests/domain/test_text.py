"""Words are counted, sentences joined and links taken out, in both languages."""

import pytest

from bot.domain.text import count_words, join_sentences, replace_unstorable, strip_links


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" .,;!? — …", 0),
        ("one two  three", 3),
        ("创建团队", 4),
        ("创建一个 team。", 5),
        ("don't stop, user's", 3),
        ("mail a@b.example at 10:30", 4),
        ("snake_case", 2),
        ("v1.2.3", 1),
    ],
)
def test_a_chinese_character_counts_as_one_word(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        ([], ""),
        (["One."], "One."),
        (["One.", "Two."], "One. Two."),
        (["一。", "二！", "三"], "一。二！三"),
        (["**一。**", "二"], "**一。**二"),
        (["Click 设置", "then save."], "Click 设置 then save."),
    ],
)
def test_a_space_stands_between_sentences_but_not_after_chinese_punctuation(
    sentences: list[str], text: str
) -> None:
    assert join_sentences(sentences) == text


@pytest.mark.parametrize(
    ("markdown", "stripped"),
    [
        ("see [Teams](teams.md#new).", "see Teams."),
        ('see [Teams](teams.md "a title").', "see Teams."),
        ("[a](x_(y).md) and [b](z)", "a and b"),
        ("![picture](a.png)", "picture"),
        ("<https://a.example/b>", "https://a.example/b"),
        ("<mailto:help@a.example>", "mailto:help@a.example"),
        ("[1] and (not a link)", "[1] and (not a link)"),
        ("a < b > c", "a < b > c"),
        ("`[a](b)` [c](d)", "`[a](b)` c"),
        ("```\n[a](b)\n```\n[c](d)", "```\n[a](b)\n```\nc"),
        ("~~~\n[a](b)\n~~~", "~~~\n[a](b)\n~~~"),
    ],
)
def test_links_become_their_text_outside_of_code(markdown: str, stripped: str) -> None:
    assert strip_links(markdown) == stripped


@pytest.mark.parametrize(
    ("text", "storable"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("😀 \t\n团队", "😀 \t\n团队"),
    ],
)
def test_what_no_database_takes_is_replaced(text: str, storable: str) -> None:
    assert replace_unstorable(text) == storable
    storable.encode()
