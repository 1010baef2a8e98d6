from collections.abc import Sequence

from bot.services.context import Context
from bot.services.parts import Part


def part(text: str, block: int = 0, place: int = 0, kind: str = "paragraph") -> Part:
    markdown = f"{place + 1}. {text}" if kind == "list" else text
    return Part(0, block, place, kind, markdown, text, 0.5, len(text.split()))


def extract(parts: Sequence[Part], wanted: int, room: int = 50) -> list[str]:
    return [each.text for each in Context(parts, room).extract(parts[wanted])]


LEAD = part("To add a column do this:")
STEPS = [part(f"Do the thing number {n}.", 1, n, "list") for n in range(5)]


def test_a_sentence_stands_alone() -> None:
    assert extract([part("A board holds 24 columns."), part("Far away it is.", place=1)], 0) == [
        "A board holds 24 columns."
    ]


def test_what_a_sentence_points_back_at_comes_along() -> None:
    parts = [part("Boards have columns."), part("They have names, too.", place=1)]
    assert extract(parts, 1) == ["Boards have columns.", "They have names, too."]


def test_steps_come_whole_with_what_announces_them() -> None:
    parts = [LEAD, *STEPS]
    assert extract(parts, 3) == [each.text for each in parts]


def test_long_steps_come_from_the_one_asked_for() -> None:
    assert extract([LEAD, *STEPS], 3, room=10) == [STEPS[2].text, STEPS[3].text]


def test_an_announcement_brings_what_it_announces() -> None:
    assert extract([LEAD, *STEPS], 0) == [LEAD.text, *(step.text for step in STEPS)]


def test_an_announcement_of_nothing_is_no_answer() -> None:
    assert extract([LEAD], 0) == []
    assert extract([LEAD, *STEPS], 0, room=2) == []


def test_code_comes_with_the_sentence_that_announces_it() -> None:
    assert extract([LEAD, part("GET /tasks", 1, 0, "code")], 1) == [LEAD.text, "GET /tasks"]


def test_labels_and_questions_are_no_answers() -> None:
    assert extract([part("Note")], 0) == []
    assert extract([part("How many columns can a board have?")], 0) == []
