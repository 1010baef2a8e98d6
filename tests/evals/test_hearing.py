"""The real bot's hearing over dialogues and over the own questions."""

from pathlib import Path

import pytest

from bot.settings import Settings
from evals.dialogues import OWN_DIALOGUES
from evals.hearing import dialogue_files, examine


def silent(name: str, done: int, of: int) -> None:
    return None


def test_only_files_of_dialogues_are_taken(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "query": "how"}\n', "utf-8")
    (tmp_path / "talks.jsonl").write_text(OWN_DIALOGUES.read_text("utf-8"), "utf-8")
    assert [file.name for file in dialogue_files(tmp_path)] == ["talks.jsonl"]


@pytest.mark.models
def test_a_folder_of_dialogues_is_heard(tmp_path: Path) -> None:
    lines = OWN_DIALOGUES.read_text("utf-8").split("\n")[:8]
    (tmp_path / "talks.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    records = examine(Settings(home=tmp_path / "home"), tmp_path, silent)
    assert {record.dataset for record in records} == {tmp_path.name}
    assert all(record.heard is not None and record.expected is not None for record in records)
    assert examine(Settings(home=tmp_path / "home"), tmp_path, silent, {"another"}) == []
    asking = [r for r in records if r.heard and r.heard.wants_human]
    assert any(r.expected and r.expected.wants_human for r in asking)
    assert all(r.heard and r.heard.handed_over for r in asking)
