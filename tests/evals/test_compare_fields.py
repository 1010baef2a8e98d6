from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from evals.cases import Case, Collection
from evals.compare_fields import VARIANTS, compare
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import hashed_space, write_articles

ARTICLES = {
    "en/plan.md": "---\ntitle: Timeline\nquestions: [where is my schedule]\n---\n\nBars.\n\n"
    "## Milestones\n\nA rhombus each.\n",
    "en/board.md": "# Wall\n\nCards in columns, for kanban.\n",
    "glossary.yaml": "terms:\n- {en: [wall, pinboard]}\n",
}
QUESTIONS = {"timeline": 0, "milestones": 0, "rhombus": 0, "schedule": 0, "pinboard": 1, "board": 1}
PATHS = ("en/plan.md", "en/board.md")


@pytest.mark.parametrize(
    ("variant", "lost"),
    [
        ("all", 0),
        ("without title", 2),  # the glossary leads to the title
        ("without headings", 1),
        ("without body", 2),
        ("without questions", 1),
        ("without the glossary", 1),
        ("without general synonyms", 1),
        ("without either", 2),
    ],
)
def test_what_is_taken_away_loses_the_questions_that_need_it(
    tmp_path: Path, variant: str, lost: int
) -> None:
    folder = write_articles(tmp_path / "kb", ARTICLES)
    index = SnapshotIndex(tmp_path / "index")
    ingest(folder, index, [hashed_space()])
    cases = tuple(Case(q, Locale.EN, q, (PATHS[n],)) for q, n in QUESTIONS.items())
    table = compare([(Collection("few", folder, cases), index.load())], ["en-en"])
    row = list(VARIANTS).index(variant)
    found = 1 - lost / len(QUESTIONS)
    assert list(table.columns[1].cells)[row] == f"{found:.3f} / {found:.3f}  n={len(QUESTIONS)}"
