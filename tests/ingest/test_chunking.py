import re
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article import Article, BlockKind, Chunk
from ingest.chunking import TOKEN_BUDGET, chunk, count_tokens
from ingest.documents import Document
from ingest.parsing import parse


def article(markdown: str) -> Article:
    found, _ = parse(Document("guide/a.md", markdown, ""))
    assert found is not None
    return found


def chunks(markdown: str, budget: int = TOKEN_BUDGET) -> list[Chunk]:
    return chunk(article(markdown), budget)


def words(number: int) -> str:
    return " ".join(["word"] * number)


def test_neighbours_of_one_section_are_gathered() -> None:
    found = chunks("# T\n\na\n\nb\n\n## S\n\nc\n\nd")
    assert [(c.heading_path, c.plain, c.markdown) for c in found] == [
        ((), "a\nb", "a\n\nb"),
        (("S",), "c\nd", "c\n\nd"),
    ]


def test_a_chunk_knows_where_it_is_from() -> None:
    text = (
        "---\nlocale: zh\naudience: internal\nreview_by: 2027-01-31\nquestions: [q1, q2]\n"
        "translation_of: en/a.md\n---\n# T\n\nintro\n\n## S\n\ntext"
    )
    first, second = chunks(text)
    assert (first.anchor, second.anchor) == (None, "s")
    assert (first.ordinal, second.ordinal) == (0, 1)
    assert (first.line, second.line) == (10, 14)
    assert (first.questions, second.questions) == (("q1", "q2"), ())
    for one in (first, second):
        assert (one.path, one.title, one.locale, one.audience) == (
            "guide/a.md",
            "T",
            "zh",
            "internal",
        )
        assert (one.review_by, one.translation_of) == (date(2027, 1, 31), "en/a.md")
        assert all(block.parts == () for block in one.blocks)


def test_paragraphs_are_gathered_up_to_the_budget() -> None:
    found = chunks("\n\n".join([words(10)] * 5), budget=26)
    assert [len(c.blocks) for c in found] == [2, 2, 1]


@pytest.mark.parametrize(
    ("lead", "listed", "expected"),
    [
        (3, 20, ["paragraph list"]),  # a short lead-in stays with its list
        (15, 20, ["paragraph", "list"]),
        (3, 30, ["paragraph", "list"]),
    ],
)
def test_a_list_stays_whole_with_a_short_lead_in(
    lead: int, listed: int, expected: list[str]
) -> None:
    items = "\n".join(["- word"] * listed)
    found = chunks(f"{words(lead)}\n\n{items}", budget=20)
    shapes = [" ".join(block.kind for block in c.blocks) for c in found]
    assert shapes[: len(expected)] == expected


@pytest.mark.parametrize("end", [":", "："])
def test_what_announces_a_list_goes_with_it(end: str) -> None:
    found = chunks(f"{words(12)}\n\nDo this{end}\n\n" + "- word\n" * 15, budget=20)
    assert [c.blocks[0].plain.split()[0] for c in found] == ["word", "Do"]


def test_what_announces_nothing_stays_with_the_text_before_it() -> None:
    found = chunks(f"{words(12)}\n\nDone now.\n\n" + "- word\n" * 15, budget=20)
    assert [c.blocks[0].plain.split()[0] for c in found] == ["word", "word"]
    assert found[0].plain.endswith("Done now.")


def test_a_short_section_is_a_chunk_of_its_own() -> None:
    assert [c.plain for c in chunks("# T\n\n## A\n\nYes.\n\n## B\n\nNo.")] == ["Yes.", "No."]


def test_a_section_without_blocks_gives_nothing_and_its_children_carry_it() -> None:
    (only,) = chunks("# T\n\n## A\n\n### B\n\ntext")
    assert only.heading_path == ("A", "B")


def test_an_article_of_pictures_is_found_by_its_headings() -> None:
    (only,) = chunks("# T\n\n![](a.png)\n\n## A\n\n![](b.png)\n\n### B\n")
    assert (only.anchor, only.plain, only.markdown) == (
        None,
        "T\nA\nB",
        "T\n\n- A\n- B\n\n![](a.png)\n\n![](b.png)",
    )


def test_images_stand_with_the_text_before_them() -> None:
    first, second = chunks("# T\n\n![](a.png)\n\nintro\n\n## A\n\n![](b.png)\n\n## B\n\ntext")
    assert (first.markdown, first.plain) == ("![](a.png)\n\nintro\n\n![](b.png)", "intro")
    assert (second.heading_path, second.markdown) == (("B",), "text")


def test_no_chunk_holds_only_images() -> None:
    text = "\n\n".join(f"![](a{n}.png)\n\n{'word ' * 50}" for n in range(12)) + "\n\n![](z.png)"
    found = chunks(f"# T\n\n{text}", budget=60)
    assert len(found) > 3
    assert all(chunk.plain for chunk in found)
    assert sum(chunk.markdown.count("![](") for chunk in found) == 13


