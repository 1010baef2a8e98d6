"""The house is in order, and each of its checks is able to say that it is not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.architecture import (
    CHECKS,
    LONGEST_FUNCTION,
    LONGEST_MODULE,
    ROOMS,
    Check,
    check_cycles,
    check_declared,
    check_directions,
    check_relative_imports,
    check_sizes,
    check_unsafe,
    check_vendors,
    read,
)

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_is_in_order(check: Check) -> None:
    assert list(check(ROOT)) == []


def test_every_room_is_read() -> None:
    rooms = {module.path.partition("/")[0] for module in read(ROOT)}
    assert rooms == set(ROOMS)


PROJECT = '[project]\ndependencies = ["numpy", "faiss-cpu", "sqlalchemy[asyncio]"]\n'
HOUSE = {
    "pyproject.toml": PROJECT,
    "ingest/__init__.py": "",
    "ingest/article.py": "import numpy as np",
    "ingest/dense.py": "import faiss\nfrom ingest import article",
    "bot/__init__.py": '__version__ = "1"',
    "bot/domain/knowledge.py": "import re\nPATTERN = re.compile('a')",
    "bot/ports.py": "from bot.domain import knowledge",
    "bot/services/dialogue.py": "from bot.ports import Store",
    "bot/adapters/snapshot_search.py": "from ingest.article import Article",
    "bot/adapters/sql_store/tables.py": "from sqlalchemy import Table",
    "bot/channels/widget/routes.py": "from bot.services.dialogue import DialogueManager",
    "bot/app.py": "from bot import __version__\nfrom bot.channels.widget import routes",
    "bot/cli.py": "def evaluate():\n    from evals import runner",
    "evals/runner.py": "from bot.app import create_app\nimport ingest.dense",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    _write(tmp_path, HOUSE)
    return tmp_path


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n", "utf-8")


@pytest.mark.parametrize("check", CHECKS)
def test_an_orderly_house_passes(house: Path, check: Check) -> None:
    assert list(check(house)) == []


FAULTS: Sequence[tuple[Check, str, str, str]] = (
    (check_directions, "bot/domain/reply.py", "import bot.ports", "domain imports bot.ports"),
    (check_directions, "bot/domain/reply.py", "from bot import ports", "imports bot.ports"),
    (check_directions, "bot/ports.py", "import bot.services.dialogue", "ports imports"),
    (check_directions, "bot/services/sla.py", "import bot.adapters.snapshot_search", "services"),
    (check_directions, "bot/services/sla.py", "from ingest.article import Article", "services"),
    (check_directions, "bot/services/sla.py", "from bot.app import create_app", "services"),
    (check_directions, "bot/adapters/desk.py", "from bot.services import dialogue", "adapters"),
    (check_directions, "bot/adapters/desk.py", "import bot.channels.widget.routes", "adapters"),
    (check_directions, "bot/adapters/desk.py", "from ingest import article", "adapters"),
    (check_directions, "bot/migrations/env.py", "import bot.app", "adapters"),
    (check_directions, "bot/channels/slack.py", "import bot.adapters.snapshot_search", "channels"),
    (check_directions, "bot/channels/slack.py", "def f():\n  import ingest.dense", "slack.py:2"),
    (check_directions, "bot/channels/slack.py", "from bot.cli import main", "channels"),
    (check_directions, "ingest/pipeline.py", "from bot.domain import knowledge", "ingest imports"),
    (check_directions, "ingest/pipeline.py", "import evals.runner", "ingest imports"),
    (check_directions, "bot/app.py", "def f():\n  import evals.runner", "apps imports evals"),
    (check_directions, "bot/cli.py", "import evals.runner", "apps imports evals"),
    (check_directions, "bot/__init__.py", "from bot import app", "bot imports bot.app"),
    (
        check_cycles,
        "ingest/article.py",
        "def f():\n  from ingest.dense import search",
        "ingest.dense",
    ),
    (check_relative_imports, "bot/app.py", "from .channels import widget", "bot/app.py:1"),
    (check_vendors, "bot/services/sla.py", "import sqlalchemy.orm", "bot/adapters/sql_store/*"),
    (check_vendors, "ingest/lexical.py", "import rank_bm25", "no file yet"),
    (check_vendors, "bot/domain/reply.py", "def f():\n  from numpy import array", "reply.py:2"),
    (check_declared, "ingest/lexical.py", "import Stemmer", "pystemmer"),
    (check_unsafe, "ingest/dense.py", "import pickle", "pickle"),
    (check_unsafe, "ingest/dense.py", "from marshal import loads", "marshal"),
    (check_unsafe, "ingest/dense.py", "eval('1')", "eval()"),
    (check_unsafe, "ingest/dense.py", "exec('1')", "exec()"),
    (check_unsafe, "ingest/dense.py", "import os\nos.system('ls')", "dense.py:2: os.system()"),
    (check_unsafe, "ingest/dense.py", "importlib.import_module('bot')", "import_module()"),
    (check_unsafe, "ingest/dense.py", "run('ls', shell=True)", "shell="),
    (check_unsafe, "ingest/dense.py", "np.load(file, allow_pickle=yes)", "allow_pickle="),
    (check_sizes, "ingest/dense.py", "\n" * LONGEST_MODULE, "401 lines, at most 400"),
    (
        check_sizes,
        "ingest/dense.py",
        "def f():\n" + "  pass\n" * LONGEST_FUNCTION,
        "f: 61 lines, at most 60",
    ),
    (
        check_sizes,
        "ingest/dense.py",
        "class A:\n async def f():\n" + "  pass\n" * LONGEST_FUNCTION,
        "dense.py:2: f: 61 lines",
    ),
)


@pytest.mark.parametrize(("check", "file", "source", "complaint"), FAULTS)
def test_a_fault_is_found(
    house: Path, check: Check, file: str, source: str, complaint: str
) -> None:
    _write(house, {file: source})
    complaints = list(check(house))
    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {check for check, *_ in FAULTS} == set(CHECKS)


def test_what_is_switched_off_is_safe(house: Path) -> None:
    _write(house, {"ingest/dense.py": "np.load(file, allow_pickle=False)\nmodel.eval()"})
    assert list(check_unsafe(house)) == []
