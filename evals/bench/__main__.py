"""`python -m evals.bench [--json FILE] [--quick]`: progress on stderr, the table on stdout."""

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from evals.bench.report import print_results
from evals.bench.run import QUICK, Plan, Run
from evals.public_sets import VARIABLE

WIDTH = 140  # of a table that goes to a file


def main() -> int:
    """1 when a part failed; what the others measured is shown all the same."""
    arguments = _parse()
    _leave_out_settings()
    err = Console(stderr=True)
    with TemporaryDirectory(prefix="firstline-bench-") as workspace:
        run = Run(
            QUICK if arguments.quick else Plan(),
            Path(workspace),
            lambda part: err.print(f"measuring: {part}", highlight=False),
        )
        results = run.results()
    print_results(results, Console(width=None if sys.stdout.isatty() else WIDTH))
    if arguments.json:
        text = json.dumps(results.as_json(), ensure_ascii=False, indent=1)
        arguments.json.write_text(text + "\n", "utf-8")
    for failure in results.failures:
        err.print(f"bench: {failure}", markup=False, highlight=False, soft_wrap=True)
    return 1 if results.failures else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m evals.bench", description="Speed and memory.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one JSON document there")
    parser.add_argument("--quick", action="store_true", help="smaller numbers, for trying out")
    return parser.parse_args()


def _leave_out_settings() -> None:
    """Figures of two machines must be comparable, and no configured database may be touched."""
    for name in list(os.environ):
        if name.startswith("FIRSTLINE_") and name != VARIABLE:
            del os.environ[name]


if __name__ == "__main__":
    sys.exit(main())
