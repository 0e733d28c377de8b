"""The picture of the results: one attempt, other graders, and three lines of growth."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tables import Table
from grader.report.picture import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOOR, OURS, WRONG, OTHER = "0.6", "#0072B2", "#D55E00", "#E69F00"  # of the palette of Okabe and Ito
GROWTH = {"submissions": "attempts", "cases": "cases", "arrays": "MB"}  # table, and the column of its sizes
NEEDED = ("check", "check-warm", "others", *GROWTH)

__all__ = ["NEEDED", "require", "save"]


def save(tables: Sequence[Table], path: Path) -> None:
    """Draws those of the `NEEDED` tables that there are. The same figures give the same bytes."""
    require(path)
    import matplotlib
    from matplotlib.figure import Figure

    by_name = {table.name: table for table in tables}
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # not the settings of whoever runs it
        matplotlib.rcParams["svg.hashsalt"] = "dlgrade"
        figure = Figure(figsize=(11, 8), layout="constrained")
        above, below = figure.subfigures(2, 1)  # apart, or the labels above would narrow what is below
        one, others = above.subplots(1, 2)
        _one(one, [by_name[name] for name in ("check", "check-warm") if name in by_name])
        _others(others, by_name.get("others"))
        for axes, (name, size) in zip(below.subplots(1, len(GROWTH)), GROWTH.items(), strict=True):
            _growth(axes, by_name.get(name), size)
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _one(axes: "Axes", tables: Sequence[Table]) -> None:
    axes.set_title("one attempt, milliseconds")
    for table in tables:
        for label, wall in zip(table.values("command"), table.values("ms"), strict=True):
            _bar(axes, label, wall, FLOOR if label.startswith("python") else OURS)
    _upwards(axes)


def _others(axes: "Axes", table: Table | None) -> None:
    axes.set_title("each further attempt, milliseconds")
    for label, wall in zip(table.values("grader"), table.values("one more ms"), strict=True) if table else ():
        if wall is not None:
            _bar(axes, label, wall, OURS if label.startswith("dlgrade") else OTHER)
    _upwards(axes)


def _bar(axes: "Axes", label: str, value: float, colour: str) -> None:
    axes.barh(label, value, color=colour)
    axes.annotate(f" {value:,.0f}", (value, label), va="center", fontsize="small")


def _upwards(axes: "Axes") -> None:
    """The first bar on top, and room for the numbers."""
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", labelsize="small")


def _growth(axes: "Axes", table: Table | None, size: str) -> None:
    """CPU seconds over size, both logarithmic, and a line that would be exactly proportional."""
    axes.set_title(f"CPU seconds by {size}{' per case' if size == 'MB' else ''}")
    if table is None:
        return
    attempts = table.values("attempt") if "attempt" in [column.name for column in table.columns] else None
    points = list(
        zip(table.values(size), table.values("CPU s"), attempts or ["a class"] * len(table.rows), strict=True)
    )
    for kind, colour, mark in (("a class", OURS, "o"), ("right", OURS, "o"), ("wrong", WRONG, "s")):
        if mine := [(x, y) for x, y, which in points if which == kind]:
            axes.plot(*zip(*mine, strict=True), marker=mark, color=colour, label=kind)
    largest, cost = max((x, y) for x, y, _ in points)
    sizes = [x for x in sorted({x for x, _, _ in points}) if x >= largest / 1000]
    axes.plot(sizes, [cost * x / largest for x in sizes], ":", color="0.4", label="in proportion")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize="small", frameon=False)
