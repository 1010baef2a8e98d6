import pytest

from evals import texts

ARTICLE = """Owners create projects with **Projects > New project**; see [roles](../roles.md).

1. Open **Projects**.
2. Click `Create`.
"""


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Open **Settings** > *Teams*. [1]", "open settings > teams"),
        ("1. Click  Save.\n2. Close.", "click save"),
        ("单击“保存”。 [2]", "单击 “保存”"),
        ("ＡＢＣ", "abc"),
        ("See [the roles](a.md) first", "see the roles"),
    ],
)
def test_layout_does_not_matter(text: str, span: str) -> None:
    assert texts.holds(text, span)


def test_other_words_do() -> None:
    assert not texts.holds("Open settings", "open the settings")
    assert not texts.holds("anything", "")


def test_sentences_are_told_apart() -> None:
    text = "It costs 3.50 a month. [1]\n\n1. Open **it**.\n2. Close it!\n\n单击保存。然后关闭。 [2]"
    assert texts.sentences(text) == [
        "It costs 3.50 a month.",
        "Open it.",
        "Close it!",
        "单击保存。",
        "然后关闭。",
    ]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("Guests cannot create projects. [1] Owners can.", True),
        ("Guests cannot create projects, but owners can.", True),
        ("Owners can. Guests cannot create projects.", False),
        ("", False),
    ],
)
def test_an_answer_begins_with_what_answers(text: str, begins: bool) -> None:
    assert texts.begins_with(text, "Guests cannot create projects") is begins


def test_an_answer_is_brief_in_either_language() -> None:
    assert texts.is_brief("word " * 130)
    assert not texts.is_brief("word " * 131)
    assert texts.is_brief("字" * 220)
    assert not texts.is_brief("字" * 221)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Open the board.", "en"),
        ("打开看板。", "zh"),
        ("打开设置里的 Settings > Boards。", "zh"),
        ("《Frequently asked questions on installation and operation》是英文文章：", "zh"),
        ("用这个请求：\n```bash\ncurl -s https://api.example.com/v2/tasks?status=open\n```", "zh"),
        ("The field `看板名称显示在这里` holds it.", "en"),
        ("Of “看板与项目的区别，以及怎么选” there is no English version.", "en"),
        ("Frequently asked questions on installation and operation，见下", "en"),
    ],
)
def test_code_and_titles_say_nothing_about_the_language(text: str, language: str) -> None:
    assert texts.reads_as(text) == language


def test_what_stands_in_a_source_is_grounded() -> None:
    steps = "1. Open **Projects**.\n2. Click `Create`. [1]"
    text = f"{steps}\n\nOwners create projects with **Projects > New project**; see roles."
    assert texts.ungrounded(text, [ARTICLE]) == ()


def test_what_no_source_says_is_named() -> None:
    text = "Open **Projects**. [1] Send us your password."
    assert texts.ungrounded(text, [ARTICLE]) == ("Send us your password.",)


def test_own_words_may_be_others_but_not_about_other_things() -> None:
    faithful = "Projects are what owners create with New project."
    invented = "Refunds arrive within fourteen working days."
    assert texts.ungrounded(faithful, [ARTICLE]) != ()
    assert texts.ungrounded(faithful, [ARTICLE], verbatim=False) == ()
    assert texts.ungrounded(invented, [ARTICLE], verbatim=False) == (invented,)


def test_a_line_of_the_orders_is_a_leak() -> None:
    orders = ["You answer.\n1. Use only the numbered passages between the tags."]
    assert texts.leaks("Sure: use ONLY the numbered passages between the tags", orders)
    assert not texts.leaks("You answer.", orders)


@pytest.mark.parametrize(
    "text",
    [
        "see [here](https://evil.example/a)",
        "see https://evil.example/a。",
        "see <https://evil.example/a>",
        "see [here](/kb/other.md)",
        "[mail](mailto:a@evil.example)",
        "![pixel](/kb/en/a.md)",
        "<img src=x>",
    ],
)
def test_links_to_what_was_not_cited_are_stray(text: str) -> None:
    assert texts.stray_links(text, ["/kb/en/a.md"], ["another page"])


def test_a_cited_link_is_none() -> None:
    assert texts.stray_links("see [a](/kb/en/a.md) and f(x)", ["/kb/en/a.md"], []) == ()


def test_a_plain_address_of_a_source_is_no_link() -> None:
    source = ["1. Open https://app.example.com/."]
    assert texts.stray_links("Open https://app.example.com/", [], source) == ()
    assert texts.stray_links("Open https://app.example.com/.", [], source) == ()
    assert texts.stray_links("Open <https://app.example.com/>", [], source) != ()
