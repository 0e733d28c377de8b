"""The learning curve of a training as a picture, for print and for the web. Drawn by matplotlib, which is an extra."""

import importlib.util
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.errors import UsageError
from grader.report.axis import Axis
from grader.report.course import Dots, Quantity, courses, time_axis, value_axis
from grader.text import harmless

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
FEW = 60  # so many points are marked one by one
LABELS: dict[Quantity, str] = {"loss": "training loss", "accuracy": "validation accuracy, %"}


class Look(NamedTuple):
    """How a course is drawn: told apart by hue, by lightness, by its dashes and by its marks."""

    name: str
    colour: str  # of the palette of Okabe and Ito, which people with any colour vision can tell apart
    dashes: str
    mark: str


REFERENCE = Look("solution", "#E69F00", "--", "s")
YOURS = Look("yours", "#0072B2", "-", "o")


def require(path: Path) -> None:
    """Makes sure that a picture can be written there. Raises UsageError if not; to be called before the training."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a picture ends in {' or '.join(SUFFIXES)}; name it so")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file")
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageError('matplotlib, which draws pictures, is not installed; `pip install "dlgrade[plot]"`')


def save(training: dict[str, Any], path: Path, title: str) -> None:
    """Writes the picture: loss and, where reported, accuracy over time, yours and the solution's.

    training: the field of that name of a report, as it stands in JSON. The same training and title give the same bytes.
    Raises UsageError if the picture can't be written.
    """
    require(path)
    import matplotlib

    kind = path.suffix.lower()[1:]
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # not the settings of whoever runs it
        matplotlib.rcParams["svg.hashsalt"] = "dlgrade"
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # of a title in another script
        metadata = {"Date": None} if kind == "svg" else None
        try:
            _figure(training, title).savefig(path, format=kind, dpi=160, metadata=metadata)
        except OSError as error:
            raise UsageError(f"{path} can't be written ({error.strerror}); name another file") from error


def _figure(training: dict[str, Any], title: str) -> "Figure":
    from matplotlib.figure import Figure

    drawn = [of for of in LABELS if courses(training, of)[0]] or ["loss"]
    figure = Figure(figsize=(7, 1.4 + 2.3 * len(drawn)), layout="constrained")
    figure.suptitle(harmless(title, 80), fontsize=12, fontweight="bold", parse_math=False)
    grid = figure.subplots(len(drawn), sharex=True, squeeze=False)[:, 0]
    grid[0].set_title(_data(training), fontsize=9, parse_math=False)
    grid[-1].set_xlabel("CPU time, seconds" if training["device"] == "cpu" else "time, seconds")
    for axes, of in zip(grid, drawn, strict=True):
        _draw(axes, *courses(training, of), of)
    named = {line.get_label(): line for axes in grid for line in axes.lines}
    figure.legend(named.values(), named, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _data(training: dict[str, Any]) -> str:
    what = f"{training['label']}, {training['profile']}: {training['images']:,} images, on {training['device']}"
    return harmless(what, 100)


def _draw(axes: "Axes", yours: Dots, reference: Dots, of: Quantity) -> None:
    axes.set_ylabel(LABELS[of])
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    for look, dots in ((REFERENCE, reference), (YOURS, yours)):
        if dots:
            mark = look.mark if len(dots) <= FEW else ""
            axes.plot(
                *zip(*dots, strict=True), look.dashes, color=look.colour, marker=mark, markersize=4, label=look.name
            )
    if yours or reference:
        _scale(axes.yaxis, value_axis(yours, reference, of))
        _scale(axes.xaxis, time_axis(yours, reference))


def _scale(axis: "XAxis | YAxis", scale: Axis) -> None:
    """Makes an axis of matplotlib logarithmic if it has to be, with plain numbers instead of powers."""
    if not scale.log:
        return
    x = axis.axis_name == "x"
    (axis.axes.set_xscale if x else axis.axes.set_yscale)("log")
    room = (scale.high / scale.low) ** 0.03
    (axis.axes.set_xlim if x else axis.axes.set_ylim)(scale.low / room, scale.high * room)
    ticks = scale.ticks(8)
    axis.set_ticks(ticks, labels=[f"{tick:.5g}" for tick in ticks])
    axis.set_ticks([], minor=True)
