from collections.abc import Iterable

import pytest

from bot.adapters.snapshot_spelling import EnglishSpelling
from ingest.lexical import LexicalIndex, surface, tokenise

ARTICLES = [
    "Create a subtask",
    "Boards and subtasks",
    "A board",
    "The board exports",
    "A bold form",
]
ENGLISH = {"board": 1, "create": 2, "weather": 3, "sports": 4, "exported": 5, "block": 6}


def index(texts: Iterable[str]) -> LexicalIndex:
    return LexicalIndex.build(dict.fromkeys(surface(text), 1.0) for text in texts)


def spelling(english: dict[str, int] = ENGLISH) -> EnglishSpelling:
    terms = {term for text in ARTICLES for term in tokenise(text)} | {"kanban"}
    return EnglishSpelling(index(ARTICLES), terms.__contains__, english)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("how do I create a subtsk?", "how do I create a subtask?"),
        ("Subtassk", "subtask"),
        ("SUBTAKS", "subtask"),
        ("sbutask", "subtask"),
        ("subtawk", "subtask"),
        ("subtask", "subtask"),
        ("the baord", "the board"),
        ("boadr", "board"),  # also one slip from `boards`, which fewer articles have
        ("expported", "exported"),  # in another form than any article has it
        ("baord怎么建", "board怎么建"),
    ],
)
def test_a_slip_is_put_right_by_the_words_of_the_articles(said: str, meant: str) -> None:
    assert spelling().correct(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "sports",  # another word of the language, though near `exports`
        "weather",
        "unblock",  # made of another word, though near `unlock`
        "creates",  # of the same stem
        "kanban",  # known by a synonym
        "bord",  # too short
        "subtsk" + 15 * "k",  # no word
        "uboard",  # another first letter, and yet no slip
        "exprotss",  # two slips
        "asdkjh",
        "see https://example.org/subtsk or mail subtsk@example.org",
        "subtsk-2 subtsk_a subtsk.py don't",
        "SubTsk",  # a name
        "subtsk's",
        "für Ümsubtsk, subtskü",
        "",
    ],
)
def test_everything_else_is_left_alone(said: str) -> None:
    assert spelling().correct(said) == said


def test_nothing_is_corrected_where_no_words_of_the_language_are_known() -> None:
    assert spelling({}).correct("subtsk") == "subtsk"
