from collections.abc import Sequence

import pytest

from bot.services import facts
from bot.services.translation import denies_otherwise, keeps_counts, renders


class Table:
    """Cosines as given, to everything else 0."""

    def __init__(self, **cosines: float) -> None:
        self.cosines = cosines

    def compare(self, texts: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        return [[self.cosines.get(other, 0.0) for other in others] for _ in texts]


@pytest.mark.parametrize(
    ("cosines", "others", "stands"),
    [
        ({"near": 0.7}, [], True),
        ({"near": 0.2}, [], False),
        ({"near": 0.5, "elsewhere": 0.7}, [["elsewhere"]], False),
        ({"near": 0.7, "elsewhere": 0.72}, [["elsewhere"]], True),
    ],
)
def test_a_translation_is_nearest_to_what_it_cites(
    cosines: dict[str, float], others: list[list[str]], stands: bool
) -> None:
    assert renders("看板有列。", [["near", "far"]], others, Table(**cosines)) is stands


def test_only_the_nearest_sentences_are_meant() -> None:
    source = ["A card can be moved.", "A card cannot be copied."]
    likeness = Table(**{source[0]: 0.8, source[1]: 0.5})
    assert renders("卡片可以移动。", [source], [], likeness)
    assert not renders("卡片不能移动。", [source], [], likeness)


def test_a_source_without_sentences_supports_nothing() -> None:
    assert not renders("看板有列。", [[]], [], Table())


@pytest.mark.parametrize(
    ("claim", "source", "otherwise"),
    [
        ("删除的字段无法恢复。", "A deleted field cannot be recovered.", False),
        ("删除的字段可以恢复。", "A deleted field cannot be recovered.", True),
        ("删除的字段无法恢复。", "A deleted field can be recovered.", True),
        ("订单未支付。", "The order is unpaid.", False),
        ("不会改动原项目。", "The project remains as it was.", False),
        ("Guests cannot edit tasks.", "访客可以编辑任务。", True),
        ("Guests can edit tasks.", "访客不能编辑任务。", True),
        ("Only admins edit tasks.", "成员不能编辑任务。", False),
        ("是否必填由项目决定。", "The project decides whether it is required.", False),
        ("客人不能编辑。", "Guests can edit.", True),
    ],
)
def test_flat_denials_are_compared(claim: str, source: str, otherwise: bool) -> None:
    assert denies_otherwise(claim, [source]) is otherwise


def test_spelled_counts_are_the_sources() -> None:
    known = facts.known("Three roles exist.")
    assert keeps_counts("有三种角色。", known)
    assert not keeps_counts("有五种角色。", known)
    assert keeps_counts("两个角色都可以。", known)
