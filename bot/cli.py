"""The command line. Commands parse, call and print; the work is done elsewhere."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.commands.desks import desks_app
from bot.commands.dingtalk import dingtalk_app
from bot.commands.feishu import feishu_app
from bot.commands.mail import mail_app
from bot.commands.options import ConfigOption, IndexOption, JsonOption, print_json, settings_at
from bot.commands.slack import slack_app
from bot.commands.staff import agents_app, audit_app
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.errors import BotError, ConfigurationError
from bot.domain.text import replace_unstorable
from bot.settings import Settings, load_settings
from ingest.errors import IngestError, SnapshotError

if TYPE_CHECKING:
    from bot.bootstrap import Bot
    from ingest.publishing import SnapshotIndex

Result = TypeVar("Result")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
index_app = typer.Typer(no_args_is_help=True, help="The published snapshots.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(index_app, name="index")
app.add_typer(db_app, name="db")
app.add_typer(agents_app, name="agents")
app.add_typer(audit_app, name="audit")
app.add_typer(desks_app, name="desks")
app.add_typer(dingtalk_app, name="dingtalk")
app.add_typer(feishu_app, name="feishu")
app.add_typer(mail_app, name="mail")
app.add_typer(slack_app, name="slack")

out = Console()
err = Console(stderr=True)
retriever_log = logging.getLogger("bot.adapters.snapshot_retriever")

LocaleOption = Annotated[Locale | None, typer.Option("--locale", help="Language of the question.")]
InputOption = Annotated[Path | None, typer.Option("--input", help="JSONL file to read.")]
OutputOption = Annotated[Path | None, typer.Option("--output", help="JSONL file to write.")]


def main() -> None:
    """Exit status 1 with one line for what went wrong, 2 for wrong usage."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except (BotError, IngestError, SnapshotError) as error:
        print(f"firstline: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


@app.command()
def ingest(
    folder: Annotated[Path, typer.Argument(metavar="[KB_DIR]")] = Path("knowledge_base"),
    index: IndexOption = None,
    config: ConfigOption = None,
    full: Annotated[bool, typer.Option("--full", help="Embed everything anew.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Parse, chunk, embed what changed, and publish a new snapshot."""
    from bot.bootstrap_models import build_spaces
    from ingest import pipeline

    settings = settings_at(config, index)
    with _progress() as progress:
        report = pipeline.ingest(
            folder, _open_index(settings), build_spaces(settings), full=full, progress=progress
        )
    if as_json:
        print_json(report.as_json())
        return
    for problem in report.errors:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        err.print(f"[yellow]left out[/] {place}: {problem.reason}", highlight=False)
    out.print(
        f"snapshot {report.snapshot}: {report.articles} articles, {report.chunks} chunks"
        f" ({report.embedded} embedded, {report.reused} reused), {report.removed} articles removed,"
        f" {len(report.errors)} problems, {report.seconds:.1f} s",
        highlight=False,
    )


@index_app.command("list")
def list_snapshots(
    index: IndexOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """The snapshots that are kept, oldest first."""
    snapshots = _open_index(settings_at(config, index))
    pointer = snapshots.current()
    rows = [
        {"snapshot": name, "current": pointer is not None and name == pointer.snapshot}
        for name in snapshots.list()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(f"{'*' if row['current'] else ' '} {row['snapshot']}")


@index_app.command("verify")
def verify_snapshot(
    index: IndexOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Check every hash of the current snapshot."""
    manifest = _open_index(settings_at(config, index)).load().manifest
    facts = {
        "snapshot": manifest.id,
        "articles": manifest.articles,
        "chunks": manifest.chunks,
        "files": len(manifest.files),
        "spaces": [space.model for space in manifest.spaces],
    }
    if as_json:
        print_json(facts)
        return
    print(f"{manifest.id}: {len(manifest.files)} files match, {manifest.chunks} chunks")


@index_app.command("rollback")
def roll_back(
    index: IndexOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Go back to the snapshot before the current one."""
    snapshot = _open_index(settings_at(config, index)).rollback()
    if as_json:
        print_json({"snapshot": snapshot})
        return
    print(f"{snapshot} is current")


@app.command()
def search(
    query: Annotated[str | None, typer.Argument()] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Distinct articles.")] = 10,
    locale: LocaleOption = None,
    audience: Annotated[str, typer.Option(help="`public`, or `internal` for all.")] = "public",
    source: InputOption = None,
    target: OutputOption = None,
    index: IndexOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Retrieval only."""
    from bot.batch import search_lines
    from bot.domain.conversation import INTERNAL, PUBLIC
    from bot.services.searching import SearchResult

    if audience not in ("public", "internal"):
        raise typer.BadParameter("one of: public, internal", param_hint="--audience")
    audiences = INTERNAL if audience == "internal" else PUBLIC
    settings = settings_at(config, index)
    if _is_batch(query, source, target):
        _run_batch(settings, source, target, lambda bot: search_lines(bot, k, audiences))
        return

    async def find(bot: "Bot") -> SearchResult:
        question = replace_unstorable(query or "")
        return await bot.searcher.search(question, k, locale, audiences)

    found = _run(settings, find).as_json()
    if as_json:
        print_json(found)
        return
    for number, result in enumerate(found["results"], 1):
        place = result["path"] + (f"#{result['anchor']}" if result["anchor"] else "")
        heading = " > ".join([result["title"], *result["heading_path"]])
        print(f"{number:2}. {result['score']:.2f} {heading}\n    {place}")
        print(f"    {result['excerpt'][:160]}")
    print(f"answerable {found['answerable']:.2f}, {found['latency_ms']} ms")


@app.command()
def ask(
    question: Annotated[str, typer.Argument()],
    locale: LocaleOption = None,
    index: IndexOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One full turn without storing it."""
    from bot.channels.terminal import sources
    from bot.domain.reply import Reply

    async def answer(bot: "Bot") -> Reply:
        conversation = Conversation("ask", locale=locale)
        await bot.store.add_conversation(conversation)
        message = Message(conversation.id, Author.CUSTOMER, replace_unstorable(question))
        return await (await bot.turns.submit(message)).result()

    reply = _run(settings_at(config, index), answer)
    if as_json:
        print_json(reply.as_json() | {"message": None, "conversation": None})
        return
    out.print(Markdown(reply.text))
    print(sources(reply), end="")


@app.command()
def respond(
    source: InputOption = None,
    target: OutputOption = None,
    replay: Annotated[bool, typer.Option("--replay", help="Recorded turns are history.")] = False,
    index: IndexOption = None,
    config: ConfigOption = None,
) -> None:
    """Whole dialogues from a file; nothing is stored."""
    from bot.adapters.memory_store import MemoryStore
    from bot.batch import respond_lines

    store = MemoryStore()
    settings = settings_at(config, index)
    _is_batch(None, source, target)
    _run_batch(settings, source, target, lambda bot: respond_lines(bot, store, replay), store=store)


@app.command()
def chat(index: IndexOption = None, config: ConfigOption = None) -> None:
    """Talk to the bot here, until the input ends or Ctrl-C."""
    from bot.bootstrap import build, open_store
    from bot.channels.terminal import converse

    settings = settings_at(config, index)

    async def talk() -> None:
        bot = build(settings, store=await open_store(settings))
        try:
            await _require_index(bot)
            greeting = bot.prompts.text("smalltalk", settings.locale, "greeting")
            await converse(bot.store, bot.turns, greeting)
        finally:
            await bot.turns.close(timeout_s=0)  # who leaves does not wait for an answer
            await bot.store.close()

    try:
        asyncio.run(talk())
    except KeyboardInterrupt:
        print()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65535)] = None,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1)] = 1,
    index: IndexOption = None,
    config: ConfigOption = None,
) -> None:
    """API and demo page."""
    from bot.server import serve as run_server

    settings = settings_at(config, index)
    run_server(
        settings, host or settings.web.host, settings.web.port if port is None else port, workers
    )


@app.command("eval", context_settings={"ignore_unknown_options": True, "help_option_names": []})
def evaluate(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[SUITE ...]")] = None,
) -> None:
    """How good the answers are; `case` turns a stored turn into an eval case."""
    try:
        from evals.cli import run
    except ImportError as error:
        raise ConfigurationError(
            f"the evals need {error.name}; run: make eval, or pip install -e '.[eval]'"
        ) from error
    run(arguments or [], _progress)


@db_app.command("upgrade")
def upgrade_database(config: ConfigOption = None) -> None:
    """Create the database or bring it to the current schema."""
    from bot.bootstrap import seal_secrets

    sealed = asyncio.run(seal_secrets(load_settings(config)))
    print("the database is current")
    if sealed.why is not None:
        raise ConfigurationError(sealed.why)


def _open_index(settings: Settings) -> "SnapshotIndex":
    from ingest.publishing import SnapshotIndex

    return SnapshotIndex(settings.index)


def _is_batch(query: str | None, source: Path | None, target: Path | None) -> bool:
    if query is not None and (source or target):
        raise typer.BadParameter("a question, or --input and --output, not both")
    if source and target:
        return True
    if source or target:
        raise typer.BadParameter("--input and --output go together")
    if not query:
        raise typer.BadParameter("a question, or --input and --output")
    return False


def _run(
    settings: Settings, work: Callable[["Bot"], Coroutine[Any, Any, Result]], **parts: Any
) -> Result:
    """With a bot that keeps nothing; fails before any work when there is no index."""
    from bot.bootstrap import build

    async def run() -> Result:
        bot = build(settings, **parts)
        await _require_index(bot)
        return await work(bot)

    return asyncio.run(run())


async def _require_index(bot: "Bot") -> None:
    retriever_log.setLevel(logging.CRITICAL)  # the reason it would log is raised here
    status = await bot.retriever.refresh()
    if status.snapshot is None:
        raise ConfigurationError(status.refused or "no index")


def _run_batch(
    settings: Settings,
    source: Path | None,
    target: Path | None,
    worker: Callable[["Bot"], Any],
    **parts: Any,
) -> None:
    from bot.batch import run_batch

    if source is None or target is None:
        raise typer.BadParameter("--input and --output")

    async def run(bot: "Bot") -> tuple[int, int]:
        return await run_batch(source, target, worker(bot))

    done, failed = _run(settings, run, **parts)
    err.print(f"{done} done, {failed} failed", highlight=False)
    if failed:
        raise ConfigurationError(f"{failed} lines could not be worked on; see `error` in {target}")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar a stage on stderr; nothing where nobody watches."""
    columns = (TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        stages: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield show


if __name__ == "__main__":
    main()
