"""What people see of a training: the section of the report, its curve, the picture, and the line while it runs."""

import contextlib
import math
import os
import re
import struct
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from grader.cli.live import Live, line_of, summary
from grader.errors import UsageError
from grader.models import Point, Trained, TrainingReport, document
from grader.report.axis import Axis
from grader.report.curve import WIDEST, curve
from grader.report.numbers import amount, percent, seconds, size
from grader.report.picture import require, save
from grader.report.style import Style, cells
from grader.report.training import section

WIDTHS = [40, 60, 80, 200]


def style(width=80, colour=False, ascii_only=False):
    signs = ("+", "x", "-", "->", "-") if ascii_only else ("✓", "✗", "·", "→", "·")
    return Style(width, colour, *signs)


def falling(count, until, accuracy=True):
    """A course as good trainings have it."""
    return tuple(
        Point(
            done, count, 2.3 * math.exp(-3 * part) + 0.1, 1 - 0.5 * math.exp(-3 * part) if accuracy else None,
            until * part, 2 * until * part,
        )
        for done in range(1, count + 1)
        if (part := done / count)
    )  # fmt: skip


def of_losses(losses, **more):
    return tuple(
        Point(
            **{
                "done": n,
                "total": len(losses),
                "loss": loss,
                "accuracy": None,
                "cpu_seconds": n / 2,
                "seconds": n,
                **more,
            }
        )
        for n, loss in enumerate(losses, 1)
    )


REFERENCE = Trained({"accuracy": 0.956, "portions": 1.0}, 0.4, 0.5, falling(5, 0.4), 210_000_000, 98_000.0)
YOURS = Trained({"accuracy": 0.94955, "portions": 1.0}, 2.1, 2.5, falling(5, 2.1), 312_000_000, 19_230.4)


def training(**changes):
    """The field "training" of a report, as it stands in JSON."""
    fields = {
        "data": "mnist", "label": "MNIST", "profile": "quick", "images": 8000, "test_images": 2000, "split": 8731245,
        "device": "cpu", "device_name": "A Processor @ 2.70GHz", "measure": "accuracy", "allowed": 10.0,
        "yours": YOURS, "reached": (), "reference": REFERENCE, **changes,
    }  # fmt: skip
    return document(TrainingReport(**fields))


def with_curve(points, **changes):
    return training(yours=YOURS._replace(curve=points), **changes)


WILD = (1e308, -1e308, 1e-320, 0.0, -0.0, 5, 10**30, 1e99, 1e-99)
CURVES = {
    "usual": falling(5, 2.1),
    "as quick as the solution": falling(5, 0.5),
    "losses alone": falling(5, 2.1, accuracy=False),
    "one point": falling(1, 1.0),
    "very long": falling(10_000, 250.0),
    "nan at the end": (*falling(3, 1.0, accuracy=False), *of_losses([math.nan])),
    "diverges": of_losses([2.0, 1e3, 1e12, 1e40, math.inf]),
    "wild": of_losses(WILD),
    "as wide as can be": of_losses([1e-99, 1e99]),
    "wider still": of_losses([1e-320, 1e-99, 1e99]),
    "negative": of_losses([-1.0, -20.0, -300.0]),
    "never moves": of_losses([math.log(10)] * 6),
    "next to nothing": of_losses([1.0, 1.0 + 2e-16, 1.0]),
    "all at once": of_losses([3.0, 2.0, 1.0], cpu_seconds=0.0, seconds=0.0),
    "accuracy in percent": of_losses([3.0, 2.0, 1.0], accuracy=95.1),
    "accuracy out of range": of_losses([3.0, 2.0], accuracy=-1e308),
    "perfect": of_losses([0.0, 0.0], accuracy=1.0),
}
HOSTILE_DONE = of_losses([1.0], done=1e308, total=-math.inf)


@pytest.mark.parametrize("ascii_only", [False, True], ids=["unicode", "ascii"])
@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CURVES)
def test_whatever_was_reported_the_section_fits_the_terminal(name, width, colour, ascii_only):
    lines = section(with_curve(CURVES[name]), style(width, colour, ascii_only))
    text = "\n".join(lines)
    assert ("\x1b[" in text) == colour
    bare = [plain(line) for line in lines]
    assert max(map(cells, bare)) <= width
    assert all(line == line.rstrip() for line in bare)
    assert not ascii_only or text.isascii()
    assert all(sign.isprintable() for line in bare for sign in line)
    assert any("yours" in line and "solution" in line for line in bare[-4:]), "the key of the curve is missing"


