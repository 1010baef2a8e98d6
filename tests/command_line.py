"""`firstline` commands as processes of their own; what all of them import is imported once."""

import multiprocessing
import os
import subprocess
import sys
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).parents[1]
IMPORTED = ["bot.cli", "bot.bootstrap", "bot.adapters.sql_store", "tests.command_line"]
STREAMS = ("stdin", "stdout", "stderr")


def firstline(home: Path, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Forked off a process that has done nothing but import: a start costs a tenth."""
    command = list(map(str, arguments))
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in STREAMS]
        for file, text in zip(files, (stdin, "", ""), strict=True):
            file.write_text(text, "utf-8")
        process = _nursery().Process(
            target=_be_command, args=(command, _environment(home), list(map(str, files)))
        )
        process.start()
        process.join()
        assert process.exitcode is not None
        printed, complaints = (file.read_text("utf-8") for file in files[1:])
    return subprocess.CompletedProcess(command, process.exitcode, printed, complaints)


def firstline_alone(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """As a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *map(str, arguments)],
        cwd=REPOSITORY,
        env=_environment(home),
        capture_output=True,
        text=True,
        check=False,
    )


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"FIRSTLINE_HOME": str(home)}


@cache
def _nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def _be_command(arguments: list[str], environment: dict[str, str], streams: list[str]) -> None:
    from bot.cli import main

    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(REPOSITORY)
    sys.argv = ["firstline", *arguments]
    main()
