from pathlib import Path
from random import Random

import pytest

from bot.domain.conversation import Locale
from evals.cases import OWN_CASES, Case, Collection, load_folder
from evals.typos import mistype, mistyped


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("question", ["how do I export it", "How do I export", "EXPORTS?"])
def test_a_slip_is_in_a_word_that_carries_a_topic_and_spares_its_beginning(
    question: str, seed: int
) -> None:
    text = mistype(question, Random(seed))  # noqa: S311
    assert text != question
    at = question.lower().index("export") + 1
    assert text[:at] == question[:at]
    assert abs(len(text) - len(question)) <= 1


@pytest.mark.parametrize("seed", range(20))
def test_one_character_is_taken_for_another(seed: int) -> None:
    question = "怎么导出项目"
    text = mistype(question, Random(seed))  # noqa: S311
    assert text.startswith("怎么")
    assert sum(one != other for one, other in zip(text, question, strict=True)) == 1


@pytest.mark.parametrize(
    "text", ["", "how about it", "什么", "v2.1 a@example.org https://x.example"]
)
def test_where_nothing_can_be_mistyped_all_is_as_it_was(text: str) -> None:
    assert mistype(text, Random(1)) == text  # noqa: S311


def test_cases_are_the_same_each_time_but_for_the_question() -> None:
    exports = Case("1", Locale.EN, "how to export", ("a.md",))
    nothing = Case("2", Locale.EN, "how?")
    collection = Collection("own", Path("kb"), (exports, nothing), "own")
    first, again = mistyped(collection), mistyped(collection)
    assert first == again
    assert (first.name, first.dataset, first.folder) == ("mistyped_own", "mistyped_own", Path("kb"))
    (case,) = first.cases
    assert case.relevant == ("a.md",)
    assert case.query != exports.query


def test_most_of_the_own_cases_can_be_mistyped(tmp_path: Path) -> None:
    (own,) = load_folder(OWN_CASES, tmp_path, "own")
    assert len(mistyped(own).cases) > 0.9 * len(own.cases)