def plain(line):
    for code in ("\x1b[1m", "\x1b[0m", "\x1b[33m", "\x1b[36m"):
        line = line.replace(code, "")
    return line


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("height", [8, 12, 20])
def test_a_curve_has_the_height_it_was_asked_for(name, height):
    lines = curve(with_curve(CURVES[name]), style(), height)
    assert len(lines) == height
    assert any("●" in line for line in lines[1 : height - 3])


@pytest.mark.parametrize("points", [(), of_losses([math.nan]), of_losses([math.inf, -math.inf])])
def test_where_nothing_can_be_drawn_there_is_no_curve(points):
    assert curve(with_curve(points), style()) == []


def test_without_a_curve_the_section_says_why():
    text = " ".join(" ".join(section(with_curve(()), style(40))).split())
    assert "It never called `report`, so there is no curve to show." in text


def rows(lines, sign):
    """(row, column) of a sign in a plot, row 0 above."""
    return [(row, column) for row, line in enumerate(lines[1:-3]) for column, here in enumerate(line) if here == sign]


def test_a_curve_shows_accuracies_where_they_belong():
    points = of_losses([1.0, 1.0, 1.0])
    points = tuple(point._replace(accuracy=share) for point, share in zip(points, (0.5, 0.75, 1.0), strict=True))
    lines = curve(with_curve(points, reference=REFERENCE._replace(curve=())), style(80, ascii_only=True), 15)
    assert "validation accuracy by CPU time" in lines[0]
    found = rows(lines, "@")[::-1]
    assert [row for row, _ in found] == [10, 5, 0], "100 % above, 50 % below, 75 % in the middle"
    columns = [column for _, column in found]
    assert columns[-1] == 79 and columns[0] < columns[1]
    assert abs((columns[1] - columns[0]) - (columns[2] - columns[1])) <= 1, "equal times, equal distances"
    assert lines[1].startswith("  100 % +") and lines[11].startswith("   50 % +")
    assert lines[-1] == "  @o yours", "there is no curve of the solution"


def test_losses_that_are_far_apart_are_told_by_their_logarithms():
    points = of_losses([1000.0, 10.0, 0.1])
    lines = curve(with_curve(points, reference=REFERENCE._replace(curve=())), style(80), 13)
    assert "training loss" in lines[0]
    assert [row for row, _ in rows(lines, "●")] == [0, 4, 8]
    assert [line.split()[0] for line in lines[1:10] if "┤" in line] == ["1000", "100", "10", "1", "0.1"]


def test_a_slow_training_does_not_squeeze_the_solution_into_the_corner():
    slow = curve(with_curve(falling(5, 10.0)), style(40))
    quick = curve(with_curve(falling(5, 0.5)), style(40))
    assert "(log)" in slow[0] and "(log)" not in quick[0]
    assert len({column for _, column in rows(slow, "○")}) == 5, "all points of the solution stand apart"
    assert max(column for _, column in rows(slow, "○")) < min(column for _, column in rows(slow, "●"))


def test_a_report_before_the_training_does_not_stretch_the_axis():
    early = (Point(0, 5, 2.3, 0.1, 1e-6, 1e-6), *falling(5, 10.0))
    lines = curve(with_curve(early), style(40))
    assert "(log)" in lines[0]
    assert len({column for _, column in rows(lines, "○")}) == 5, "all points of the solution stand apart"
    assert min(rows(lines, "●"), key=lambda place: place[1])[1] == lines[1].index("│") + 1, "at the edge"


def test_on_a_gpu_the_clock_counts():
    text = "\n".join(section(training(device="cuda", device_name="Some GPU"), style()))
    assert "CPU" not in text
    assert "cuda: Some GPU" in text
    assert "5 times the solution's time; 20 times (10 s) are allowed." in text


@pytest.mark.parametrize("times", [0.9, 3.0, 9.0, 27.0])
@pytest.mark.parametrize("scale", [2.5e-4, 2.6e-3, 0.03, 0.4, 5.0, 1.2e4])
def test_numbers_on_the_axis_of_time_stay_apart(scale, times):
    reference = REFERENCE._replace(curve=falling(5, scale))
    for width in range(40, 81, 3):
        line = curve(with_curve(falling(5, scale * times), reference=reference), style(width))[-2]
        assert all(gap >= 2 for gap in map(len, re.findall(r"(?<=s) *(?=\d)", line)))
        numbers = [float(number) for number in re.findall(r"([\d.e-]+) s", line)]
        assert numbers == sorted(set(numbers)) and len(numbers) >= 2


