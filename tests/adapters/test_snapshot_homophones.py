import pytest

from bot.adapters.snapshot_homophones import Homophones
from ingest.lexical import LexicalIndex, tokenise

ARTICLES = LexicalIndex.build(
    dict.fromkeys(tokenise(text), 1.0)
    for text in ("创建子任务", "导出项目", "体现", "获得", "看板")
)
RARE, COMMON, WORD = -15.0, -6.0, -9.0  # log-probabilities
WORDS = {
    **dict.fromkeys("创键任物倒出项木提现货建务导目获得体看办板", RARE),
    **dict.fromkeys("的怎么", COMMON),
    **dict.fromkeys(("创建", "任务", "导出", "项目", "提现", "体现", "获得", "股市", "故事"), WORD),
}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("怎么创键子任物", "怎么创建子任务"),
        ("倒出项木?", "导出项目?"),
        ("how 创键", "how 创建"),
        ("創鍵", "创建"),
        ("创建任务", "创建任务"),
    ],
)
def test_a_character_of_the_same_sound_is_put_right(said: str, meant: str) -> None:
    assert Homophones(ARTICLES, WORDS).correct(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "提现",  # a word of the language, though no article has it
        "货的",  # 获得 is no likelier than so common a character
        "股市",
        "故事",
        "导航",
        "匯出專案",
        "键",
        "task",
        "",
    ],
)
def test_everything_else_is_left_alone(said: str) -> None:
    assert Homophones(ARTICLES, WORDS).correct(said) == said


def test_what_the_glossary_names_is_a_word_too() -> None:
    assert Homophones(ARTICLES, WORDS).correct("看办") == "看办"
    assert Homophones(ARTICLES, WORDS, ["看板", "board"]).correct("看办") == "看板"


def test_nothing_is_corrected_where_no_words_of_the_language_are_known() -> None:
    assert Homophones(ARTICLES, {}, ["创建"]).correct("创键") == "创键"
