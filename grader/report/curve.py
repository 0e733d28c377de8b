"""The learning curve of a training on a terminal, the submission's over the solution's.

Drawn by ourselves: the terminal may be 40 columns wide, know ASCII alone and no colours, and the curves must be told
apart all the same.
"""

from itertools import groupby, pairwise
from typing import Any, NamedTuple

from grader.report.axis import Axis
from grader.report.course import Dots, courses, shown, time_axis, value_axis
from grader.report.style import Style

WIDEST = 80  # columns; a wider plot would be too flat to be read


class Pen(NamedTuple):
    """How a course is drawn: dots for what was reported, a line for what is in between."""

    name: str
    dot: str
    line: str
    colour: str


class Ink(NamedTuple):
    """What the terminal offers for drawing."""

    yours: Pen
    reference: Pen
    upright: str
    tick: str
    corner: str
    level: str


UNICODE = Ink(Pen("yours", "●", "•", "cyan"), Pen("solution", "○", "·", "yellow"), "│", "┤", "└", "─")
ASCII = Ink(Pen("yours", "@", "o", "cyan"), Pen("solution", "+", ".", "yellow"), "|", "+", "+", "-")

Drawn = tuple[tuple[Pen, Dots], ...]  # from the back to the front
Cells = dict[tuple[int, int], tuple[Pen, str]]  # (row from below, column): what is there


def curve(training: dict[str, Any], style: Style, height: int = 12) -> list[str]:
    """The curve in `height` lines, at least 8; none if the submission has reported nothing that could be drawn.

    training: the field of that name of a report, as it stands in JSON.
    """
    of = shown(training)
    yours, reference = courses(training, of)
    if not yours:
        return []
    ink = ASCII if style.passed == "+" else UNICODE
    x, y = time_axis(yours, reference), value_axis(yours, reference, of)
    drawn: Drawn = ((ink.reference, reference), (ink.yours, yours)) if reference else ((ink.yours, yours),)
    plot = _plot(drawn, x, y, " %" if of == "accuracy" else "", ink, style, height - 4)
    keys = [style.paint(pen.dot + pen.line, fg=pen.colour) + f" {pen.name}" for pen, _ in reversed(drawn)]
    return [_heading(training, of, x), *plot, "  " + "   ".join(keys)]


def _plot(drawn: Drawn, x: Axis, y: Axis, unit: str, ink: Ink, style: Style, rows: int) -> list[str]:
    """The plot: its rows, from above, the axis of time and the numbers on it."""
    labels = {y.place(tick, rows): f"{tick:.5g}{unit}" for tick in y.ticks(2 * rows // 3)}
    margin = 2 + max(map(len, labels.values()), default=0)
    columns = min(style.width, WIDEST) - margin - 2
    cells: Cells = {}
    for pen, dots in drawn:
        cells |= _drawn(dots, pen, x, y, columns, rows)
    lines = []
    for row in reversed(range(rows)):
        edge = ink.tick if row in labels else ink.upright
        lines.append(f"{labels.get(row, ''):>{margin}} {edge}" + _painted(cells, row, columns, style))
    lines.append(" " * (margin + 1) + ink.corner + ink.level * columns)
    return [*lines, " " * (margin + 2) + _times(x, columns)]


def _heading(training: dict[str, Any], of: str, x: Axis) -> str:
    what = "validation accuracy" if of == "accuracy" else "training loss"
    clock = "CPU time" if training["device"] == "cpu" else "time"
    return f"  {what} by {clock}" + (" (log)" if x.log else "")


def _drawn(dots: Dots, pen: Pen, x: Axis, y: Axis, columns: int, rows: int) -> Cells:
    """Where the dots come to lie, and the lines from each to the next."""
    places = [(y.place(value, rows), x.place(time, columns)) for time, value in dots]
    cells: Cells = {}
    for (row, column), (next_row, next_column) in pairwise(places):
        steps = max(abs(next_row - row), abs(next_column - column), 1)
        for step in range(steps):
            part = step / steps
            here = round(row + part * (next_row - row)), round(column + part * (next_column - column))
            cells[here] = pen, pen.line
    return cells | dict.fromkeys(places, (pen, pen.dot))


def _painted(cells: Cells, row: int, columns: int, style: Style) -> str:
    """One row of the plot, without blanks at its end."""
    end = max((column + 1 for at, column in cells if at == row), default=0)
    pieces = [cells.get((row, column), (None, " ")) for column in range(end)]
    text = ""
    for pen, run in groupby(pieces, key=lambda piece: piece[0]):
        signs = "".join(sign for _, sign in run)
        text += style.paint(signs, fg=pen.colour) if pen else signs
    return text


def _times(x: Axis, columns: int) -> str:
    """The numbers on the axis of time, as far as there is room."""
    line = ""
    for tick in x.ticks(max(2, columns // 10)):
        label = f"{tick:.6g} s"
        start = min(max(0, x.place(tick, columns) - len(label) // 2 + 1), columns - len(label))
        if not line or start > len(line) + 1:
            line = line.ljust(start) + label
    return line
