import json
from pathlib import Path

from bot.domain.conversation import Locale
from evals.parallel import paragraphs, sections, translations_below

EN = "# Boards\n\nA board holds 24 columns. Cards can be moved freely. Guests see the board.\n"
ZH = "# 看板\n\n一个看板最多有二十四列。卡片可以自由移动位置。访客也能看到这个看板。\n"


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "boards.md").write_text(text, "utf-8")
    return folder


def test_sections_that_are_built_alike_are_told_sentence_by_sentence(tmp_path: Path) -> None:
    (section,) = sections(write(tmp_path / "en", EN), write(tmp_path / "zh", ZH))
    assert section.page == "boards.md"
    assert section.told_in(Locale.EN)[1] == "Cards can be moved freely."
    assert section.told_in(Locale.ZH)[1] == "卡片可以自由移动位置。"
    assert translations_below(tmp_path)["A board holds 24 columns."] == "一个看板最多有二十四列。"
    assert translations_below(tmp_path)["访客也能看到这个看板。"] == "Guests see the board."


def test_other_sections_are_left_out(tmp_path: Path) -> None:
    shorter = ZH.replace("访客也能看到这个看板。", "")
    assert not list(sections(write(tmp_path / "en", EN), write(tmp_path / "zh", shorter)))


def test_a_folder_of_one_language_has_no_translations(tmp_path: Path) -> None:
    write(tmp_path / "en", EN)
    assert translations_below(tmp_path) == {}


def test_paragraphs_with_the_same_id(tmp_path: Path) -> None:
    lines = [
        {"pair": "a", "lang": "en", "text": "One. Two. Three."},
        {"pair": "a", "lang": "zh", "text": "一。二。三。"},
        {"pair": "b", "lang": "en", "text": "One. Two. Three."},
    ]
    file = tmp_path / "p.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (found,) = paragraphs(file)
    assert (found.page, found.sentences) == (
        "a",
        (("One.", "Two.", "Three."), ("一。", "二。", "三。")),
    )
