import pytest

from bot.domain.conversation import Author, Message, Outcome
from bot.services.choices import Choices, names_one, offered

CHOICES = Choices.load()
OPTIONS = ("Export a board", "Read reports", "Plan with the Gantt chart")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the first", 0),
        ("1", 0),
        ("Number 2", 1),
        ("option 2 please", 1),
        ("the second one, please", 1),
        ("I meant the 3rd", 2),
        ("#3", 2),
        ("the last one", 2),
        ("the latter", 2),
        ("第一个", 0),
        ("第一個", 0),
        ("前面那个", 0),
        ("２", 1),
        ("我要问的是第二个", 1),
        ("选第三项吧", 2),
        ("最后一个", 2),
        ("后者", 2),
    ],
)
def test_an_option_is_picked_by_its_place(text: str, place: int) -> None:
    assert CHOICES.picked(text, OPTIONS) == OPTIONS[place]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "第四个",
        "the board",
        "the first report of the month",
        "at 2 o'clock",
        "11",
        "二维码",
        "第一个项目怎么创建",
        "最后期限",
        "the " * 40 + "first",
    ],
)
def test_what_names_no_place_picks_nothing(text: str) -> None:
    assert CHOICES.picked(text, OPTIONS) == ""


def test_without_options_nothing_is_picked() -> None:
    assert CHOICES.picked("1", ()) == ""
    assert CHOICES.picked("the last one", ()) == ""


@pytest.mark.parametrize("mark", ["- {}", "* {}", "• {}", "1. {}", "2) {}"])
def test_the_options_are_the_lines_of_a_list(mark: str) -> None:
    text = "Which one?\n\n" + "\n".join(mark.format(option) for option in OPTIONS)
    asked = Message("c", Author.BOT, text, outcome=Outcome.CLARIFIED)
    assert offered([asked]) == OPTIONS


def test_only_what_was_just_asked_back_is_offered() -> None:
    listed = Message("c", Author.BOT, "Steps:\n\n- Open it\n- Save", outcome=Outcome.ANSWERED)
    open_question = Message("c", Author.BOT, "Which version?", outcome=Outcome.CLARIFIED)
    for history in ([], [listed], [open_question]):
        assert offered(history) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [("read REPORTS", True), ("reports", True), ("Gantt", True), ("the Gantt chart again", False)],
)
def test_an_option_is_named_by_words_of_it(text: str, named: bool) -> None:
    assert names_one(text, OPTIONS) is named
