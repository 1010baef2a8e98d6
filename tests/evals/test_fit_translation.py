from collections.abc import Sequence

import pytest

from bot.domain.conversation import Locale
from evals.fit_translation import halves, pairs, threshold
from evals.parallel import Parallel


def section(page: str, n: int = 0) -> Parallel:
    english = tuple(f"{page} {n} says something {i}" for i in range(3))
    return Parallel(page, (english, tuple(f"{text} 中文" for text in english)))


SECTIONS = [section("a"), section("a", 1), section("b")]


def test_a_claim_has_its_source_a_neighbour_and_a_strange_section() -> None:
    first = next(pairs(SECTIONS, Locale.ZH))
    assert first.claim == SECTIONS[0].told_in(Locale.ZH)[0]
    assert first.source == SECTIONS[0].told_in(Locale.EN)
    assert first.neighbour == SECTIONS[1].told_in(Locale.EN)
    assert first.strange == SECTIONS[2].told_in(Locale.EN)
    assert list(pairs(SECTIONS, Locale.EN))[-1].neighbour == ()


def test_a_page_is_on_one_side() -> None:
    one, two = halves([section(page, n) for page in "abcdefgh" for n in range(2)])
    assert not {s.page for s in one} & {s.page for s in two}
    assert one
    assert two


@pytest.mark.parametrize(("cosine", "fitted"), [(0.1, 0.0), (0.405, 0.4), (0.9, 0.64)])
def test_the_threshold_keeps_the_true_ones(cosine: float, fitted: float) -> None:
    def compare(texts: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        return [[cosine for _ in others] for _ in texts]

    assert threshold({"own": SECTIONS}, compare) == pytest.approx(fitted)
