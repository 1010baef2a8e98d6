"""One process or several: the same records in the same order."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from evals import crew
from evals.cases import Case, Collection
from evals.crew import Examined, Job, Terms
from evals.records import Record
from evals.runner import Progress
from ingest.errors import IngestError

BOARD = "# Boards\n\n## Add a column\n\nClick **Add column** at the right end of the board.\n"
EXPORT = "# Export\n\n## Export to CSV\n\nOpen the settings and choose CSV as the format.\n"
COLUMN = Case("column", Locale.EN, "How do I add a column to the board?", ("boards.md",))
CSV = Case("csv", Locale.EN, "How do I export a project to CSV?", ("export.md",))
TABLE = replace(COLUMN, id="table", query="Where is the button for a new column?")


def job(folder: Path, article: str, *cases: Case) -> Job:
    folder.mkdir(exist_ok=True)
    (folder / cases[0].relevant[0]).write_text(article, "utf-8")
    return Job(Collection(folder.name, folder, cases), on_trial=True)


def examine(folder: Path, *jobs: Job, processes: int, timed: bool = False) -> Examined:
    work = folder / f"work-{processes}"
    terms = Terms(Settings(), work, timed=timed, processes=processes, share=1)
    return crew.examine(jobs, terms, lambda *step: None)


def seen(record: Record) -> Record:
    return replace(record, stage_ms={}, latency_ms=0.0)


@pytest.mark.models
def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    boards = job(tmp_path / "boards", BOARD, COLUMN, TABLE)
    exports = job(tmp_path / "exports", EXPORT, CSV)
    alone = examine(tmp_path, boards, exports, processes=1)
    assert [record.id for record in alone.records] == ["column", "table", "csv"]
    assert [record.decision for record in alone.records] == ["answer"] * 3
    assert all(record.blocked for record in alone.records)
    together = examine(tmp_path, boards, exports, processes=2)
    assert list(map(seen, together.records)) == list(map(seen, alone.records))
    assert {name: card["models"] for name, card in together.cards.items()} == {
        name: card["models"] for name, card in alone.cards.items()
    }


@pytest.mark.models
def test_times_are_taken_in_one_process(tmp_path: Path) -> None:
    boards = job(tmp_path / "boards", BOARD, COLUMN, TABLE)
    examined = examine(tmp_path, boards, processes=2, timed=True)
    assert [record.timed for record in examined.records] == [True, True]
    assert len(list((tmp_path / "work-2").glob("index-*"))) == 1


def test_a_folder_without_articles_is_told_from_another_process_too(tmp_path: Path) -> None:
    jobs = [
        Job(Collection(name, tmp_path / name, (CSV,)))
        for name in ("first missing", "second missing")
    ]
    with pytest.raises(IngestError, match="missing is not a folder"):
        examine(tmp_path, *jobs, processes=2)


def say_so(progress: Progress) -> list[Record]:
    progress("aside", 1, 1)
    return [Record("said", "said", "aside", "en", "", "Hello")]


@pytest.mark.models
@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_done_beside_the_questions_comes_after_them(tmp_path: Path, processes: int) -> None:
    boards = job(tmp_path / "boards", BOARD, COLUMN)
    terms = Terms(Settings(), tmp_path / "work", processes=processes)
    examined = crew.examine([boards], terms, lambda *step: None, say_so)
    assert [record.id for record in examined.records] == ["column", "aside"]


def test_nothing_to_ask_is_no_work(tmp_path: Path) -> None:
    assert examine(tmp_path, processes=2) == Examined([], {})


def test_a_wrong_judge_is_told_before_any_work(tmp_path: Path) -> None:
    terms = Terms(Settings(), tmp_path / "work", judge="nobody:nothing")
    with pytest.raises(ConfigurationError, match="nobody"):
        crew.examine([], terms, lambda *step: None)
    assert not (tmp_path / "work").exists()
