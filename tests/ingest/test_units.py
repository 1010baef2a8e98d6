from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Block, BlockKind, Chunk
from ingest.units import split_block, units_of


def block(plain: str, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind, plain, plain, 1)


def test_sentences_are_units() -> None:
    text = "A board holds 24 columns. A column holds any number of cards."
    assert split_block(block(text)) == [
        "A board holds 24 columns.",
        "A column holds any number of cards.",
    ]


def test_a_short_sentence_joins_the_next() -> None:
    assert split_block(block("No. A board cannot be shared.")) == ["No. A board cannot be shared."]


def test_items_and_rows_are_units() -> None:
    text = "Open the project settings\nChoose the board"
    assert split_block(block(text, BlockKind.LIST)) == text.splitlines()


def test_code_is_one_unit() -> None:
    text = "curl -X POST\n  https://api.tideboard.example"
    assert split_block(block(text, BlockKind.CODE)) == [text]


def test_the_heading_comes_first() -> None:
    chunk = Chunk(
        "a.md", 0, "limits", "Boards", ("Limits",), "en", "public", 1, (block("Up to 24."),)
    )
    assert units_of(chunk) == ["Boards > Limits", "Up to 24."]


@given(st.text(), st.sampled_from(BlockKind))
def test_nothing_is_lost(text: str, kind: BlockKind) -> None:
    assert "".join("".join(split_block(block(text, kind))).split()) == "".join(text.split())
