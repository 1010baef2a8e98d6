"""Words that mean the same, in both languages: those of a product, which belong to its knowledge
base, and those of project-management software at large, which belong to every one."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from ingest.article import Problem
from ingest.lexical import tokenise

SOURCE = "glossary.yaml"
FILE = "glossary.json"
LARGEST = 1_000_000  # bytes
GENERAL = Path(__file__).with_name("synonyms.yaml")


@dataclass(frozen=True)
class Glossary:
    """Each entry is a group of words that mean the same."""

    groups: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def _groups_by_terms(self) -> dict[tuple[str, ...], list[int]]:
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, group in enumerate(self.groups):
            for terms in dict.fromkeys(tuple(tokenise(word)) for word in group):
                groups[terms].append(number)
        groups.pop((), None)
        return dict(groups)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._groups_by_terms), default=0)

    @cached_property
    def _weights(self) -> list[dict[str, float]]:
        """Of the terms of each group: a word weighs 1, however many terms it is made of."""
        weights: list[dict[str, float]] = []
        for group in self.groups:
            of_group: dict[str, float] = {}
            for terms in map(tokenise, group):
                for term in terms:
                    of_group[term] = max(of_group.get(term, 0.0), 1 / len(terms))
            weights.append(of_group)
        return weights

    def synonyms(self, terms: list[str]) -> dict[str, float]:
        """Terms of either language that mean the same as words of the query, without its own, with
        the share that each has in its word, 0..1."""
        found: dict[str, float] = {}
        for start in range(len(terms)):
            for length in range(1, min(self._longest, len(terms) - start) + 1):
                for number in self._groups_by_terms.get(tuple(terms[start : start + length]), ()):
                    for term, weight in self._weights[number].items():
                        found[term] = max(found.get(term, 0.0), weight)
        return {term: weight for term, weight in found.items() if term not in set(terms)}

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(self.groups, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Glossary":
        groups = json.loads((folder / FILE).read_text("utf-8"))
        return cls(tuple(tuple(group) for group in groups))


@cache
def general_synonyms() -> Glossary:
    """How users and manuals of such software name the same thing."""
    return Glossary(tuple(_groups(yaml.safe_load(GENERAL.read_text("utf-8")))))


def read_glossary(root: Path) -> tuple[Glossary, list[Problem]]:
    """`glossary.yaml` of a knowledge base; a bad one is reported and left out."""
    path = root / SOURCE
    if not path.is_file() or path.is_symlink():
        return Glossary(), []
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST} bytes")
        # The safe loader builds plain data only; an alias would repeat a node, so none is allowed.
        text = path.read_text("utf-8")
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise ValueError("aliases are not allowed")
        return Glossary(tuple(_groups(yaml.safe_load(text)))), []
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Glossary(), [Problem(SOURCE, None, f"glossary left out: {reason}")]


def _groups(data: Any) -> list[tuple[str, ...]]:
    entries = data.get("terms") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ValueError("expected a list under `terms`")
    groups = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise ValueError("each term is a mapping of locale to words")
        words = [word for words in entry.values() if isinstance(words, list) for word in words]
        groups.append(tuple(str(word) for word in words))
    return groups
