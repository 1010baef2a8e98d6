from evals.bench.ingest_speed import changed
from ingest.article import Block, BlockKind, Chunk


def _chunk(ordinal: int, text: str, title: str = "Export") -> Chunk:
    block = Block(BlockKind.PARAGRAPH, text, text, ordinal + 1)
    return Chunk("export.md", ordinal, None, title, (), "en", "public", ordinal + 1, (block,))


BEFORE = [_chunk(0, "Open the settings."), _chunk(1, "Choose Export.")]


def test_a_moved_chunk_did_not_change() -> None:
    assert changed(BEFORE, [_chunk(4, "Choose Export."), _chunk(5, "Open the settings.")]) == []


def test_new_words_and_new_titles_are_changes() -> None:
    longer, renamed = _chunk(1, "Choose Export. Then wait."), _chunk(0, "Open the settings.", "CSV")

    assert changed(BEFORE, [BEFORE[0], longer]) == [longer]
    assert changed(BEFORE, [renamed, BEFORE[1]]) == [renamed]