def test_the_images_of_a_paragraph_that_is_cut_follow_it() -> None:
    sentences = " ".join(f"Sentence {n} has ![a. b](c{n}.png) words." for n in range(40))
    found = chunks(sentences, budget=60)
    assert len(found) > 1
    assert "![" not in "".join(chunk.plain for chunk in found)
    images = [block for block in found[-1].blocks if not block.plain]
    assert [block.markdown.count("![a. b](c") for block in images] == [40]


def test_an_article_of_one_picture_is_found_by_its_name() -> None:
    (only,) = chunks("![](a.png)")
    assert only.plain == "a"


def test_the_outline_of_pictures_keeps_the_budget_too() -> None:
    headings = "\n\n".join(f"## Heading number {n}" for n in range(200))
    found = chunks(f"# T\n\n{headings}", budget=50)
    assert all(count_tokens(c.plain) <= 100 for c in found)
    assert "Heading number 199" in found[-1].plain


TERMS = (
    "open the Settings e.g. v1.2.3 任务 看板， `code` **bold** end. Really? 结束。 好！ (aside) 3.5"
)
WORDS = st.sampled_from([*TERMS.split(), "https://a.example/b?c=d", "[link](a.md)", "x" * 40])
LINE = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)


def _indented(lines: Iterable[str], first: str, indent: str) -> str:
    return "\n".join((first if n == 0 else indent) + line for n, line in enumerate(lines))


PARAGRAPH = st.lists(LINE, min_size=1, max_size=6).map("\n".join)
CODE = st.lists(LINE, min_size=1, max_size=8).map(lambda lines: "\n".join(("```sh", *lines, "```")))
QUOTE = st.lists(LINE, min_size=1, max_size=6).map(lambda lines: _indented(lines, "> ", "> "))
LIST = st.lists(st.tuples(LINE, st.lists(LINE, max_size=2)), min_size=1, max_size=8).map(
    lambda items: "\n".join(
        _indented([item, *(f"- {line}" for line in nested)], "- ", "  ") for item, nested in items
    )
)
TABLE = st.lists(st.tuples(LINE, LINE), min_size=1, max_size=8).map(
    lambda rows: "\n".join(("| Name | Value |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)))
)
HEADING = st.tuples(st.integers(1, 4), st.sampled_from(["Set up", "步骤", "Notes"])).map(
    lambda heading: "#" * heading[0] + " " + heading[1]
)
ARTICLE = st.lists(
    st.one_of(PARAGRAPH, CODE, QUOTE, LIST, TABLE, HEADING), min_size=1, max_size=8
).map("\n\n".join)
BUDGET = st.integers(12, 60)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


@settings(max_examples=60)
@given(ARTICLE, BUDGET)
def test_nothing_is_lost_and_the_order_is_kept(markdown: str, budget: int) -> None:
    source = article(markdown)
    for section in source.sections:
        before = [block for block in section.blocks if block.kind is not BlockKind.TABLE]
        found = [c for c in chunk(source, budget) if c.anchor == section.anchor]
        after = [block for c in found for block in c.blocks]
        text = letters("".join(block.plain for block in after))
        position = 0
        for block in before:
            position = text.find(letters(block.plain), position)
            assert position >= 0, block.plain
            position += len(letters(block.plain))


@settings(max_examples=60)
@given(TABLE, BUDGET)
def test_every_cell_of_a_table_is_kept_in_order(markdown: str, budget: int) -> None:
    source = article(markdown)
    text = letters("".join(c.plain for c in chunk(source, budget)))
    position = 0
    for row in source.sections[0].blocks[0].plain.split("\n")[1:]:
        for word in row.split():
            position = text.find(letters(word), position)
            assert position >= 0, word


@settings(max_examples=60)
@given(ARTICLE, BUDGET)
def test_the_budget_is_kept(markdown: str, budget: int) -> None:
    for one in chunk(article(markdown), budget):
        limit = 2 * budget if any(b.kind is not BlockKind.PARAGRAPH for b in one.blocks) else budget
        assert count_tokens(one.plain) <= limit


@settings(max_examples=60)
@given(ARTICLE, BUDGET)
def test_chunks_are_numbered_and_stay_in_their_section(markdown: str, budget: int) -> None:
    source = article(markdown)
    found = chunk(source, budget)
    assert found
    assert [c.ordinal for c in found] == list(range(len(found)))
    paths = {section.anchor: section.heading_path for section in source.sections}
    assert all(paths.get(c.anchor, ()) == c.heading_path for c in found)
    assert found == chunk(source, budget)
