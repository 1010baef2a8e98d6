import pytest

from ingest.article import Block, BlockKind
from ingest.blocks import read_blocks
from ingest.budget import count_tokens
from ingest.splitting import split, split_text


def block(markdown: str) -> Block:
    (only,) = read_blocks(markdown)
    assert isinstance(only, Block)
    return only


def pieces(markdown: str, budget: int) -> list[Block]:
    found = list(split(block(markdown), budget))
    assert all(count_tokens(piece.plain) <= 2 * budget for piece in found)
    return found


SENTENCE = "Open the settings of the project and choose it there."


def test_what_fits_stays_as_it_is() -> None:
    small = block("- a\n- b")
    assert list(split(small, 10)) == [small]


def test_structures_stay_whole_up_to_twice_the_budget() -> None:
    assert len(pieces("- one two three\n" * 5, 10)) == 1
    assert len(pieces("- one two three\n" * 6, 10)) > 1
    assert len(pieces("one two three. Four five six. Seven eight nine.", 10)) > 1


def test_a_paragraph_is_cut_between_sentences() -> None:
    found = pieces(" ".join([SENTENCE] * 4), 30)
    assert [piece.markdown for piece in found] == [f"{SENTENCE} {SENTENCE}"] * 2


def test_chinese_sentences_are_joined_as_they_were() -> None:
    found = pieces("打开项目设置。选择成员。点击添加。", 13)
    assert [piece.plain for piece in found] == ["打开项目设置。选择成员。", "点击添加。"]


def test_a_sentence_too_long_is_cut_between_words() -> None:
    found = pieces("word " * 100, 13)
    assert {piece.plain for piece in found} == {" ".join(["word"] * 10)}


@pytest.mark.parametrize(
    "marked", ["**One two. Three four.**", "[One two. Three four.](a.md)", "`One two. Three four.`"]
)
def test_emphasis_links_and_code_are_not_torn_apart(marked: str) -> None:
    assert marked in split_text(f"{SENTENCE} {marked} {SENTENCE}", 16)


def test_a_list_is_cut_between_items_and_keeps_its_numbers_and_lines() -> None:
    found = pieces("\n".join(f"{n}. {SENTENCE}" for n in range(1, 7)), 30)
    assert [piece.markdown.split(".")[0] for piece in found] == ["1", "3", "5"]
    assert [piece.line for piece in found] == [1, 3, 5]
    assert {piece.kind for piece in found} == {BlockKind.LIST}


def test_an_item_too_long_keeps_its_marker_once() -> None:
    found = pieces("7. " + " ".join([SENTENCE] * 4) + "\n   - nested item\n", 15)
    assert [piece.markdown[:2] for piece in found] == ["7.", "Op", "Op", "Op", "- "]
    assert found[0].kind is BlockKind.LIST


def test_a_table_is_cut_between_rows_with_its_header_repeated() -> None:
    rows = "".join(f"| row {n} | value |\n" for n in range(20))
    found = pieces(f"| Name | Limit |\n|---|---|\n{rows}", 20)
    assert len(found) > 1
    for piece in found:
        assert piece.markdown.startswith("| Name | Limit |\n| --- | --- |\n| row ")
        assert piece.plain.startswith("Name Limit\nrow ")


def test_a_table_with_too_wide_a_header_becomes_pairs() -> None:
    names = "|".join(f" column {n} " for n in range(40))
    values = "|".join(f" value {n} " for n in range(40))
    found = pieces(f"|{names}|\n|{'---|' * 40}\n|{values}|", 30)
    text = " ".join(piece.plain for piece in found)
    assert {piece.kind for piece in found} == {BlockKind.PARAGRAPH}
    assert all(f"column {n}: value {n}" in text for n in range(40))


def test_code_is_cut_between_lines_and_stays_code() -> None:
    code = "\n".join(f"run command {n} now" for n in range(20))
    found = pieces(f"```bash\n{code}\n```", 20)
    assert len(found) > 1
    assert all(piece.markdown.startswith("```bash\nrun") for piece in found)
    assert all(piece.markdown.endswith("now\n```") for piece in found)
    assert "\n".join(piece.plain for piece in found) == code


def test_a_quote_stays_a_quote() -> None:
    found = pieces("\n".join(f"> {SENTENCE}" for _ in range(6)), 15)
    assert len(found) > 1
    assert {piece.kind for piece in found} == {BlockKind.QUOTE}
    assert all(piece.markdown.startswith("> ") for piece in found)


def test_a_structure_without_parts_is_cut_as_text() -> None:
    bare = Block(BlockKind.LIST, "- " + "word " * 50, "word " * 50, 1)
    assert len(list(split(bare, 13))) > 1
