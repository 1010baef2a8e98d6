from pathlib import Path

import numpy as np

from ingest.lexical import LexicalIndex, surface, tokenise, weigh


def build(*texts: str) -> LexicalIndex:
    return LexicalIndex.build(weigh([(1.0, text)]) for text in texts)


def query(text: str) -> dict[str, float]:
    return dict.fromkeys(tokenise(text), 1.0)


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
    assert int(np.argmax(index.match(query("tasks webhook")).scores)) == 2


def test_terms_that_occur_nowhere_raise_the_ceiling_only() -> None:
    index = build("boards", "columns")
    known, unknown = index.match(query("boards")), index.match(query("boards zeppelin"))
    assert np.array_equal(known.scores, unknown.scores)
    assert unknown.ceiling > known.ceiling


def test_no_score_exceeds_the_ceiling() -> None:
    index = build("boards boards boards", "boards columns", "columns limits")
    found = index.match(query("boards columns limits"))
    assert found.scores.max() <= found.ceiling + 1e-5


def test_a_weight_scales_a_term() -> None:
    index = build("boards", "columns")
    full, half = index.match({"board": 1.0}), index.match({"board": 0.5})
    assert np.allclose(full.scores / 2, half.scores)


def test_fields_are_weighted_before_saturation() -> None:
    index = LexicalIndex.build(
        [weigh([(3.0, "boards"), (1.0, "other words")]), weigh([(1.0, "boards and other words")])]
    )
    scores = index.match(query("boards")).scores
    assert scores[0] > scores[1]


def test_it_is_the_same_after_loading(tmp_path: Path) -> None:
    index = build("看板的列", "boards and columns", "sprint planning")
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    for text in ("看板", "columns", "nothing"):
        assert np.array_equal(index.match(query(text)).scores, loaded.match(query(text)).scores)
        assert index.match(query(text)).ceiling == loaded.match(query(text)).ceiling


def test_documents_without_any_term_can_be_saved(tmp_path: Path) -> None:
    build("!!!").save(tmp_path)
    assert LexicalIndex.load(tmp_path).match(query("boards")).scores.tolist() == [0.0]


def test_the_surface_keeps_characters_and_word_forms() -> None:
    assert surface("Invite members 看板") == ["invite", "members", "看", "板"]
