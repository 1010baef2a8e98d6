"""The public development sets below FIRSTLINE_DEV_DATA as suites; nothing of them is kept here."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.domain.conversation import Locale
from evals.cases import Case, Suite, read_rows

VARIABLE = "FIRSTLINE_DEV_DATA"


def dev_data() -> Path | None:
    """The folder of the development sets, when there is one on this machine."""
    value = os.environ.get(VARIABLE)
    return Path(value) if value and Path(value).is_dir() else None


def dev_qa(data: Path, work: Path) -> list[Suite]:
    """The main set: one suite a corpus, its pages limited where a list says so."""
    cases = [Case.from_json(row) for row in read_rows(data / "dev_qa" / "questions.jsonl")]
    suites = []
    for corpus in dict.fromkeys(case.corpus for case in cases):
        folder = data / f"corpus_{corpus}" / "md"
        pages = data / "dev_qa" / f"{corpus}_pages.txt"
        if pages.is_file():
            folder = _copy(folder, pages.read_text("utf-8").split(), work / corpus)
        suites.append(Suite(corpus, folder, tuple(c for c in cases if c.corpus == corpus)))
    return suites


def openproject_faq(data: Path, work: Path) -> Suite:
    source = data / "retrieval_openproject_faq_en"
    cases = (
        Case(row["id"], Locale.EN, row["question"], _paths(row["gold_passages"]))
        for row in read_rows(source / "dev.jsonl")
    )
    folder = _write_passages(
        work / "openproject_faq",
        read_rows(source / "passages.jsonl"),
        lambda row: [row["page_title"], *row["heading_path"]],
        lambda row: "" if row["question_heading_removed"] else row["heading"],
    )
    return Suite("openproject_faq", folder, tuple(cases))


def huawei_faq(data: Path, work: Path) -> Suite:
    source = data / "retrieval_huawei_obs_faq_zh"
    cases = (
        Case(row["id"], Locale.ZH, row["question"], _paths([row["gold_passage"]]))
        for row in read_rows(source / "dev.jsonl")
    )
    folder = _write_passages(
        work / "huawei_faq",
        read_rows(source / "passages.jsonl"),
        lambda row: [row["section"]],
        lambda row: row["title"],
    )
    return Suite("huawei_faq", folder, tuple(cases))


def worktile_faq(data: Path, work: Path) -> Suite:
    rows = read_rows(data / "retrieval_worktile_faq_zh" / "dev.jsonl")
    cases = (
        Case(
            row["id"],
            Locale.ZH,
            row["question"],
            tuple(f"{page}.md" for page in row["gold_pages"]),
            answerable=row["answerability"] == "answerable",
        )
        for row in rows
        if row["answerability"] != "partial"
    )
    return Suite("worktile_faq", data / "corpus_worktile_zh" / "md", tuple(cases))


def xquad(data: Path, work: Path) -> list[Suite]:
    """Questions over paragraphs of the other language: no product, but many."""
    source = data / "retrieval_xquad_en_zh"
    questions = list(read_rows(source / "dev.jsonl"))
    suites = []
    for locale in Locale:
        passages = [row for row in read_rows(source / "passages.jsonl") if row["lang"] != locale]
        folder = _write_passages(
            work / f"xquad_{locale.other}",
            passages,
            lambda row: [],
            lambda row: "",
        )
        cases = tuple(
            Case(
                f"{row['id']}-{locale}",
                locale,
                row[f"question_{locale}"],
                _paths([f"{row['gold_pair']}_{locale.other}"]),
            )
            for row in questions
        )
        suites.append(Suite(f"xquad_{locale}_over_{locale.other}", folder, cases))
    return suites


def foreign_questions(data: Path) -> list[Case]:
    """Messages that are not about any of the products: none can be answered."""
    sources = (
        ("oos_clinc150_en", Locale.EN),
        ("intents_banking77_en", Locale.EN),
        ("oos_support_jddc_zh", Locale.ZH),
    )
    return [
        Case(row["id"], locale, row["text"], answerable=False, kind=folder)
        for folder, locale in sources
        for row in read_rows(data / folder / "dev.jsonl")
    ]


def _copy(folder: Path, pages: Iterable[str], target: Path) -> Path:
    for page in pages:
        (target / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / page, target / page)
    return target


def _write_passages(
    target: Path,
    rows: Iterable[Mapping[str, Any]],
    headings: Callable[[Mapping[str, Any]], list[str]],
    title: Callable[[Mapping[str, Any]], str],
) -> Path:
    """Each passage as an article of its own, so that a hit is a hit of the passage."""
    target.mkdir(parents=True, exist_ok=True)
    for row in rows:
        name = " / ".join([*headings(row), title(row)]).strip(" /") or "-"
        (target / _paths([row["id"]])[0]).write_text(f"# {name}\n\n{row['text']}\n", "utf-8")
    return target


def _paths(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(identifier.replace("/", "__").replace("#", "--") + ".md" for identifier in ids)
