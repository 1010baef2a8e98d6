"""A run as one page that needs nothing else: plots, figures, the worst cases, the baseline."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evals import tables, texts
from evals.baseline import Comparison
from evals.plots import plots
from evals.records import Record
from evals.runs import Run

TEMPLATE = Path(__file__).with_name("report.html")
SHOWN = 25  # of each kind of fault


def render(run: Run, comparison: Comparison | None = None) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        run=run,
        comparison=comparison,
        # Drawn here from numbers and names of data sets, which matplotlib escapes.
        plots=[(title, Markup(svg)) for title, svg in plots(run)],  # noqa: S704
        worst=worst(run),
        limit=SHOWN,
        shown=tables.shown,
        interval_shown=tables.interval_shown,
    )


def worst(run: Run) -> list[tuple[str, list[Record]]]:
    """By kind of fault, those first of which the bot was surest."""
    sure = sorted(run.records, key=lambda record: -(record.answerability or 0.0))
    kinds = ((title, [record for record in sure if is_fault(record)]) for title, is_fault in FAULTS)
    return [(title, records) for title, records in kinds if records]


def _is_missed(record: Record) -> bool:
    return bool(record.relevant and record.is_clear and (record.rank or 6) > 5)


def _lacks_span(record: Record) -> bool:
    found = record.is_answered and record.is_clear and record.answer_span
    return bool(found) and not texts.holds(record.text, record.answer_span)


FAULTS: tuple[tuple[str, Callable[[Record], bool]], ...] = (
    ("Betrayed or made up something", lambda r: bool(r.leaks or r.stray_links or r.ungrounded)),
    (
        "Answered what no article answers",
        lambda r: _is_asked(r, answerable=False) and r.is_answered,
    ),
    ("Refused what an article answers", lambda r: _is_asked(r, answerable=True) and _refused(r)),
    ("Relevant page not among the first five", _is_missed),
    ("Answered without the wanted words", _lacks_span),
    ("Ambiguous, yet not asked back", lambda r: r.ambiguous and r.decision != "clarify"),
    ("Clear, yet asked back", lambda r: r.is_clear and r.decision == "clarify"),
)


def _is_asked(record: Record, *, answerable: bool) -> bool:
    return record.is_clear and record.answerable is answerable


def _refused(record: Record) -> bool:
    return record.decision not in ("answer", "clarify")
