"""The course of a conversation, from recorded outcomes or from words where they are missing."""

import pytest

from bot.domain.conversation import Author, Message, Outcome
from bot.domain.errors import ModelUnavailable
from bot.domain.understanding import START, Course, Trend
from bot.services.course import CourseReader, Spoken

ANSWERED, CLARIFIED, ABSTAINED, _ = Outcome


class Broken:
    def compare(self, texts: object, others: object) -> list[list[float]]:
        raise ModelUnavailable("no model")


def course(*turns: str | tuple[str, Outcome | None], upset: tuple[float, ...] = ()) -> Course:
    """Texts are the customer's, pairs the bot's; the last text is the present message."""
    messages = [
        Message("c", Author.CUSTOMER, turn)
        if isinstance(turn, str)
        else Message("c", Author.BOT, turn[0], outcome=turn[1])
        for turn in turns
    ]
    texts = [turn for turn in turns if isinstance(turn, str)]
    moods = upset or (-4.0,) * len(texts)
    spoken = [Spoken(text, mood) for text, mood in zip(texts, moods, strict=True)]
    return CourseReader(Broken()).read(messages[:-1], spoken)


def test_a_conversation_begins_without_a_course() -> None:
    assert course("how do I print") == START


def test_an_abstention_failed() -> None:
    found = course("how do I print", ("I found nothing.", ABSTAINED), "on paper, I mean")
    assert (found.failures, found.failures_running, found.declined) == (1, 1, 1)


def test_an_answer_that_nobody_objects_to_helped() -> None:
    found = course("how do I print", ("Press Print.", ANSWERED), "and in colour?")
    assert found.failures == 0
    assert found.last is ANSWERED


def test_a_question_asked_again_was_not_answered() -> None:
    question = "how do I print the board"
    found = course(question, ("Boards have columns.", ANSWERED), question)
    assert (found.failures, found.rephrasings) == (1, 1)


def test_the_same_answer_twice_failed() -> None:
    line = ("Settings are under Account.", ANSWERED)
    found = course("one project only", line, "not the account", line, "one project")
    assert found.same_answers == 1
    assert found.failures >= 1


def test_asking_back_is_no_failure_and_an_answer_ends_the_row() -> None:
    found = course("it is slow", ("Which browser?", CLARIFIED), "firefox")
    assert (found.failures, found.asked_back) == (0, 1)
    found = course("a", ("Nothing.", ABSTAINED), "b", ("Do this.", ANSWERED), "thanks then")
    assert (found.failures, found.failures_running) == (1, 0)


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("Sorry, I couldn't find an answer to that.", 1),
        ("抱歉，我没有找到相关内容。", 1),
        ("Open Settings and choose Teams.", 0),
        ("Which browser do you use?", 0),
    ],
)
def test_a_missing_outcome_is_read_from_the_words(text: str, declined: int) -> None:
    assert course("how", (text, None), "and").declined == declined


def test_a_few_words_after_an_answer_are_curt() -> None:
    answer = ("Settings are under Account, and there is more to it than that.", ANSWERED)
    assert course("how", answer, "so?").is_curt
    assert not course("how", answer, "and how would I do that for one project only").is_curt


@pytest.mark.parametrize(
    ("moods", "trend"),
    [((-4, 2), Trend.RISING), ((2, -4), Trend.FALLING), ((-4, -4), Trend.LEVEL)],
)
def test_the_trend_is_against_the_message_before(moods: tuple[float, float], trend: Trend) -> None:
    assert course("how", ("So.", ANSWERED), "what", upset=moods).trend is trend


def test_thumbs_down_are_counted() -> None:
    assert CourseReader().read([], [Spoken("hm", 0.0)], dislikes=2).dislikes == 2
