from pathlib import Path

import pytest
import yaml

from ingest.glossary import GENERAL, Glossary, general_synonyms, read_glossary
from ingest.lexical import tokenise

GLOSSARY = Glossary((("Gantt chart", "timeline", "甘特图"), ("subtask", "子任务")))


def test_a_word_brings_the_words_of_its_group() -> None:
    assert set(GLOSSARY.synonyms(tokenise("open the timeline"))) >= {"gantt", "chart", "甘特"}


def test_a_chinese_word_brings_the_english_ones() -> None:
    assert "subtask" in GLOSSARY.synonyms(tokenise("怎么建子任务"))


def test_words_of_the_question_are_not_repeated() -> None:
    assert "timelin" not in GLOSSARY.synonyms(tokenise("timeline"))


def test_half_a_word_is_no_match() -> None:
    assert GLOSSARY.synonyms(tokenise("chart")) == {}


def test_the_terms_of_a_word_share_its_weight() -> None:
    assert GLOSSARY.synonyms(tokenise("timeline")) == {
        "gantt": 0.5,
        "chart": 0.5,
        "甘特": 0.5,
        "特图": 0.5,
    }


def test_a_word_of_two_groups_brings_both() -> None:
    glossary = Glossary((("order", "sort"), ("order", "purchase")))
    assert set(glossary.synonyms(tokenise("order"))) == {"sort", "purchas"}


def test_a_term_of_several_words_weighs_as_in_the_shortest() -> None:
    glossary = Glossary((("board", "kanban board", "wall"),))
    assert glossary.synonyms(tokenise("wall")) == {"board": 1.0, "kanban": 0.5}


def test_users_and_manuals_are_known_to_name_things_differently() -> None:
    assert "删除" in general_synonyms().synonyms(tokenise("任务删掉了"))
    assert "看板" in general_synonyms().synonyms(tokenise("kanban"))


def test_the_general_words_are_words_that_can_be_found() -> None:
    for group in general_synonyms().groups:
        assert len(group) > 1
        assert all(tokenise(word) for word in group), group


def test_the_general_words_stand_once_in_each_group() -> None:
    words = yaml.safe_load(GENERAL.read_text("utf-8"))["terms"]
    assert all(len(set(group)) == len(group) for entry in words for group in entry.values())


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
