"""One run of the evals as a document: what was measured with what, and what came out."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bot.adapters.prompt_files import PromptFiles
from bot.adapters.ranking import WEIGHTS
from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from evals.cases import ROOT
from evals.figures import Figure, Measure, figure_of
from evals.records import Record
from evals.suites import DIALOGUES, SUITES

FORMAT = 1
PACKAGES = (
    "firstline",
    "faiss-cpu",
    "ir-measures",
    "langchain-core",
    "numpy",
    "onnxruntime",
    "onnxruntime-extensions",
    "scikit-learn",
    "tokenizers",
)


@dataclass(frozen=True, slots=True)
class Run:
    about: Mapping[str, Any]  # commit, settings, snapshots, versions
    suites: tuple[str, ...]
    figures: tuple[Figure, ...]
    records: tuple[Record, ...]
    skipped: tuple[str, ...] = ()  # what could not be measured here, and why

    @classmethod
    def of(
        cls,
        about: Mapping[str, Any],
        suites: Sequence[str],
        records: Sequence[Record],
        skipped: Sequence[str] = (),
    ) -> "Run":
        figures = (figure_of(measure) for measure in measures(suites, records))
        known = tuple(figure for figure in figures if figure is not None)
        return cls(about, tuple(suites), known, tuple(records), tuple(skipped))

    @property
    def failed(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.error)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            **self.about,
            "suites": list(self.suites),
            "skipped": list(self.skipped),
            "figures": [figure.as_json() for figure in self.figures],
            "cases": [record.as_json() for record in self.records],
        }

    @classmethod
    def load(cls, file: Path) -> "Run":
        """Raises ConfigurationError for what `firstline eval --json` has not written."""
        try:
            data = json.loads(file.read_text("utf-8"))
            if data.pop("format") != FORMAT:
                raise ConfigurationError(f"{file}: written by another version; run it again")
            return cls(
                suites=tuple(data.pop("suites")),
                skipped=tuple(data.pop("skipped")),
                figures=tuple(map(Figure.from_json, data.pop("figures"))),
                records=tuple(map(Record.from_json, data.pop("cases"))),
                about=data,
            )
        except OSError as error:
            raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"{file}: not the output of `firstline eval --json`"
            ) from error


def measures(suites: Iterable[str], records: Sequence[Record]) -> list[Measure]:
    """Over the cases that did not fail; a failed case is named, not averaged away."""
    usable = [record for record in records if not record.error]
    asked = [record for record in usable if record.heard is None]
    spoken = [record for record in usable if record.heard is not None]
    return [
        measure
        for name in suites
        for measure in SUITES[name](spoken if name == DIALOGUES else asked)
        if measure.keys
    ]


def describe(settings: Settings, snapshots: Mapping[str, Any], judge: str | None) -> dict[str, Any]:
    """Everything that a difference between two runs may come from; no secrets."""
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "python": sys.version.split()[0],
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "settings": settings.model_dump(mode="json", exclude={"home", "index_folder", "store"}),
        "prompts": PromptFiles(settings.prompts).digest,
        "ranking_weights": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
        "snapshots": dict(snapshots),
        "judge": judge,
    }


def commit() -> str | None:
    """With a + when files were changed since; None outside of a checkout."""
    found = _git("rev-parse", "HEAD")
    return f"{found}{'+' if _git('status', '--porcelain') else ''}" if found else None


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607
            capture_output=True,
            check=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
