"""Results as a table for people."""

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.table import Table

from evals.bench.figures import Figure, Results


def print_results(results: Results, console: Console) -> None:
    setup = results.setup
    console.print(
        f"Python {setup['python']}, {setup['system']}, {setup['cores']} cores; p50 and p95 over n"
        " measurements"
    )
    for title, figures in groupby(results.figures, key=lambda figure: figure.section):
        console.print(_table(title, figures))
    for remark in results.remarks:
        console.print(remark, markup=False)


def _table(title: str, figures: Iterable[Figure]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("what", overflow="fold")
    for name in ("n", "p50", "p95"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("spaces", overflow="fold")
    table.add_column("remark", overflow="fold")
    for figure in figures:
        table.add_row(
            figure.name,
            str(figure.n),
            shown(figure.p50),
            "" if figure.p95 is None else shown(figure.p95),
            figure.unit,
            ", ".join(figure.spaces),
            figure.note,
        )
    return table


def shown(value: float) -> str:
    """Three digits that matter, without exponents; whole numbers whole."""
    if value == int(value):
        return f"{value:,.0f}"
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{decimals}f}"
