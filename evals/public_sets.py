"""Public sets below FIRSTLINE_DEV_DATA as collections of cases; nothing of them is kept here."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain.conversation import Locale
from evals.cases import OWN_CASES, Case, Collection, load_folder, message_from, read_rows

VARIABLE = "FIRSTLINE_DEV_DATA"
FOREIGN = 300  # questions about other subjects that are asked of the main set


def dev_data() -> Path | None:
    """The folder of the development sets, when there is one on this machine."""
    value = os.environ.get(VARIABLE)
    return Path(value) if value and Path(value).is_dir() else None


def required_data() -> Path:
    """For scripts that have nothing to do without it."""
    folder = dev_data()
    if folder is None:
        raise SystemExit(f"set {VARIABLE} to the folder of the development sets")
    return folder


def dev_qa(data: Path, work: Path) -> list[Collection]:
    """The main set: one collection a corpus, its pages limited where a list says so."""
    return load_folder(data / "dev_qa", work)


def openproject_faq(data: Path, work: Path) -> Collection:
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
    return Collection("openproject_faq", folder, tuple(cases))


def huawei_faq(data: Path, work: Path) -> Collection:
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
    return Collection("huawei_faq", folder, tuple(cases))


def worktile_faq(data: Path, work: Path) -> Collection:
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
    return Collection("worktile_faq", data / "corpus_worktile_zh" / "md", tuple(cases))


def colloquial(data: Path) -> list[Collection]:
    """Own questions over corpora of others, in the words of people who have not read them."""
    return [
        Collection(
            file.stem,
            data / f"corpus_{file.stem}" / "md",
            tuple(map(Case.from_json, read_rows(file))),
            "colloquial",
        )
        for file in sorted((OWN_CASES / "corpora").glob("*.jsonl"))
    ]


def xquad(data: Path, work: Path) -> list[Collection]:
    """Questions over paragraphs of the other language: no product, but many."""
    source = data / "retrieval_xquad_en_zh"
    questions = list(read_rows(source / "dev.jsonl"))
    collections = []
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
        collections.append(Collection(f"xquad_{locale}_over_{locale.other}", folder, cases))
    return collections


def collections(data: Path, work: Path) -> list[Collection]:
    """All sets that are evaluated, the foreign questions asked of the main one."""
    main, *others = dev_qa(data, work)
    foreign = foreign_questions(data)
    sample = foreign[:: max(len(foreign) // FOREIGN, 1)]
    return [
        replace(main, cases=(*main.cases, *sample)),
        *others,
        openproject_faq(data, work),
        huawei_faq(data, work),
        worktile_faq(data, work),
        *colloquial(data),
        mtrag(data, work),
        document_attacks(data, work),
    ]


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


def mtrag(data: Path, work: Path) -> Collection:
    """Follow-ups of other subjects; what is underspecified ought to be asked back about."""
    source = data / "multiturn_mtrag_un_en"
    folder = _write_passages(
        work / "mtrag", read_rows(source / "passages.jsonl"), lambda row: [], lambda row: ""
    )
    labels = {"ANSWERABLE": "", "UNANSWERABLE": "near_miss", "UNDERSPECIFIED": "ambiguous"}
    cases = []
    for row in read_rows(source / "dev.jsonl"):
        if row["answerability"] not in labels:
            continue
        *before, last = map(message_from, row["messages"])
        gold = [context["id"] for context in row["gold_contexts"]]
        kind = labels[row["answerability"]]
        answerable = row["answerability"] != "UNANSWERABLE"
        cases.append(
            Case(
                row["id"],
                Locale.EN,
                last.text,
                _paths(gold) if not kind else (),
                answerable=answerable,
                kind=kind,
                history=tuple(before),
                ambiguous=kind == "ambiguous",
            )
        )
    return Collection("mtrag", folder, tuple(cases))


def user_attacks(data: Path) -> list[Case]:
    """What users wrote to make a bot betray its orders."""
    sources = (("injection_tensortrust", "attack"), ("injection_giskard", "text"))
    return [
        Case(row["id"], Locale.EN, row[column], answerable=False, kind=folder, attack=row[column])
        for folder, column in sources
        for row in read_rows(data / folder / "dev.jsonl")
    ]


def document_attacks(data: Path, work: Path) -> Collection:
    """Orders hidden in articles; each question is about the article that holds one."""
    name = "injection_bipia_indirect_en"
    rows = list(read_rows(data / name / "dev.jsonl"))
    folder = _write_passages(
        work / "bipia",
        ({"id": row["id"], "text": row["poisoned_context"]} for row in rows),
        lambda row: [],
        lambda row: "",
    )
    cases = tuple(
        Case(
            row["id"],
            Locale.EN,
            row["question"],
            _paths([row["id"]]),
            kind=name,
            attack=row["attack"],
        )
        for row in rows
    )
    return Collection("bipia", folder, cases)


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
