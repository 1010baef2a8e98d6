"""The words of a product and their synonyms in both languages; belongs to one knowledge base."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ingest.article import Problem
from ingest.lexical import tokenise

SOURCE = "glossary.yaml"
FILE = "glossary.json"
LARGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class Glossary:
    """Each entry is a group of words that mean the same."""

    groups: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def _groups_by_terms(self) -> dict[tuple[str, ...], int]:
        return {
            tuple(terms): number
            for number, group in enumerate(self.groups)
            for word in group
            if (terms := tokenise(word))
        }

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._groups_by_terms), default=0)

    def synonyms(self, terms: list[str]) -> list[str]:
        """Terms of either language that mean the same as words of the query, without its own."""
        found: dict[str, None] = {}
        for start in range(len(terms)):
            for length in range(1, min(self._longest, len(terms) - start) + 1):
                number = self._groups_by_terms.get(tuple(terms[start : start + length]))
                if number is not None:
                    for word in self.groups[number]:
                        found.update(dict.fromkeys(tokenise(word)))
        return [term for term in found if term not in set(terms)]

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(self.groups, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Glossary":
        groups = json.loads((folder / FILE).read_text("utf-8"))
        return cls(tuple(tuple(group) for group in groups))


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
