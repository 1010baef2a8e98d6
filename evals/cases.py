"""A question with what is known about it, in the format of the contract."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.conversation import Author, Locale, Message, Outcome
from bot.domain.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
OWN_CASES = ROOT / "evals" / "data"
KNOWLEDGE_BASE = ROOT / "knowledge_base"


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    locale: Locale
    query: str
    relevant: tuple[str, ...] = ()
    answer_span: str = ""
    answerable: bool = True
    kind: str = ""
    history: tuple[Message, ...] = ()
    corpus: str = ""
    ambiguous: bool = False  # a question back is wanted
    options: tuple[str, ...] = ()  # of an ambiguous case: what the question back should offer
    attack: str = ""  # the words that try to turn the bot

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Case":
        return cls(
            id=row["id"],
            locale=Locale(row["locale"]),
            query=row["query"],
            relevant=tuple(row.get("relevant", ())),
            answer_span=row.get("answer_span") or "",
            answerable=row.get("answerable", True),
            kind=row.get("kind", ""),
            history=tuple(message_from(turn) for turn in row.get("history", ())),
            corpus=row.get("corpus", ""),
            ambiguous=row.get("ambiguous", False),
            options=tuple(row.get("options", ())),
        )


@dataclass(frozen=True, slots=True)
class Collection:
    """Questions over one knowledge base."""

    name: str
    folder: Path
    cases: tuple[Case, ...]
    dataset: str = ""  # that it is a part of; the name where it stands alone


def load_folder(folder: Path, work: Path, name: str = "") -> list[Collection]:
    """The cases of a folder, one collection a corpus; those that name none ask the own articles.

    Raises ConfigurationError for a folder without cases and for a line that is no case.
    """
    files = [file for file in sorted(folder.glob("*.jsonl")) if not has_dialogues(file)]
    cases = [case for file in files for case in _read_cases(file)]
    if not cases:
        raise ConfigurationError(f"no eval cases in {folder}: expected *.jsonl files there")
    if repeated := _repeated(case.id for case in cases):
        raise ConfigurationError(f"{folder}: the id {repeated} stands for two cases")
    return [
        Collection(
            corpus or name or folder.name,
            _corpus_folder(folder, corpus, work),
            tuple(case for case in cases if case.corpus == corpus),
            name or folder.name,
        )
        for corpus in dict.fromkeys(case.corpus for case in cases)
    ]


def has_dialogues(file: Path) -> bool:
    """Told by its first line: what has turns is no question."""
    with file.open(encoding="utf-8-sig") as lines:
        first = next((line for line in lines if line.strip()), "")
    try:
        row = json.loads(first)
    except ValueError:
        return False
    return isinstance(row, dict) and "turns" in row


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def message_from(turn: Mapping[str, str]) -> Message:
    author = Author.CUSTOMER if turn["role"] == "user" else Author.BOT
    outcome = Outcome(turn["outcome"]) if turn.get("outcome") else None
    return Message("eval", author, turn["text"], outcome=outcome)


def _read_cases(file: Path) -> Iterator[Case]:
    for number, line in enumerate(file.read_text("utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield Case.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ConfigurationError(f"{file}:{number}: no eval case: {reason}") from error


def _repeated(ids: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for identifier in ids:
        if identifier in seen:
            return identifier
        seen.add(identifier)
    return None


def _corpus_folder(folder: Path, corpus: str, work: Path) -> Path:
    if not corpus:
        return KNOWLEDGE_BASE
    articles = folder.parent / f"corpus_{corpus}" / "md"
    if not articles.is_dir():
        raise ConfigurationError(f"no folder {articles}, which the cases in {folder} ask about")
    pages = folder / f"{corpus}_pages.txt"
    if not pages.is_file():
        return articles
    target = work / corpus
    for page in pages.read_text("utf-8").split("\n"):
        if page.strip():
            (target / page.strip()).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(articles / page.strip(), target / page.strip())
    return target
