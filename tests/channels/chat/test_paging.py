"""What is too long for one post goes on in the next, and nothing is lost in between."""

import pytest

from bot.channels.chat.paging import Paging
from bot.channels.chat.sheet import Heading, Markdown, Paragraph, Part, Sheet
from bot.channels.chat.text import Bold, Line, Link, plain_line
from tests.channels.chat.program import size_of

LONGEST = 20
PAGING = Paging(size_of, LONGEST, most=50, most_parts=3)


def lines_of(parts: tuple[Part, ...]) -> list[str]:
    return [plain_line(line) for part in parts for line in getattr(part, "lines", ())]


def split(*lines: Line) -> list[str]:
    """Each paragraph, as text."""
    parts = PAGING.split(Paragraph(lines))
    assert all(size_of(part) <= LONGEST for part in parts)
    return ["\n".join(lines_of((part,))) for part in parts]


def test_what_fits_stays_as_it_is() -> None:
    sheet = Sheet("T-1", (Heading("T-1"), Paragraph((("a",), (Bold("b"),)))), is_loud=True)
    assert PAGING.pages(sheet) == [sheet]
    assert PAGING.pages(Sheet("T-1")) == [Sheet("T-1")]


def test_a_paragraph_is_broken_between_lines() -> None:
    assert split(("one two",), ("three",), ("four\nfive\nsix seven",)) == [
        "one two\nthree\nfour",
        "five\nsix seven",
    ]


def test_a_long_line_is_broken_at_a_word() -> None:
    assert split(("one two three four five six",)) == ["one two three four ", "five six"]


def test_a_word_that_is_too_long_is_broken_anywhere() -> None:
    assert split(("行" * 45,)) == ["行" * 19, "行" * 19, "行" * 7]


def test_only_texts_are_broken() -> None:
    link = Link("a label of some length", "https://a.test")
    parts = PAGING.split(Paragraph((("before ", link, " and after"),)))
    assert [lines_of((part,)) for part in parts] == [["before "], [link.label], [" and after"]]


@pytest.mark.parametrize("part", [Heading("T-1" * 30), Markdown("word " * 30)])
def test_other_parts_are_not_broken(part: Part) -> None:
    assert PAGING.split(part) == [part]


def test_no_page_is_larger_than_a_post() -> None:
    parts = tuple(Paragraph((("word" * 4,),)) for _ in range(7))
    pages = PAGING.pages(Sheet("T-1", parts))
    assert [len(page.parts) for page in pages] == [2, 2, 2, 1]
    assert sum((page.parts for page in pages), ()) == parts


def test_no_page_has_more_parts_than_a_post() -> None:
    pages = PAGING.pages(Sheet("T-1", tuple(Paragraph(((str(n),),)) for n in range(7))))
    assert [len(page.parts) for page in pages] == [3, 3, 1]
    assert {page.notice for page in pages} == {"T-1"}