def test_wide_terminals_get_no_flatter_plots():
    assert max(map(cells, curve(training(), style(200)))) <= WIDEST


def test_the_section_tells_what_counts():
    lines = section(training(), style(80))
    assert lines[0] == "Training · MNIST"
    for line in [
        "  quick: 8,000 images to train on, 2,000 hidden ones",
        "  cpu: A Processor @ 2.70GHz",
        "                        yours  solution",
        "  accuracy            94.95 %   95.60 %",
        "  CPU time              2.1 s    0.40 s",
        "  peak memory          312 MB    210 MB",
        "  images per second    19,230    98,000",
        "  5.25 times the solution's CPU time; 25 times (10 s) are allowed.",
        "  `--split 8731245` deals out the same images once more.",
    ]:
        assert line in lines
    assert not any("portions" in line for line in lines), "all right for the solution: no result, but a condition"


def test_what_is_not_known_is_left_out():
    lines = section(
        training(
            yours=YOURS._replace(peak_memory=None, images_per_second=None),
            reference=REFERENCE._replace(images_per_second=None),
            device_name="cpu",
        ),
        style(),
    )
    assert "  cpu" in lines
    assert ["peak", "memory", "-", "210", "MB"] in [line.split() for line in lines]
    assert not any("per second" in line for line in lines)


def test_long_names_are_cut_off():
    named = {"measures": {"accuracy_of_the_network_on_shifted_images": 0.5, "accuracy": 0.9}}
    lines = section(training(reference=REFERENCE._replace(**named)), style(40))
    assert max(map(cells, lines)) <= 40
    assert "  accuracy of the...         -   50.00 %" in lines


@pytest.mark.parametrize("absurd", [-1, -1e9, 1e14, 1e300, 10**400, "nan"], ids=lambda value: str(value)[:9])
@pytest.mark.parametrize("field", ["peak_memory", "images_per_second"])
def test_what_cannot_be_is_not_told(field, absurd):
    lines = section(training() | {"yours": document(YOURS) | {field: absurd}}, style(40))
    row = next(line for line in lines if field.replace("_", " ") in line)
    assert row.split()[len(field.split("_"))] == "-"


def test_the_greatest_numbers_fit_in():
    lines = section(training(yours=YOURS._replace(peak_memory=10**13, images_per_second=1e13, seconds=1e5)), style(40))
    assert max(map(cells, lines)) <= 40
    assert "  peak memory       10,000 GB    210 MB" in lines
    assert "  images per second   1.0e+13    98,000" in lines


def test_all_results_of_a_study_stand_side_by_side_the_important_one_first():
    shares = {"mlp_plain": 0.94, "cnn_plain": 0.96, "examples": 12_000}
    mine = YOURS._replace(measures={"mlp_plain": 0.9, "cnn_plain": 0.95, "examples": "nan", "made_up": 0.5})
    lines = section(training(measure="cnn_plain", yours=mine, reference=REFERENCE._replace(measures=shares)), style())
    start = next(n for n, line in enumerate(lines) if line.split() == ["yours", "solution"])
    assert [line.split() for line in lines[start + 1 : start + 4]] == [
        ["cnn", "plain", "95.00", "%", "96.00", "%"],
        ["mlp", "plain", "90.00", "%", "94.00", "%"],
        ["examples", "nan", "12,000"],
    ]
    assert "made up" not in "\n".join(lines)


@pytest.mark.parametrize("width", [40, 80])
def test_synthetic_digits_are_called_so_in_the_first_line(width):
    label = "synthetic digits, not MNIST"
    lines = section(training(data="synthetic", label=label), style(width))
    assert lines[0] == f"Training · {label}"
    assert "doesn't compare with what is reached on MNIST" in " ".join(" ".join(lines).split())
    assert "\x1b[33;1m" in section(training(data="synthetic", label=label), style(width, colour=True))[0]


def test_a_training_that_ended_tells_how_far_it_had_come():
    reached = (*falling(20, 8.0)[:7], *of_losses([math.nan], done=8, total=20, cpu_seconds=3.2))
    lines = section(training(yours=None, reached=reached), style(80))
    assert "  It came to no valid answer. The last it reported was 8 of 20: loss nan." in lines
    assert "  8 times the solution's CPU time; 25 times (10 s) are allowed." in lines
    assert ["accuracy", "-", "95.60", "%"] in [line.split() for line in lines]
    assert any("●" in line for line in lines)


