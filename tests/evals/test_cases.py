import json
from pathlib import Path

import pytest

from bot.domain.conversation import Author, Locale
from bot.domain.errors import ConfigurationError
from evals.cases import KNOWLEDGE_BASE, OWN_CASES, Case, load_folder

ROW = {"id": "a", "locale": "en", "query": "how?", "relevant": ["en/a.md"], "kind": "how_to"}


def write(folder: Path, name: str, *rows: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return folder


def test_a_case_in_full() -> None:
    history = [{"role": "user", "text": "one"}, {"role": "assistant", "text": "two"}]
    more = {"history": history, "ambiguous": True, "options": {"board": [], "list": []}}
    case = Case.from_json({**ROW, **more})
    assert case.locale is Locale.EN
    assert [turn.author for turn in case.history] == [Author.CUSTOMER, Author.BOT]
    assert case.ambiguous
    assert case.options == ("board", "list")


def test_cases_without_a_corpus_ask_the_own_articles(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", "b.jsonl", {**ROW, "id": "b"})
    write(folder, "a.jsonl", ROW)
    (one,) = load_folder(folder, tmp_path / "work", "own")
    assert (one.name, one.dataset, one.folder) == ("own", "own", KNOWLEDGE_BASE)
    assert [case.id for case in one.cases] == ["a", "b"]


def test_a_corpus_lies_beside_the_cases_and_may_be_limited(tmp_path: Path) -> None:
    pages = tmp_path / "corpus_shop" / "md" / "guide"
    pages.mkdir(parents=True)
    for name in ("a b.md", "c.md"):
        (pages / name).write_text("# Title", "utf-8")
    folder = write(tmp_path / "set", "questions.jsonl", {**ROW, "corpus": "shop"})
    (whole,) = load_folder(folder, tmp_path / "work")
    assert (whole.name, whole.dataset, whole.folder) == ("shop", "set", pages.parent)
    (folder / "shop_pages.txt").write_text("guide/a b.md\n", "utf-8")
    (few,) = load_folder(folder, tmp_path / "work")
    assert [path.name for path in few.folder.rglob("*.md")] == ["a b.md"]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "no eval cases"),
        ([ROW, {"locale": "en", "query": "?"}], "a.jsonl:2: no eval case: 'id' is missing"),
        ([{**ROW, "locale": "fr"}], "'fr' is not a valid Locale"),
        ([["a"]], "a.jsonl:1: no eval case"),
        ([ROW, ROW], "the id a stands for two cases"),
        ([{**ROW, "corpus": "gone"}], "corpus_gone"),
    ],
)
def test_what_is_no_case_is_named(tmp_path: Path, rows: list[object], complaint: str) -> None:
    folder = write(tmp_path / "set", "a.jsonl", *rows)
    with pytest.raises(ConfigurationError, match=complaint):
        load_folder(folder, tmp_path / "work")


def test_the_own_cases_name_articles_that_exist(tmp_path: Path) -> None:
    (own,) = load_folder(OWN_CASES, tmp_path, "own")
    paths = {path for case in own.cases for path in case.relevant}
    assert not [path for path in paths if not (own.folder / path).is_file()]
