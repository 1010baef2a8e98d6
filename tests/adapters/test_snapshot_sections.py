"""Sections read from a snapshot: which chunks belong together, what is parsed once."""

from pathlib import Path

import pytest

from bot.adapters import snapshot_sections
from bot.adapters.snapshot_sections import SectionReader, Unit
from ingest.article import Block, BlockKind, Chunk
from ingest.chunk_table import ChunkTable, save_chunks


def chunk(
    path: str, ordinal: int, anchor: str | None, text: str = "A board has 24 columns."
) -> Chunk:
    return Chunk(
        path=path,
        ordinal=ordinal,
        anchor=anchor,
        title="Boards",
        heading_path=(),
        locale="en",
        audience="public",
        line=1,
        blocks=(Block(BlockKind.PARAGRAPH, text, text, 1),),
    )


@pytest.fixture
def reader(tmp_path: Path) -> SectionReader:
    anchors = ["a", "b", "b", "b", "b", None]
    chunks = [chunk("x.md", number, anchor) for number, anchor in enumerate(anchors)]
    save_chunks([*chunks, chunk("y.md", 0, None)], tmp_path)
    return SectionReader(ChunkTable(tmp_path))


@pytest.mark.parametrize(
    ("row", "section"),
    [(0, [0]), (1, [1, 2, 3]), (3, [1, 2, 3]), (4, [2, 3, 4]), (5, [5]), (6, [6])],
)
def test_a_section_is_the_neighbours_below_the_same_heading_of_one_article(
    reader: SectionReader, row: int, section: list[int]
) -> None:
    assert reader.section(row) == section


def test_a_chunk_is_parsed_once(reader: SectionReader) -> None:
    assert reader.read(1) is reader.read(1)
    assert reader.read(1) is not reader.read(2)


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_sections, "KEPT", 2)
    save_chunks([chunk("x.md", number, None) for number in range(4)], tmp_path)
    reader = SectionReader(ChunkTable(tmp_path))
    first = reader.read(0)
    for row in (1, 2, 3):
        reader.read(row)
    assert reader.read(0) is not first


def test_a_unit_knows_what_questions_are_compared_with() -> None:
    unit = Unit.read("A board has 24 columns")
    assert unit.has_digit
    assert {"board", "column", "24"} <= unit.terms
    assert not Unit.read("看板有多列").has_digit


def test_the_units_of_a_chunk_are_its_sentences(tmp_path: Path) -> None:
    save_chunks([chunk("x.md", 0, None, "One board is enough. Two boards are better.")], tmp_path)
    ((block, units),) = SectionReader(ChunkTable(tmp_path)).read(0).blocks
    assert [unit.text for unit in units] == ["One board is enough.", "Two boards are better."]
    assert block.kind is BlockKind.PARAGRAPH