def test_a_training_that_ended_before_it_said_anything():
    lines = section(training(yours=None), style(80))
    assert "  It came to no valid answer. It had reported nothing yet." in lines
    assert ["CPU", "time", "-", "0.40", "s"] in [line.split() for line in lines]
    assert not any("●" in line for line in lines)


def test_absurd_numbers_of_steps_are_told_as_they_are():
    lines = section(training(yours=None, reached=HOSTILE_DONE), style(40))
    assert max(map(cells, lines)) <= 40
    assert "-inf: loss 1." in " ".join(" ".join(lines).split())


# Numbers


AMOUNTS = {0.18234: "0.182", 2.0: "2", 12.34: "12.3", 999.7: "1,000", 8000: "8,000", 3.1e-7: "3.1e-07", 0: "0"}
NO_AMOUNTS = {
    "nan": "nan",
    math.inf: "inf",
    "-inf": "-inf",
    10**400: "no number",
    "\x1b[2J": "no number",
    None: "no number",
}
SECONDS = {0.0: "0.00 s", 0.408: "0.41 s", 0.999: "1.0 s", 9.94: "9.9 s", 9.96: "10 s", 119.4: "119 s"}
MINUTES = {119.6: "2 min 0 s", 200: "3 min 20 s", 1e6: "16,666 min 40 s"}


@pytest.mark.parametrize(("value", "text"), [*AMOUNTS.items(), *NO_AMOUNTS.items(), ([1], "no number")])
def test_amounts(value, text):
    assert amount(value) == text


@pytest.mark.parametrize(("value", "text"), [*SECONDS.items(), *MINUTES.items()])
def test_seconds(value, text):
    assert seconds(value) == text


def test_shares_and_sizes():
    assert percent(0.94955, 2) == "94.95 %" and percent(0.5) == "50.0 %"
    assert [size(n) for n in (400_000, 312_400_000, 999_400_000, 999_600_000, 3.21e9)] == [
        "0 MB", "312 MB", "999 MB", "1 GB", "3.21 GB"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (Axis(0, 2.1, False), [0, 0.5, 1, 1.5, 2]),
        (Axis(74.5, 97, False), [75, 80, 85, 90, 95]),
        (Axis(-300, -1, False), [-300, -200, -100]),
        (Axis(0.08, 2.1, True), [0.1, 0.2, 0.5, 1, 2]),
        (Axis(0.16, 0.19, True), [0.16, 0.17, 0.18, 0.19]),
        (Axis(1, 1e20, True), [1, 1e5, 1e10, 1e15, 1e20]),
        (Axis(5, 5, False), [5]),
        (Axis(1, 1 + 4e-16, False), [1]),
    ],
)
def test_ticks_are_round_numbers(axis, ticks):
    assert axis.ticks(5) == pytest.approx(ticks)


def test_an_axis_of_one_number_has_it_in_the_middle():
    assert Axis(5, 5, False).place(5, 9) == 4
    alone = REFERENCE._replace(curve=())
    lines = curve(with_curve(of_losses([0.5]), reference=alone), style())
    assert [row for row, _ in rows(lines, "●")] == [3]
    assert "  0.5 ┤" in lines[4]


# Pictures

SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_for_the_web(tmp_path):
    save(training(), tmp_path / "curve.png", "18 a title")
    png = (tmp_path / "curve.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[-8:-4] == b"IEND"
    width, height = struct.unpack(">II", png[16:24])
    assert 1000 < width < 1300 and 800 < height < 1100


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_makes_a_picture(name, tmp_path):
    save(with_curve(CURVES[name]), tmp_path / "curve.svg", "18 a title")
    root = ET.parse(tmp_path / "curve.svg").getroot()
    assert root.tag == f"{SVG}svg"
    assert len(list(root.iter(f"{SVG}path"))) > 20


def panels(path):
    return [group for group in ET.parse(path).getroot().iter(f"{SVG}g") if group.get("id", "").startswith("axes_")]


def test_a_picture_has_accuracies_only_if_there_are_any(tmp_path):
    for name, curve_ in (("both", falling(5, 1.0)), ("loss", falling(5, 1.0, accuracy=False)), ("none", ())):
        save(with_curve(curve_), tmp_path / f"{name}.svg", name)
    assert [len(panels(tmp_path / f"{name}.svg")) for name in ("both", "loss", "none")] == [2, 1, 1]


def test_both_curves_are_drawn_and_told_apart_without_colour(tmp_path):
    save(training(), tmp_path / "curve.svg", "18")
    text = (tmp_path / "curve.svg").read_text("utf-8")
    dashed = [line for line in text.splitlines() if "stroke-dasharray" in line and "#e69f00" in line]
    solid = [line for line in text.splitlines() if "#0072b2" in line and "stroke-dasharray" not in line]
    assert len(dashed) >= 2 and len(solid) >= 2


def test_the_same_training_gives_the_same_bytes_whatever_somebody_has_configured(tmp_path):
    import matplotlib

    save(training(), tmp_path / "one.svg", "18")
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.hashsalt": "other", "font.size": 20}):
        save(training(), tmp_path / "two.svg", "18")
        assert matplotlib.rcParams["lines.linewidth"] == 9, "settings are restored"
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert "<dc:date>" not in (tmp_path / "one.svg").read_text("utf-8")
    save(training(label="Fashion-MNIST"), tmp_path / "three.svg", "18")
    assert (tmp_path / "one.svg").read_bytes() != (tmp_path / "three.svg").read_bytes()


@pytest.mark.parametrize(
    "title", ["$\\frac{1}$", "$x$ and $y$", "가나다 학습", "\x1b]0;x\x07\x00", "a" * 5000, "<&>\"'", ""]
)
def test_titles_are_taken_as_they_are(title, tmp_path):
    save(with_curve(()), tmp_path / "curve.svg", title)
    ET.parse(tmp_path / "curve.svg")


def test_saving_leaves_pyplot_alone(tmp_path):
    before = "matplotlib.pyplot" in sys.modules
    save(training(), tmp_path / "curve.png", "18")
    assert ("matplotlib.pyplot" in sys.modules) == before


@pytest.mark.parametrize("name", ["curve.pdf", "curve", "curve.png.txt", ".png"])
def test_other_suffixes_are_refused(name, tmp_path):
    with pytest.raises(UsageError, match=r"ends in \.png or \.svg"):
        require(tmp_path / name)


def test_places_that_cannot_be_written_are_refused_before_the_training(tmp_path):
    require(tmp_path / "fine.PNG")
    with pytest.raises(UsageError, match="no folder"):
        require(tmp_path / "nowhere" / "curve.png")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        require(tmp_path / "folder.svg")


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r'pip install "dlgrade\[plot\]"') as caught:
        require(tmp_path / "curve.png")
    assert "\n" not in str(caught.value)


def test_a_disk_that_is_full_is_told_in_one_line():
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    link = Path(os.environ["DLGRADE_STATE"]) / "full.png"
    link.symlink_to("/dev/full")
    with pytest.raises(UsageError, match="can't be written"):
        save(training(), link, "18")


# The live line


def progress(done=3, total=5, who="yours", **changes):
    fields = {"loss": 0.18234, "accuracy": 0.951, "cpu_seconds": 2.1, "seconds": 2.4, "allowed": 12.0}
    return {"who": who, "done": done, "total": total, **fields, **changes}


def test_the_line_tells_what_counts():
    assert line_of(progress(), 77) == "yours  3 of 5  validation 95.1 %  loss 0.182  2.1 s of 12 s  about 1.6 s left"
    assert line_of(progress(who="reference", allowed=None), 100) == (
        "the solution trains, for comparison  3 of 5  validation 95.1 %  loss 0.182  2.1 s  about 1.6 s left"
    )
    assert line_of({"who": "reference", "allowed": None}, 80) == "the solution trains, for comparison  ..."
    assert line_of(progress(accuracy=None, device="cuda"), 80).startswith("yours  3 of 5  loss 0.182  2.4 s of 12 s")


def test_the_line_warns_of_trainings_that_the_budget_will_not_do():
    assert line_of(progress(done=1, total=20), 100).endswith("2.1 s of 12 s  too slow at this pace")
    assert line_of(progress(done=5), 100).endswith("2.1 s of 12 s"), "nothing is left"


@pytest.mark.parametrize("columns", [1, 5, 20, 37, 80])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"loss": "nan", "accuracy": "inf"},
        {"done": 1e-300, "total": 1e300, "loss": 10**400},
        {"done": -3, "total": "nan", "accuracy": 95.1},
        {"done": "inf", "total": 0, "loss": "\x1b[2J"},
    ],
)
def test_the_line_is_short_and_harmless(changes, columns):
    line = line_of(progress(**changes), columns)
    assert 0 < len(line) <= columns
    assert line.isascii() and line.isprintable()
    assert "yours"[:columns] == line[:5]


