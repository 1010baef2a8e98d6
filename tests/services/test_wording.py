import pytest

from bot.domain.conversation import Locale
from bot.services.wording import (
    Wording,
    content_words,
    foreign_names_occur,
    is_contradicted,
    is_in,
    is_negative,
    keeps_to,
    names_occur,
)

TRASH = Wording.of(
    "A deleted field does not go to the trash and cannot be recovered, so export the project "
    "first. Click **New field** in Settings. Guests can comment but cannot edit."
)
UNDO = Wording.of("刷新页面之后就不能再撤销，之前的改动可在任务的 **动态** 里查到。")


def test_content_words_are_stems_and_pairs_of_characters() -> None:
    assert content_words("You can restore the Deleted fields’ values") == [
        "restor",
        "delet",
        "field",
        "valu",
    ]
    assert content_words("您可以撤銷了") == ["撤销"]


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("You can't do that", True),
        ("No fields", True),
        ("Not only fields but also values", False),
        ("It is not only for admins", True),
        ("Notes", False),
        ("不能撤销", True),
        ("没有权限", True),
        ("能不能撤销", False),
        ("不同的字段", False),
        ("不过可以撤销", False),
    ],
)
def test_negation(text: str, negative: bool) -> None:
    assert is_negative(text) is negative


@pytest.mark.parametrize(
    ("text", "source", "contradicted"),
    [
        ("A deleted field can be recovered", TRASH, True),
        ("A deleted field can't be recovered", TRASH, False),
        ("Guests can comment", TRASH, False),
        ("Guests cannot comment", TRASH, True),
        ("Guests can edit", TRASH, False),
        ("刷新页面之后能再撤销", UNDO, True),
        ("刷新页面之后无法再撤销", UNDO, False),
        ("之前的改动可在动态里查到", UNDO, False),
    ],
)
def test_contradiction(text: str, source: Wording, contradicted: bool) -> None:
    assert is_contradicted(text, source) is contradicted


@pytest.mark.parametrize(
    ("text", "source", "occur"),
    [
        ("Click **New field**", TRASH, True),
        ("Click **Archive**", TRASH, False),
        ("Click “Archive”", TRASH, False),
        ("Then click Archive", TRASH, False),
        ("Then open Settings", TRASH, True),
        ("**Important:** export it", TRASH, True),
        ("打开“动态”", UNDO, True),
        ("打开“归档”", UNDO, False),
        ("打开【归档】", UNDO, False),
    ],
)
def test_names(text: str, source: Wording, occur: bool) -> None:
    assert names_occur(text, source) is occur


@pytest.mark.parametrize(
    ("text", "source", "locale", "keeps"),
    [
        ("Export the project before deleting a field", TRASH, Locale.EN, True),
        ("Yes, you can", TRASH, Locale.EN, True),
        ("Call the hotline for a refund", TRASH, Locale.EN, False),
        ("刷新以后不能撤销", UNDO, Locale.ZH, True),
        ("请致电客服热线申请退款", UNDO, Locale.ZH, False),
    ],
)
def test_keeping_to_the_source(text: str, source: Wording, locale: Locale, keeps: bool) -> None:
    assert keeps_to(text, source, locale) is keeps


@pytest.mark.parametrize(
    ("text", "source", "locale", "occur"),
    [
        ("点击 **New field**，再打开 Settings", TRASH, Locale.ZH, True),
        ("点击 **Archive**", TRASH, Locale.ZH, False),
        ("See **动态** for earlier changes", UNDO, Locale.EN, True),
        ("See **归档** for earlier changes", UNDO, Locale.EN, False),
    ],
)
def test_names_across_languages(text: str, source: Wording, locale: Locale, occur: bool) -> None:
    assert foreign_names_occur(text, source, locale) is occur


def test_several_sources_count_as_one() -> None:
    merged = Wording.merge([TRASH, UNDO])
    assert names_occur("**New field** “动态”", merged)
    assert is_contradicted("刷新页面之后能再撤销", merged)


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("Open the project and click **甘特图**.", Locale.EN, True),
        ("打开 **Project settings > Fields**，再点 `New field`。", Locale.ZH, True),
        ("在 Slack 里使用 Tideboard 的命令", Locale.ZH, True),
        ("Save", Locale.ZH, True),
        ("Ｏｐｅｎ ｔｈｅ ｐｒｏｊｅｃｔ ｎｏｗ", Locale.EN, True),
        ("Open the project and click Save.", Locale.ZH, False),
        ("打开项目，点击保存。", Locale.EN, False),
        ("プロジェクトをひらいてください", Locale.ZH, False),
        ("Откройте проект", Locale.EN, False),
        ("Ouvrez votre projet puis cliquez sur le bouton vert", Locale.EN, False),
    ],
)
def test_language(text: str, locale: Locale, expected: bool) -> None:
    assert is_in(text, locale) is expected
