"""Texts that exist in both languages, sentence by sentence: what true translations look like."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.conversation import Locale
from ingest.article import Block, Section
from ingest.documents import Document, discover
from ingest.image_marks import without_images
from ingest.parsing import parse
from ingest.sentences import split_sentences
from ingest.units import split_block

FEWEST = 3  # sentences of a section that is compared


@dataclass(frozen=True, slots=True)
class Parallel:
    """A section in two languages; the n-th sentence of one translates the n-th of the other."""

    page: str
    sentences: tuple[tuple[str, ...], tuple[str, ...]]  # English, Chinese

    def told_in(self, locale: Locale) -> tuple[str, ...]:
        return self.sentences[locale is Locale.ZH]


def sections(english: Path, chinese: Path) -> Iterator[Parallel]:
    """Of the pages that both folders have at the same path, where both are built alike."""
    twins = {d.path: d for d in discover(chinese) if isinstance(d, Document)}
    for document in discover(english):
        if not isinstance(document, Document) or document.path not in twins:
            continue
        (one, _), (two, _) = parse(document), parse(twins[document.path])
        if one is None or two is None or len(one.sections) != len(two.sections):
            continue
        for pair in zip(one.sections, two.sections, strict=True):
            said, told = zip(*_aligned(*pair), strict=True) if any(_aligned(*pair)) else ((), ())
            if len(said) >= FEWEST:
                yield Parallel(document.path, (said, told))


def _aligned(one: Section, two: Section) -> list[tuple[str, str]]:
    if [block.kind for block in one.blocks] != [block.kind for block in two.blocks]:
        return []
    pairs = zip(map(_sentences, one.blocks), map(_sentences, two.blocks), strict=True)
    return [pair for a, b in pairs if len(a) == len(b) for pair in zip(a, b, strict=True)]


def _sentences(block: Block) -> list[str]:
    return split_block(block) if without_images(block.markdown).strip() else []


def translations_below(folder: Path) -> dict[str, str]:
    """Each sentence of a knowledge base with a folder a language, and what the twin says."""
    known: dict[str, str] = {}
    if all((folder / locale).is_dir() for locale in Locale):
        for section in sections(folder / Locale.EN, folder / Locale.ZH):
            for english, chinese in zip(*section.sentences, strict=True):
                known |= {english: chinese, chinese: english}
    return known


def paragraphs(file: Path) -> Iterator[Parallel]:
    """Of a JSONL file of passages with `pair` and `lang`, where both have as many sentences."""
    known: dict[str, dict[str, Sequence[str]]] = {}
    for line in file.read_text("utf-8").splitlines():
        passage = json.loads(line)
        told = known.setdefault(passage["pair"], {})
        told[passage["lang"]] = split_sentences(passage["text"])
    for name, told in known.items():
        if len(told) == len(Locale) and len(told["en"]) == len(told["zh"]) >= FEWEST:
            yield Parallel(name, (tuple(told["en"]), tuple(told["zh"])))
