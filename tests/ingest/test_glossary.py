from pathlib import Path

import pytest

from ingest.glossary import Glossary, read_glossary
from ingest.lexical import tokenise

GLOSSARY = Glossary((("Gantt chart", "timeline", "甘特图"), ("subtask", "子任务")))


def test_a_word_brings_the_words_of_its_group() -> None:
    assert set(GLOSSARY.synonyms(tokenise("open the timeline"))) >= {"gantt", "chart", "甘特"}


def test_a_chinese_word_brings_the_english_ones() -> None:
    assert "subtask" in GLOSSARY.synonyms(tokenise("怎么建子任务"))


def test_words_of_the_question_are_not_repeated() -> None:
    assert "timelin" not in GLOSSARY.synonyms(tokenise("timeline"))


def test_half_a_word_is_no_match() -> None:
    assert GLOSSARY.synonyms(tokenise("chart")) == []


def test_it_is_the_same_after_loading(tmp_path: Path) -> None:
    GLOSSARY.save(tmp_path)
    assert Glossary.load(tmp_path) == GLOSSARY


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert read_glossary(tmp_path) == (Glossary(), [])


@pytest.mark.parametrize(
    "text",
    [
        "just text",
        "terms: 5",
        "terms: [1, 2]",
        "terms: [",
        "terms:\n- &a {en: [x]}\n- *a",
        "!!python/object:os.system {}",
        "[" * 5_000,
        "terms:\n- en: [x\n",
    ],
)
def test_a_bad_one_is_reported_and_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "glossary.yaml").write_text(text, "utf-8")
    glossary, problems = read_glossary(tmp_path)
    assert glossary == Glossary()
    assert [problem.path for problem in problems] == ["glossary.yaml"]


def test_one_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_bytes("terms:\n- {zh: [看板]}\n".encode("gbk"))
    assert read_glossary(tmp_path)[1]
