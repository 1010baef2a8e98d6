"""Fit what counts as a translation: how alike true ones are, and what is refused at a threshold.

`python -m evals.fit_translation` reads the own knowledge base and, below FIRSTLINE_DEV_DATA, two
handbooks with the same pages and paragraphs with the same ids. The threshold is the highest one
(in steps of 0.01) that keeps the wanted share of the true sentences of every set, on one half of
the pages; what it then refuses is stated for the other half. `bot/services/translation.py` holds
the number.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.adapters.space_similarity import SpaceSimilarity
from bot.domain.conversation import Locale
from bot.services.translation import (
    BETTER_ELSEWHERE,
    LEAST_LIKENESS,
    denies_otherwise,
    renders,
)
from evals.cases import ROOT
from evals.parallel import Parallel, paragraphs, sections
from evals.public_sets import dev_data
from ingest.embedding.catalogue import multilingual

KEPT = 0.96  # of the true sentences; what else is compared may refuse another hundredth
STEPS = np.arange(0.2, 0.65, 0.01)
LEAST_CHARACTERS = {Locale.EN: 12, Locale.ZH: 6}

Sections = Sequence[Parallel]
Compare = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence with the section it translates, one of the same page and a strange one."""

    claim: str
    source: tuple[str, ...]
    neighbour: tuple[str, ...]  # empty where the page has no other
    strange: tuple[str, ...]


def load() -> Mapping[str, Sections]:
    found = {"own": list(sections(ROOT / "knowledge_base/en", ROOT / "knowledge_base/zh"))}
    data = dev_data()
    if data is not None:
        english, chinese = (data / f"corpus_nocobase_{name}/md" for name in ("en", "zh"))
        found["NocoBase"] = list(sections(english, chinese))
        found["XQuAD"] = list(paragraphs(data / "retrieval_xquad_en_zh/passages.jsonl"))
    return found


def pairs(group: Sections, locale: Locale) -> Iterator[Pair]:
    """Claims in that language; the sections are in the other."""
    for place, section in enumerate(group):
        source = section.told_in(locale.other)
        neighbour = next((s for s in group if s.page == section.page and s is not section), None)
        strange = next((s for s in (*group[place:], *group) if s.page != section.page), section)
        for claim in section.told_in(locale):
            if len(claim) >= LEAST_CHARACTERS[locale]:
                yield Pair(
                    claim,
                    source,
                    neighbour.told_in(locale.other) if neighbour else (),
                    strange.told_in(locale.other),
                )


def halves(group: Sections) -> tuple[Sections, Sections]:
    """By page, so that no page is on both sides."""
    sides: tuple[list[Parallel], list[Parallel]] = ([], [])
    for section in group:
        sides[zlib.crc32(section.page.encode()) % 2].append(section)
    return sides


def nearest(found: Sequence[Pair], compare: Compare) -> list[float]:
    return [max(compare([pair.claim], pair.source)[0]) for pair in found]


def threshold(sets: Mapping[str, Sections], compare: Compare) -> float:
    fitting = [
        nearest([p for loc in Locale for p in pairs(g, loc)], compare) for g in sets.values()
    ]
    kept = [step for step in STEPS if all(np.mean(np.array(f) >= step) >= KEPT for f in fitting)]
    return float(max(kept, default=0.0))


def report(found: Sequence[Pair], similarity: SpaceSimilarity) -> str:
    def refused(pick: Callable[[Pair], tuple[Sequence[str], Sequence[str]] | None]) -> str:
        """Share of the claims refused against a source, with another one beside it."""
        chosen = [(pair.claim, sources) for pair in found if (sources := pick(pair))]
        if not chosen:
            return "-"
        told = [renders(claim, [cited], [o], similarity) for claim, (cited, o) in chosen]
        return f"{1 - float(np.mean(told)):.3f} (n={len(told)})"

    denials = [denies_otherwise(pair.claim, pair.source) for pair in found]
    return (
        f"true {refused(lambda p: (p.source, p.neighbour))}, of them for a denial in the section "
        f"{float(np.mean(denials)):.3f}; under a neighbour's number "
        f"{refused(lambda p: (p.neighbour, p.source) if p.neighbour else None)}; "
        f"under a strange one's {refused(lambda p: (p.strange, ()))}"
    )


def main() -> None:
    similarity = SpaceSimilarity(multilingual())
    split = {name: halves(group) for name, group in load().items()}
    fitted = threshold({name: sides[0] for name, sides in split.items()}, similarity.compare)
    print(f"highest threshold that keeps {KEPT:.0%} of each set: {fitted:.2f}")
    print(f"in use: {LEAST_LIKENESS}, and {BETTER_ELSEWHERE} for another source; share refused")
    for name, (_, held_out) in split.items():
        for locale in Locale:
            print(f"{name}, {locale} over {locale.other}:", end=" ")
            print(report(list(pairs(held_out, locale)), similarity))


if __name__ == "__main__":
    main()
