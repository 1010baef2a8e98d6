"""`firstline eval` and `firstline eval case`; the bot's command line passes their words on."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.bootstrap import open_store
from bot.domain.errors import ConfigurationError
from bot.settings import load_settings
from evals import command, gate, tables
from evals.baseline import compare
from evals.runner import Progress
from evals.runs import Run
from evals.stored_turn import case_of, wrong_cases
from evals.suites import SUITES

eval_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
case_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
err = Console(stderr=True)

ProgressBars = Callable[[], AbstractContextManager[Progress]]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="Settings in a TOML file.")]


def run(arguments: Sequence[str], progress: ProgressBars) -> None:
    is_case = list(arguments[:1]) == ["case"]
    app = typer.main.get_command(case_app if is_case else eval_app)
    name = "firstline eval case" if is_case else "firstline eval"
    app.main(list(arguments[is_case:]), prog_name=name, obj=progress)


@eval_app.command()
def evaluate(
    context: typer.Context,
    suites: Annotated[list[str] | None, typer.Argument(metavar="[SUITE ...]")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of cases, in place of the others.", exists=True, file_okay=False),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page to write.", dir_okay=False)] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="--json of an earlier run.", exists=True, dir_okay=False)
    ] = None,
    passes: Annotated[bool, typer.Option("--gate", help="Fail below the thresholds.")] = False,
    judge: Annotated[str | None, typer.Option(help="Chat model, as `provider:name`.")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Keeps the indexes for the next run.", file_okay=False)
    ] = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """How good the answers are, over the own cases and the public sets in FIRSTLINE_DEV_DATA.

    Suites: retrieval, follow-ups, answers, abstention, clarification, injection, grounding,
    latency, dialogues.
    """
    before = Run.load(baseline) if baseline else None
    wanted = tuple(suites or (gate.suites() if passes else SUITES))
    order = command.Order(suites=wanted, data=data, work=work, judge=judge, gated=passes)
    with context.obj() as progress:
        done = command.evaluate(load_settings(config), order, progress)
    comparison = compare(before, done) if before else None
    if report:
        command.write_report(report, done, comparison)
    if as_json:
        print(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        out = Console()
        out.print(*tables.tables(done), sep="\n")
        if comparison:
            out.print(*tables.comparison_tables(comparison), sep="\n")
    if passes:
        _check(done)


@case_app.command()
def make_case(
    message: Annotated[str | None, typer.Argument(metavar="[MESSAGE_ID]")] = None,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="All answers that agents marked as wrong.")
    ] = False,
    target: Annotated[
        Path | None, typer.Option("--output", help="JSONL file to append to.", dir_okay=False)
    ] = None,
    config: ConfigOption = None,
) -> None:
    """A stored turn as an eval case, de-identified; read it before you keep it."""

    if (message is None) is not wrong:
        raise typer.BadParameter("give a MESSAGE_ID or --wrong")

    async def read() -> list[dict[str, Any]]:
        store = await open_store(load_settings(config))
        try:
            return [await case_of(store, message)] if message else await wrong_cases(store)
        finally:
            await store.close()

    lines = [json.dumps(case, ensure_ascii=False) for case in asyncio.run(read())]
    if target is None:
        print(*lines, sep="\n", end="\n" if lines else "")
        return
    try:
        with target.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from error


def _check(run: Run) -> None:
    verdict = gate.judge(run)
    if not verdict.is_passed:
        raise ConfigurationError("below the gate:\n  " + "\n  ".join(verdict.failures))
    err.print(f"gate passed: {verdict.checked} figures", highlight=False)
