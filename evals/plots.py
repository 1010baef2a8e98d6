"""Plots of a run as inline SVG; their ink is the page's own, so that dark pages stay readable."""

import io
import re
from collections import Counter
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from evals import metrics
from evals.figures import Figure
from evals.records import Record
from evals.runs import Run
from evals.suites import STAGES, is_right, looked_up, truth_and_score

SIZE = (5.4, 3.4)  # inches
INK = "#010203"  # stands for the page's own colour of text
PALETTE = ("#3b7dd8", "#e0862f", "#2f9e6e", "#c2528b", "#8566c9", "#8a8a3a", "#5aa5b5", "#b0563f")
DECISIONS = ("answer", "clarify", "abstain", "handoff", "smalltalk", "silent", "error")
DATASETS = 6  # curves in one plot
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "firstline",
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 9,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "axes.prop_cycle": cycler(color=PALETTE),
        "grid.alpha": 0.25,
        "grid.color": INK,
    }
)


def plots(run: Run) -> list[tuple[str, str]]:
    """(title, SVG) of each that has something to show."""
    drawn = (
        ("Hit rate by languages of question and article", _hits(run)),
        ("Risk and coverage", _risk(run)),
        ("Calibration of answerability", _calibration(run)),
        ("Decisions", _decisions(run)),
        ("Latency", _latency(run)),
    )
    return [(title, svg) for title, svg in drawn if svg]


def _canvas(width: float = SIZE[0], height: float = SIZE[1]) -> tuple[Drawing, Axes]:
    drawing = Drawing(figsize=(width, height), layout="constrained")
    axes = drawing.add_subplot()
    axes.grid(visible=True)
    axes.set_axisbelow(True)
    return drawing, axes


def _hits(run: Run) -> str:
    shown = [f for f in run.figures if f.suite in ("retrieval", "follow-ups")]
    groups = list(dict.fromkeys((f.suite, f.group) for f in shown))
    if not groups:
        return ""
    drawing, axes = _canvas(height=1.2 + 0.42 * len(groups))
    for place, name in enumerate(("hit@1", "hit@5")):
        of_name = {(f.suite, f.group): f for f in shown if f.name == name}
        bars = [of_name[group] for group in groups]
        axes.barh(
            [row + (place - 0.5) * 0.36 for row in range(len(groups))],
            [figure.value for figure in bars],
            0.34,
            label=name,
            xerr=_errors(bars),
            error_kw={"ecolor": INK, "elinewidth": 0.8},
        )
    labels = [f"{group} follow-ups" if suite == "follow-ups" else group for suite, group in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    return _svg(drawing)


def _errors(figures: Sequence[Figure]) -> list[list[float]]:
    lows = [max(f.value - (f.value if f.low is None else f.low), 0) for f in figures]
    highs = [max((f.value if f.high is None else f.high) - f.value, 0) for f in figures]
    return [lows, highs]


def _risk(run: Run) -> str:
    drawing, axes = _canvas()
    for dataset, records in _datasets(run):
        right = np.array([is_right(record) for record in records], np.float64)
        coverage, risk = metrics.risk_coverage(right, truth_and_score(records)[1])
        axes.plot(coverage, risk, label=f"{dataset} (n={len(records)})")
    axes.set_xlabel("coverage: share of questions answered, surest first")
    axes.set_ylabel("risk: share wrong among them")
    return _with_legend(drawing, axes)


def _calibration(run: Run) -> str:
    drawing, axes = _canvas()
    for dataset, records in _datasets(run):
        bins = metrics.bins_of(*truth_and_score(records))
        axes.plot([b[0] for b in bins], [b[1] for b in bins], "o-", markersize=4, label=dataset)
    axes.plot([0, 1], [0, 1], "--", color=INK, linewidth=0.8, alpha=0.6)
    axes.set_xlabel("answerability as stated")
    axes.set_ylabel("share answerable")
    return _with_legend(drawing, axes)


def _datasets(run: Run) -> list[tuple[str, list[Record]]]:
    """Those that hold answerable and unanswerable questions, the largest first."""
    usable = [record for record in run.records if not record.error]
    found = [
        (name, looked_up([record for record in usable if record.dataset == name]))
        for name in dict.fromkeys(record.dataset for record in usable)
    ]
    mixed = [(name, few) for name, few in found if len({r.answerable for r in few}) == 2]
    return sorted(mixed, key=lambda pair: -len(pair[1]))[:DATASETS]


def _decisions(run: Run) -> str:
    rows: dict[str, Counter[str]] = {}
    for record in run.records:
        what = "attack" if record.attack else "ambiguous" if record.ambiguous else None
        what = what or ("answerable" if record.answerable else "unanswerable")
        rows.setdefault(f"{record.dataset}, {what}", Counter())[record.decision] += 1
    if not rows:
        return ""
    drawing, axes = _canvas(height=1.2 + 0.3 * len(rows))
    left = [0.0] * len(rows)
    for decision in DECISIONS:
        shares = [counts[decision] / counts.total() for counts in rows.values()]
        if any(shares):
            axes.barh(range(len(rows)), shares, 0.7, left=left, label=decision)
            left = [a + b for a, b in zip(left, shares, strict=True)]
    labels = [f"{name} (n={counts.total()})" for name, counts in rows.items()]
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    drawing.legend(frameon=False, ncols=4, loc="outside upper center", fontsize=8)
    return _svg(drawing)


def _latency(run: Run) -> str:
    timed = [record for record in run.records if record.timed and not record.error]
    if not timed:
        return ""
    drawing, axes = _canvas()
    columns = [[r.stage_ms.get(stage, 0.0) for r in timed] for stage in STAGES]
    columns.append([r.latency_ms for r in timed])
    ink = {"color": INK}
    axes.boxplot(
        columns,
        tick_labels=[*STAGES, "turn"],
        whis=(5, 95),
        showfliers=False,
        boxprops=ink,
        whiskerprops=ink,
        capprops=ink,
        medianprops={"color": PALETTE[1]},
    )
    axes.set_ylabel(f"ms; whiskers at 5 % and 95 %, n={len(timed)}")
    return _svg(drawing)


def _with_legend(drawing: Drawing, axes: Axes) -> str:
    if len(axes.get_legend_handles_labels()[0]) == 0:
        return ""
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(frameon=False, fontsize=8)
    return _svg(drawing)


def _svg(drawing: Drawing) -> str:
    """Without what a page would not need, and in the page's colour."""
    file = io.StringIO()
    drawing.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r"#010203", "currentColor", svg)
