from pathlib import Path

import numpy as np
import pytest

from ingest.lexical import LexicalIndex, surface, tokenise, weigh


def build(*texts: str) -> LexicalIndex:
    return LexicalIndex.build(weigh([(1.0, text)]) for text in texts)


def test_english_words_are_stemmed_and_stop_words_left_out() -> None:
    assert tokenise("How do I invite the members?") == ["invit", "member"]


def test_chinese_becomes_bigrams_beside_english_words() -> None:
    assert tokenise("调用 Webhook 接口") == ["调用", "webhook", "接口"]
    assert tokenise("甘特图") == ["甘特", "特图"]


def test_a_single_character_is_kept() -> None:
    assert tokenise("列 A") == ["列"]


def test_question_words_carry_no_topic() -> None:
    assert "怎么" not in tokenise("怎么删除任务")


def test_the_document_with_the_rare_term_wins() -> None:
    index = build("tasks and boards", "tasks and columns", "tasks and webhooks")
    assert int(np.argmax(index.match(tokenise("tasks webhook")).scores)) == 2


def test_terms_that_occur_nowhere_raise_the_ceiling_only() -> None:
    index = build("boards", "columns")
    known, unknown = index.match(tokenise("boards")), index.match(tokenise("boards zeppelin"))
    assert np.array_equal(known.scores, unknown.scores)
    assert unknown.ceiling > known.ceiling


def test_no_score_exceeds_the_ceiling() -> None:
    index = build("boards boards boards", "boards columns", "columns limits")
    found = index.match(tokenise("boards columns limits"))
    assert found.scores.max() <= found.ceiling + 1e-5


def test_synonyms_score_by_their_weight_and_leave_the_ceiling() -> None:
    index = build("boards", "columns", "limits")
    own = index.match(tokenise("boards"))
    helped = index.match(tokenise("boards"), {"column": 0.5, "zeppelin": 0.5})
    assert helped.ceiling == own.ceiling
    assert helped.scores[1] == pytest.approx(own.scores[0] / 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("logged in", "login"),
        ("signing-in", "sign in"),
        ("setting up", "setup"),
        ("e-mails", "email"),
        ("to-do", "todo"),
        ("sub-tasks", "subtask"),
        ("colours", "color"),
        ("organisation", "organization"),
        ("customising", "customize"),
        ("centre", "center"),
        ("licence", "license"),
        ("檔案權限", "档案权限"),
        ("ＡＰＩ", "api"),
    ],
)
def test_a_word_is_the_same_however_it_is_spelt(one: str, other: str) -> None:
    assert tokenise(one) == tokenise(other) != []


def test_words_that_only_look_british_stay() -> None:
    assert tokenise("hour four exercises") == ["hour", "four", "exerc"]


def test_fields_are_weighted_before_saturation() -> None:
    index = LexicalIndex.build(
        [weigh([(3.0, "boards"), (1.0, "other words")]), weigh([(1.0, "boards and other words")])]
    )
    scores = index.match(tokenise("boards")).scores
    assert scores[0] > scores[1]


def test_it_is_the_same_after_loading(tmp_path: Path) -> None:
    index = build("看板的列", "boards and columns", "sprint planning")
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    for text in ("看板", "columns", "nothing"):
        assert np.array_equal(
            index.match(tokenise(text)).scores, loaded.match(tokenise(text)).scores
        )
        assert index.match(tokenise(text)).ceiling == loaded.match(tokenise(text)).ceiling


def test_documents_without_any_term_can_be_saved(tmp_path: Path) -> None:
    build("!!!").save(tmp_path)
    assert LexicalIndex.load(tmp_path).match(tokenise("boards")).scores.tolist() == [0.0]


def test_the_surface_keeps_characters_and_word_forms() -> None:
    assert surface("Invite members 看板") == ["invite", "members", "看", "板"]
