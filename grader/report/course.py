"""The course of a training, from the field "training" of a report as it stands in JSON: what a curve shows of it.

Its horizontal axis is time, since that is what is short: two trainings that take the same steps differ in it.
"""

from typing import Any, Literal

from grader.report.axis import Axis
from grader.report.numbers import amount, finite, percent, share

Quantity = Literal["accuracy", "loss"]
Dots = list[tuple[float, float]]  # (seconds, value) in the order of time; an accuracy is in percent

FAR = 4.0  # a training this many times as long as the other one would squeeze that one into a corner
EARLY = 50.0  # what was reported in a smaller part of a training's time than this is no reason to stretch the axis
SPREAD = 10.0  # losses that differ by a greater factor are told apart by their logarithms


def spent(what: dict[str, Any], device: str) -> float:
    """The seconds that count, of a point or a whole training: CPU time on a CPU, elsewhere time on the clock."""
    return float(what["cpu_seconds" if device == "cpu" else "seconds"])


def reported(training: dict[str, Any]) -> list[dict[str, Any]]:
    """What the submission reported, also if it ended without an answer."""
    found: list[dict[str, Any]] = training["yours"]["curve"] if training["yours"] else training["reached"]
    return found


def words(point: dict[str, Any]) -> str:
    """What was reported at one point: 3 of 5: loss 0.182, validation 95.1 %."""
    part = share(point["accuracy"])
    told = f"{amount(point['done'])} of {amount(point['total'])}: loss {amount(point['loss'])}"
    return told if part is None else f"{told}, validation {percent(part)}"


def shown(training: dict[str, Any]) -> Quantity:
    """Which of the two a single curve shows: accuracy, if the submission has reported any."""
    return "accuracy" if any(share(point["accuracy"]) is not None for point in reported(training)) else "loss"


def courses(training: dict[str, Any], of: Quantity) -> tuple[Dots, Dots]:
    """The submission's course and the solution's, without what can't be drawn: no finite loss, no share."""

    def course(points: list[dict[str, Any]]) -> Dots:
        dots = []
        for point in points:
            value = share(point["accuracy"]) if of == "accuracy" else finite(point["loss"])
            if value is not None:
                dots.append((spent(point, training["device"]), 100 * value if of == "accuracy" else value))
        return dots

    return course(reported(training)), course(training["reference"]["curve"])


def time_axis(yours: Dots, reference: Dots) -> Axis:
    """From 0 to the end of both; logarithmic where one would vanish otherwise. There is at least one dot."""
    ends = [dots[-1][0] for dots in (yours, reference) if dots]
    if min(ends) <= 0 or max(ends) <= FAR * min(ends):
        return Axis(0.0, max(ends), False)
    first = min(dots[0][0] for dots in (yours, reference) if dots)
    return Axis(max(first, min(ends) / EARLY), max(ends), True)


def value_axis(yours: Dots, reference: Dots, of: Quantity) -> Axis:
    """From the smallest value to the greatest; logarithmic for losses that are far apart. There is at least one dot."""
    values = [value for _, value in yours + reference]
    low, high = min(values), max(values)
    return Axis(low, high, of == "loss" and 0 < low < high / SPREAD)
