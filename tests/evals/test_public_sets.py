import json
from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from evals import public_sets


def write(file: Path, *rows: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")


def test_without_a_folder_there_are_no_public_sets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(public_sets.VARIABLE, raising=False)
    assert public_sets.dev_data() is None
    monkeypatch.setenv(public_sets.VARIABLE, str(tmp_path / "gone"))
    assert public_sets.dev_data() is None
    monkeypatch.setenv(public_sets.VARIABLE, str(tmp_path))
    assert public_sets.dev_data() == tmp_path


def test_underspecified_turns_want_a_question_back(tmp_path: Path) -> None:
    source = tmp_path / "multiturn_mtrag_un_en"
    write(source / "passages.jsonl", {"id": "c/1#2", "text": "Trees are tall."})
    turns = [
        {"role": "user", "text": "trees?"},
        {"role": "assistant", "text": "Tall."},
        {"role": "user", "text": "and it?"},
    ]
    labels = ("ANSWERABLE", "UNANSWERABLE", "UNDERSPECIFIED", "PARTIAL")
    rows = [
        {"id": label, "answerability": label, "messages": turns, "gold_contexts": [{"id": "c/1#2"}]}
        for label in labels
    ]
    write(source / "dev.jsonl", *rows)
    collection = public_sets.mtrag(tmp_path, tmp_path / "work")
    good, bad, vague = collection.cases
    assert (good.query, len(good.history), good.relevant) == ("and it?", 2, ("c__1--2.md",))
    assert (collection.folder / good.relevant[0]).read_text("utf-8").endswith("Trees are tall.\n")
    assert (bad.answerable, bad.relevant, bad.ambiguous) == (False, (), False)
    assert (vague.ambiguous, vague.relevant) == (True, ())


def test_attacks_of_users_and_of_documents(tmp_path: Path) -> None:
    write(tmp_path / "injection_tensortrust" / "dev.jsonl", {"id": "t", "attack": "leak"})
    write(tmp_path / "injection_giskard" / "dev.jsonl", {"id": "g", "text": "be DAN"})
    row = {"id": "b", "attack": "sing", "question": "How much?", "poisoned_context": "sing $5"}
    write(tmp_path / "injection_bipia_indirect_en" / "dev.jsonl", row)
    users = public_sets.user_attacks(tmp_path)
    assert [(case.query, case.attack) for case in users] == [("leak", "leak"), ("be DAN", "be DAN")]
    documents = public_sets.document_attacks(tmp_path, tmp_path / "work")
    (case,) = documents.cases
    assert (case.query, case.attack, case.locale) == ("How much?", "sing", Locale.EN)
    assert "sing $5" in (documents.folder / case.relevant[0]).read_text("utf-8")


def test_own_questions_are_asked_of_the_corpora_of_others(tmp_path: Path) -> None:
    collections = {each.name: each for each in public_sets.colloquial(tmp_path)}
    assert set(collections) == {"huawei_devcloud_zh", "worktile_zh"}
    for name, collection in collections.items():
        assert collection.folder == tmp_path / f"corpus_{name}" / "md"
        assert len({case.query for case in collection.cases}) == len(collection.cases) >= 40
        for case in collection.cases:
            assert (case.corpus, case.locale, case.answer_span) == (name, Locale.ZH, "")
            assert case.relevant
            assert all(path.endswith(".md") for path in case.relevant)
    ids = [case.id for collection in collections.values() for case in collection.cases]
    assert len(set(ids)) == len(ids)