def test_the_summary_tells_what_was_learnt():
    assert summary([]) == "stopped"
    assert summary([progress(1), progress(3)]) == "stopped after 3 of 5: loss 0.182, validation 95.1 %"
    assert summary([progress(loss="nan", accuracy=None)]) == "stopped after 3 of 5: loss nan"


MARK = b"\x05"


class Screen:
    """One end of a terminal, `stream` is the other one. It knows what a line looks like after all that was written."""

    def __init__(self, columns):
        import pty

        self.end, at = pty.openpty()
        self.stream = os.fdopen(at, "w", encoding="ascii")
        self.resize(columns)
        self.written = ""

    def resize(self, columns):
        import fcntl
        import termios

        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self):
        """All that was written so far: up to a mark, for the kernel takes its time to hand it on."""
        os.write(self.stream.fileno(), MARK)
        while MARK not in (piece := os.read(self.end, 1 << 16)):
            self.written += piece.decode("ascii")
        self.written += piece.replace(MARK, b"").decode("ascii")
        return self.written

    def line(self):
        shown = ""
        for piece in self.read().split("\r"):
            shown = piece + shown[len(piece) :]
        return shown.rstrip()

    def close(self):
        with contextlib.suppress(OSError):
            self.stream.close()
        os.close(self.end)


@pytest.fixture
def screen():
    made = []

    def make(columns):
        made.append(Screen(columns))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("columns", [0, 1, 20, 40, 80, 200])
def test_a_terminal_sees_one_line_that_is_gone_in_the_end(columns, screen):
    here, room = screen(columns), max(1, (columns or 80) - 3)
    with Live(here.stream) as live:
        live.update({"who": "reference", "allowed": None})
        assert here.line() == "the solution trains, for comparison"[:room].rstrip() + "  ..." * (room >= 40)
        live.update(progress(3))
        assert here.line() == line_of(progress(3), room)
    assert here.line() == ""
    assert "\n" not in here.written and "\x1b" not in here.written, "nothing scrolls, and no terminal is too dumb"
    assert max(map(len, here.written.split("\r"))) <= room + len("^C")


def test_a_shorter_line_leaves_nothing_of_the_longer_one(screen):
    here, ticks = screen(80), iter(range(100))
    with Live(here.stream, lambda: next(ticks)) as live:
        live.update(progress(3, total=500, loss=0.123, cpu_seconds=100.0, seconds=100.0))
        live.update(progress(5, total=5, accuracy=None, cpu_seconds=1.0, seconds=1.0))
        assert here.line() == "yours  5 of 5  loss 0.182  1.0 s of 12 s"
        here.resize(20)
        live.update(progress(5))
        assert here.line()[:19] == "yours  5 of 5      ", "as far as a line may go without beginning the next one"


def test_the_line_is_not_rewritten_faster_than_one_can_read(screen):
    here, now = screen(80), [0.0]
    with Live(here.stream, lambda: now[0]) as live:
        for done in range(1, 1001):
            now[0] += 0.001
            live.update(progress(done, total=1000))
            here.read()
        assert 10 <= here.read().count("\r") <= 21
        assert live.points == [progress(1000, total=1000)], "what isn't shown is known all the same"


def test_ctrl_c_clears_the_line_and_goes_on(screen):
    here = screen(40)
    with pytest.raises(KeyboardInterrupt), Live(here.stream) as live:
        live.update(progress(3))
        os.write(here.stream.fileno(), b"^C")  # the terminal's echo
        raise KeyboardInterrupt
    assert here.line() == ""
    assert summary(live.points) == "stopped after 3 of 5: loss 0.182, validation 95.1 %"


def test_nothing_is_written_where_there_is_no_terminal(tmp_path, monkeypatch):
    with (tmp_path / "log").open("w") as stream, Live(stream) as live:
        live.update(progress(3))
    assert (tmp_path / "log").read_text() == ""
    assert len(live.points) == 1
    monkeypatch.setattr(sys, "stderr", None)
    with Live() as live:
        live.update(progress(3))


def test_a_terminal_that_goes_away_stops_nothing(screen):
    here = screen(80)
    with Live(here.stream) as live:
        live.update(progress(1))
        here.stream.close()
        live.update(progress(2, who="reference"))
    assert len(live.points) == 1


def test_only_yours_counts_for_the_summary():
    live = Live()
    live.update(progress(5, who="reference"))
    live.update({"who": "yours", "allowed": 12.0})
    assert live.points == []
