"""What the terminal shows of a run."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evals.baseline import Comparison
from evals.figures import Difference, Figure
from evals.runs import Run

WORST_CHANGES = 20


def tables(run: Run) -> Iterator[RenderableType]:
    for suite in run.suites:
        table = Table("cases", "figure", title=suite, title_justify="left", min_width=70)
        for heading in ("value", "95 %", "n"):
            table.add_column(heading, justify="right")
        previous = ""
        for figure in (figure for figure in run.figures if figure.suite == suite):
            group = figure.group if figure.group != previous else ""
            table.add_row(group, figure.name, shown(figure), interval_shown(figure), str(figure.n))
            previous = figure.group
        yield table if table.row_count else Text(f"{suite}: no cases")
    yield from (Text(f"left out: {reason}") for reason in run.skipped)
    yield from (Text(f"failed: {record.key} ({record.error})") for record in run.failed)


def comparison_tables(comparison: Comparison) -> Iterator[RenderableType]:
    title = f"against {comparison.about}"
    table = Table("suite", "cases", "figure", title=title, title_justify="left")
    for heading in ("before", "now", "difference", "95 %", "n"):
        table.add_column(heading, justify="right")
    for one in (one for one in comparison.differences if one.value):
        figure = one.figure
        style = _style(one)
        table.add_row(
            figure.suite,
            figure.group,
            figure.name,
            number(one.before, figure.unit),
            number(one.after, figure.unit),
            f"{one.value:+.3f}",
            _interval(one.low, one.high, figure.unit),
            str(one.n),
            style=style,
        )
    yield table if table.row_count else Text(f"{title}: no figure differs")
    for change in comparison.changes[:WORST_CHANGES]:
        mark = {True: "worse", False: "better", None: "other"}[change.is_worse]
        yield Text(f"{mark}: {change.what}  {change.after.key}  {change.after.query[:80]}")
    if len(comparison.changes) > WORST_CHANGES:
        yield Text(f"… and {len(comparison.changes) - WORST_CHANGES} more")


def shown(figure: Figure) -> str:
    return number(figure.value, figure.unit)


def interval_shown(figure: Figure) -> str:
    return _interval(figure.low, figure.high, figure.unit)


def number(value: float, unit: str = "") -> str:
    return f"{value:.1f} {unit}" if unit else f"{value:.3f}"


def _interval(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return "–"
    return f"{low:.1f} – {high:.1f}" if unit else f"{low:.3f} – {high:.3f}"


def _style(difference: Difference) -> str:
    if not difference.is_certain or difference.figure.higher_is_better is None:
        return "dim"
    return "red" if difference.is_worse else "green"
