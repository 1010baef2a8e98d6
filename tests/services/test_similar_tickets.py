"""Earlier tickets about the same: alike enough, answered, of others, the most similar first."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.errors import ModelUnavailable
from bot.domain.ticket_queue import ResolvedTicket
from bot.services.similar_tickets import LEAST, MOST, MOST_CANDIDATES, find_similar


class Scripted:
    """As alike as the script says, and nothing where it says nothing."""

    def __init__(self, likeness: dict[str, float] | None = None) -> None:
        self.likeness = likeness or {}
        self.compared: list[tuple[Sequence[str], Sequence[str]]] = []

    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        self.compared.append((texts, others))
        return [[self.likeness.get(other, 0.0) for other in others] for _ in texts]


def ticket(number: int, summary: str, resolution: str = "Fixed in 4.2.") -> ResolvedTicket:
    return ResolvedTicket(f"id-{number}", f"T-{number}", f"c-{number}", summary, resolution)


EN = "Calendar does not sync with Outlook"
ZH = "日历和 Outlook 不同步"


@pytest.mark.parametrize("asked", [EN, ZH])
def test_the_most_similar_come_first_whatever_their_language(asked: str) -> None:
    earlier = [ticket(1, "Outlook calendar is empty"), ticket(2, "日程没有同步到 Outlook")]
    model = Scripted({earlier[0].summary: LEAST, earlier[1].summary: 0.9})
    found = find_similar(asked, earlier, "c", model)
    assert [(one.id, one.label, one.similarity) for one in found] == [
        ("id-2", "T-2", 0.9),
        ("id-1", "T-1", LEAST),
    ]
    assert (found[0].summary, found[0].resolution) == (earlier[1].summary, "Fixed in 4.2.")
    assert model.compared[0][0] == [asked]


def test_what_is_less_alike_is_left_out() -> None:
    assert find_similar(EN, [ticket(1, ZH)], "c", Scripted({ZH: LEAST - 0.001})) == ()


def test_no_more_than_one_reads_at_a_glance() -> None:
    earlier = [ticket(n, f"{EN} {n}") for n in range(MOST + 3)]
    model = Scripted({one.summary: 0.7 + one.label.count("5") / 10 for one in earlier})
    found = find_similar(EN, earlier, "c", model)
    assert [one.label for one in found] == ["T-5", "T-0", "T-1"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ticket(1, ZH), conversation="c"),
        replace(ticket(1, ZH), summary=""),
        replace(ticket(1, ZH), resolution=""),
    ],
)
def test_its_own_and_those_without_words_are_not_compared(other: ResolvedTicket) -> None:
    model = Scripted({ZH: 1.0, "": 1.0})
    assert find_similar(EN, [other], "c", model) == ()
    assert model.compared == []


def test_nothing_asked_is_like_nothing() -> None:
    model = Scripted({ZH: 1.0})
    assert find_similar("", [ticket(1, ZH)], "c", model) == ()
    assert model.compared == []


def test_the_latest_are_compared_and_no_more() -> None:
    earlier = [ticket(n, f"{EN} {n}") for n in range(MOST_CANDIDATES + 10)]
    model = Scripted({earlier[-1].summary: 1.0})
    assert find_similar(EN, earlier, "c", model) == ()
    assert len(model.compared[0][1]) == MOST_CANDIDATES


def test_a_model_that_is_away_is_told() -> None:
    class Away:
        def compare(self, *_: object) -> Sequence[Sequence[float]]:
            raise ModelUnavailable("no vectors")

    with pytest.raises(ModelUnavailable):
        find_similar(EN, [ticket(1, ZH)], "c", Away())
