"""What is measured over: two suites of the development data, or the knowledge base without them."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.conversation import Locale
from evals.cases import Case, Collection
from evals.public_sets import dev_data, dev_qa, worktile_faq
from ingest.pipeline import read

KNOWLEDGE_BASE = Path(__file__).parents[2] / "knowledge_base"
MAIN_CORPUS = "openproject_en"
SUFFIXES = (".md", ".markdown", ".mdx")


def load_suites(workspace: Path) -> tuple[Collection, ...]:
    """Questions that stand alone and have an answer; the first suite is served and compared."""
    data = dev_data()
    if data is None:
        return (Collection(KNOWLEDGE_BASE.name, KNOWLEDGE_BASE, own_questions(KNOWLEDGE_BASE)),)
    main = next(suite for suite in dev_qa(data, workspace) if suite.name == MAIN_CORPUS)
    return tuple(replace(s, cases=plain(s.cases)) for s in (main, worktile_faq(data, workspace)))


def plain(cases: Sequence[Case]) -> tuple[Case, ...]:
    return tuple(case for case in cases if case.answerable and not case.history)


def own_questions(folder: Path) -> tuple[Case, ...]:
    """What the articles say they answer. Without `relevant`: the index holds these very words."""
    chunks = read(folder).chunks
    return tuple(
        Case(f"{chunk.path}#{number}", Locale(chunk.locale), question)
        for chunk in chunks
        for number, question in enumerate(chunk.questions)
    )


def pages_of(suite: Collection) -> list[Path]:
    """Every file an ingestion should speak of, found without the ingestion's own reading."""
    return sorted(
        path
        for path in suite.folder.rglob("*")
        if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()
    )


def shorten(suite: Collection, pages: int, target: Path) -> Collection:
    """A copy with this many pages, those that answer questions first; other questions go."""
    found = [path.relative_to(suite.folder).as_posix() for path in pages_of(suite)]
    answering = [path for case in suite.cases for path in case.relevant if path in found]
    kept = list(dict.fromkeys([*answering, *found]))[:pages]
    for path in kept:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(suite.folder / path, target / path)
    cases = (case for case in suite.cases if not case.relevant or set(case.relevant) & set(kept))
    return Collection(suite.name, target, tuple(cases))


def judged(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.relevant]


def by_locale(cases: Sequence[Case]) -> dict[Locale, list[Case]]:
    """Only the languages that are asked in."""
    groups = {locale: [case for case in cases if case.locale is locale] for locale in Locale}
    return {locale: group for locale, group in groups.items() if group}


def take(cases: Sequence[Case], n: int) -> list[Case]:
    """n cases, in turn and from the start again where there are fewer; [] of none."""
    return [cases[i % len(cases)] for i in range(n)] if cases else []


def alternate(cases: Sequence[Case], n: int) -> list[Case]:
    """n cases of each language, the languages by turns."""
    groups = [take(group, n) for group in by_locale(cases).values()]
    return [case for of_turn in zip(*groups, strict=True) for case in of_turn]


def spread(cases: Sequence[Case], n: int) -> list[Case]:
    """n cases in all, the languages by turns."""
    return alternate(cases, n)[:n]
