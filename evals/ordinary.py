"""Ordinary questions: nobody who asks one wants to be consoled or handed over."""

from collections.abc import Iterator
from pathlib import Path

from bot.domain.conversation import Locale
from evals.cases import OWN_CASES, Case, has_dialogues, read_rows
from evals.public_sets import foreign_questions

_FAQS = (
    ("retrieval_openproject_faq_en", Locale.EN),
    ("retrieval_huawei_obs_faq_zh", Locale.ZH),
    ("retrieval_worktile_faq_zh", Locale.ZH),
)
# Of the main set: messages that ask for a person and not about the product.
_NOT_ASKED = "human_request"


def own_questions() -> list[Case]:
    files = [*sorted(OWN_CASES.glob("*.jsonl")), *sorted((OWN_CASES / "corpora").glob("*.jsonl"))]
    return [
        Case.from_json(row) for file in files if not has_dialogues(file) for row in read_rows(file)
    ]


def public_questions(data: Path) -> Iterator[Case]:
    """Over the products of others, and about other things altogether."""
    yield from (case for case in _main(data) if case.kind != _NOT_ASKED)
    for folder, locale in _FAQS:
        for row in read_rows(data / folder / "dev.jsonl"):
            yield Case(row["id"], locale, row["question"], kind=folder)
    yield from foreign_questions(data)


def _main(data: Path) -> Iterator[Case]:
    for row in read_rows(data / "dev_qa" / "questions.jsonl"):
        yield Case.from_json(row)
