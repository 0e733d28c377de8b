"""What has come of a training, as a section of the report on a terminal."""

from typing import Any

from grader.report.course import reported, spent, words
from grader.report.curve import curve
from grader.report.numbers import amount, finite, percent, seconds, share, size
from grader.report.style import Style, fill, wrap
from grader.text import harmless

INDENT = "  "
COLUMNS = 10  # for each of the two numbers in a row
MOST = 1e13  # bytes, or images per second
LONGEST = 100  # characters of a name


def section(training: dict[str, Any], style: Style) -> list[str]:
    """The section's lines. training: the field of that name of a report, as it stands in JSON."""
    lines = [*_data(training, style), "", *_table(training, style), ""]
    lines += wrap(_time(training), style, INDENT)
    lines += wrap(_ending(training), style, INDENT)
    if drawn := curve(training, style):
        lines += ["", *drawn]
    if training["split"] is None:
        return lines
    return [*lines, "", *wrap(f"`--split {training['split']}` deals out the same images once more.", style, INDENT)]


def _data(training: dict[str, Any], style: Style) -> list[str]:
    """On what, and by what. Nobody may take synthetic digits for MNIST."""
    label = harmless(training["label"], style.width - 13)
    synthetic = training["data"] == "synthetic"
    painted = style.paint(label, fg="yellow", bold=True) if synthetic else label
    lines = [style.paint("Training", bold=True) + f" {style.dot} {painted}"]
    if synthetic:
        lines += wrap("What is reached on them doesn't compare with what is reached on MNIST.", style, INDENT)
    counts = f"{training['images']:,} images to train on, {training['test_images']:,} hidden ones"
    lines += wrap(f"{training['profile']}: {counts}", style, INDENT)
    device, name = training["device"], harmless(training["device_name"], LONGEST)
    return lines + wrap(device if name in ("", device) else f"{device}: {name}", style, INDENT)


def _table(training: dict[str, Any], style: Style) -> list[str]:
    rows = [("", "yours", "solution"), *_measures(training), *_costs(training)]
    names = min(max(len(name) for name, *_ in rows), style.width - 2 - 2 * COLUMNS)
    return [f"  {fill(name, names)}{yours:>{COLUMNS}}{reference:>{COLUMNS}}" for name, yours, reference in rows]


def _measures(training: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was reached, what counts most first. What the solution has all of is a condition, and told as a case."""
    yours = training["yours"]["measures"] if training["yours"] else {}
    reference = training["reference"]["measures"]
    first = training["measure"]
    names = [first, *(name for name, value in reference.items() if name != first and value != 1)]
    return [(_name(name), _measure(yours.get(name)), _measure(reference.get(name))) for name in names]


def _name(name: str) -> str:
    return harmless(name.replace("_", " "), LONGEST)


def _measure(value: object) -> str:
    if value is None:
        return "-"
    part = None if isinstance(value, int) else share(value)
    return amount(value) if part is None else percent(part, 2)


def _costs(training: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What it took, as far as it is known."""
    yours, reference, device = training["yours"] or {}, training["reference"], training["device"]
    used = _used(training)
    rows = [(_clock(training), "-" if used is None else seconds(used), seconds(spent(reference, device)))]
    for name, field, write in (
        ("peak memory", "peak_memory", size),
        ("images per second", "images_per_second", amount),
    ):
        both = [_credible(run.get(field)) for run in (yours, reference)]
        if any(number is not None for number in both):
            mine, other = ("-" if number is None else write(number) for number in both)
            rows.append((name, mine, other))
    return rows


def _credible(value: object) -> float | None:
    """What the submission's process says of itself, unless that is absurd."""
    number = finite(value)
    return number if number is not None and 0 <= number <= MOST else None


def _clock(training: dict[str, Any]) -> str:
    return "CPU time" if training["device"] == "cpu" else "time"


def _used(training: dict[str, Any]) -> float | None:
    """The seconds of the submission; without an answer, those until its last word, if there was any."""
    if training["yours"]:
        return spent(training["yours"], training["device"])
    return max((spent(point, training["device"]) for point in training["reached"]), default=None)


def _time(training: dict[str, Any]) -> str:
    """The submission's time in units of the solution's, in which its limit is set."""
    allowed, used, unit = training["allowed"], _used(training), spent(training["reference"], training["device"])
    if used is None or unit <= 0:
        return f"At most {seconds(allowed)} are allowed."
    times = f"{amount(used / unit)} times the solution's {_clock(training)}"
    return f"{times}; {amount(allowed / unit)} times ({seconds(allowed)}) are allowed."


def _ending(training: dict[str, Any]) -> str:
    """For a submission without an answer, how far it had come; for one without a curve, why there is none."""
    points = reported(training)
    if training["yours"]:
        return "" if points else "It never called `report`, so there is no curve to show."
    last = f"The last it reported was {words(points[-1])}." if points else "It had reported nothing yet."
    return f"It came to no valid answer. {last}"
