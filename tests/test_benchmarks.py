"""benchmarks/: what it measures, tells, draws and writes, on tiny sizes. No times are judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import growth, machine, page, plot, tables
from benchmarks.command import PARTS, tell_wrong
from benchmarks.made_up import make
from benchmarks.tables import Column, Table
from grader import engine, kit, warm
from grader.batch import isolation
from grader.errors import UsageError

ROOT = Path(__file__).parents[1]
LACKING = isolation.lacking()

linux = pytest.mark.skipif(not warm.forks(), reason="processes are counted and forked on Linux only")
shut_in = pytest.mark.skipif(LACKING is not None, reason=f"can't grade here: {LACKING}")

TABLE = Table(
    "some",
    "Some things",
    (Column("what"), Column("ms", 1), Column("count", 0)),
    [("a|b", 1234.56, 7), ("c", None, 1000)],
    ("A note.",),
)


def command(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks"), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done


# All parts, on tiny sizes


@linux
@shut_in
@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("check", {"check", "check-warm"}),
        *((part, {part}) for part in ("phases", "memory", "watch", "overhead", "batch", "submissions")),
        *((part, {part}) for part in ("cases", "arrays", "course", "mixed")),
    ],
)
def test_every_part_finds_what_it_promises(part, names, tmp_path):
    out = tmp_path / "out.json"
    done = command(part, "--quick", "--json", out)
    found = json.loads(out.read_text("utf-8"))
    assert found["schema"] == "dlgrade/benchmark/1" and found["machine"]["numpy"] and found["machine"]["isolation"]
    assert {table["name"] for table in found["tables"]} == names
    for table in found["tables"]:
        assert table["title"] in done.stdout and table["wrong"] == []
        assert table["rows"] and all(len(row) == len(table["columns"]) for row in table["rows"])
        check_rows(table["name"], [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]])


def check_rows(name, rows):
    """What has to be so whatever the machine."""
    if name == "check":
        named = {row["command"]: row for row in rows}
        assert "dlgrade --help" in named and 'python -c "import numpy"' in named
        assert all(row["floor"] in named for row in rows if row["floor"])
        assert all(row["ms"] <= row["median ms"] and row["CPU ms"] > 0 for row in rows)
    elif name == "check-warm":
        assert [row["command"].replace("12-3", "N") for row in rows] == [
            "dlgrade check N (helper is warm)",
            "a judge that stays, N",
        ]
        assert all(row["ms"] > 0 for row in rows)
    elif name == "memory":
        assert all(row[f"{kind} MB"] > 5 for row in rows for kind in ("command", "warm", "judge", "worker"))
    elif name in ("cases", "arrays"):
        assert {row["attempt"] for row in rows} == {"right", "wrong"}
        assert all(row["CPU s"] > 0 and row["judge MB"] > 5 for row in rows)
    elif name in ("batch", "submissions"):
        sizes = [row["attempts"] for row in rows]
        assert sizes == sorted(set(sizes)) and sizes[0] == 1
    elif name == "mixed":
        assert [(row["wrong verdicts"], row["traces left behind"]) for row in rows] == [(0, 0)]


def test_parts_are_all_tested():
    tested = test_every_part_finds_what_it_promises.pytestmark
    (cases,) = [mark.args[1] for mark in tested if mark.name == "parametrize"]
    assert {part for part, _ in cases} | {"others"} == set(PARTS)


def test_help_names_all_parts_and_says_what_they_measure():
    told = command("--help").stdout
    assert all(f"  {name} " in told and part.__doc__ in told for name, part in PARTS.items())


def test_a_part_that_there_is_not_is_an_error():
    assert "check, phases, memory" in command("speed", code=2).stderr


def test_a_wrong_verdict_ends_it_with_status_1(capsys):
    assert tell_wrong([TABLE]) == 0
    assert tell_wrong([TABLE, TABLE._replace(wrong=("a 1: passed, not failed",))]) == 1
    assert capsys.readouterr().out == "WRONG VERDICT: a 1: passed, not failed\n"


# Growth


@pytest.mark.parametrize("sizes", [(10, 100, 1000), (1, 25, 50, 100)])
@pytest.mark.parametrize("p", [0.5, 1.0, 1.5, 2.0])
def test_the_power_of_a_cost_is_found(sizes, p):
    assert growth.power(sizes, [3 + 0.7 * size**p for size in sizes]) == pytest.approx(p, abs=1e-6)


def test_costs_that_hardly_grow_have_no_power():
    assert growth.power([1, 10, 100], [5.0, 5.1, 5.2]) is None
    assert growth.power([1, 10, 100], [5.0, 4.0, 9.0]) is None
    assert growth.power([1, 10], [1.0, 10.0]) is None


def test_quadratic_growth_is_told():
    sizes = [1, 10, 100, 1000]
    assert "power 2.00 of the size: NOT linear." in growth.told("Time", sizes, [size**2 for size in sizes])
    assert growth.told("Time", sizes, sizes) == "Time grows as the power 1.00 of the size."
    assert growth.further(sizes, sizes) == [None, 1, 1, 1]


def test_the_made_up_exercise_can_be_passed_and_failed(tmp_path):
    made = make(tmp_path, 3, 5)
    right, wrong = (engine.judge(made.entry, path.read_bytes(), path.name, 0)["report"] for path in made[1:])
    assert (right["verdict"], len(right["cases"])) == ("passed", 3)
    assert (wrong["verdict"], wrong["diagnosis"]["misconception"]) == ("failed", "squares")
    assert [case["verdict"] for case in wrong["cases"]] == ["failed"] * 3
    assert kit.load_spec(made.entry).exercise.parts[0].name == "twice"


@linux
def test_checks_that_end_otherwise_are_told():
    from benchmarks.large import verdicts
    from benchmarks.processes import Cost

    passed = Cost(1.0, 1.0, {}, "1 · twice   a.py\n\n  ✓ twice   3 of 3 cases\n")
    assert verdicts("it", [passed], 3, 3) == ()
    assert len(verdicts("it", [passed, passed], 0, 3)) == 2
    assert len(verdicts("it", [passed], 30, 30)) == 1


# Tables, page and picture


def test_a_table_for_a_terminal():
    assert tables.text(TABLE).splitlines() == [
        "Some things",
        "  what       ms  count",
        "  a|b   1,234.6      7",
        "  c              1,000",
        "  A note.",
    ]


def test_a_table_for_a_page():
    assert tables.markdown(TABLE).splitlines() == [
        "Some things:",
        "",
        "| what | ms | count |",
        "| --- | ---: | ---: |",
        r"| a\|b | 1,234.6 | 7 |",
        "| c |  | 1,000 |",
        "",
        "A note.",
    ]


def test_the_page_has_a_place_for_each_part():
    text = page.PAGE.read_text("utf-8")
    for name in (*PARTS, page.MACHINE):
        assert page.content(page.filled(text, name, "new"), name) == "new"


def test_a_page_without_the_place_is_an_error():
    with pytest.raises(UsageError, match="<!-- check -->"):
        page.filled("<!-- check -->", "check", "")


FACTS = {
    "processor": "Some CPU",
    "cores": 2,
    "system": "Linux 6",
    "python": "3.11.7",
    "numpy": "2.4.6",
    "torch": None,
    "isolation": ["rlimits"],
    "load": 0.5,
}


@pytest.fixture
def own_page(monkeypatch, tmp_path):
    places = "".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in ("machine", "check", "batch"))
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(page, "PICTURE", tmp_path / "page.svg")
    page.PAGE.write_text(f"Before.\n{places}After.\n", "utf-8")
    return page.PAGE


def test_parts_are_written_beside_each_other(own_page):
    page.begin(FACTS, ["batch", "check"], ["check", "batch"])
    page.write("check", [TABLE, TABLE])
    page.write("batch", [TABLE])
    page.write("check", [TABLE])
    text = own_page.read_text("utf-8")
    assert text.startswith("Before.\n") and text.endswith("After.\n") and text.count("| c |") == 2
    assert page.content(text, "machine") == machine.sentence(FACTS)


def test_some_parts_are_written_beside_figures_of_the_same_machine_only(own_page):
    known = ["check", "batch"]
    with pytest.raises(UsageError, match="run all parts"):
        page.begin(FACTS, ["check"], known)
    page.begin(FACTS, known, known)
    page.begin(FACTS | {"load": 3.5}, ["check"], known)
    with pytest.raises(UsageError, match="run all parts"):
        page.begin(FACTS | {"numpy": "2.5.0"}, ["check"], known)
    assert "load 0.5" in page.content(own_page.read_text("utf-8"), "machine")


def test_the_picture_of_the_page_needs_all_it_shows(own_page):
    pytest.importorskip("matplotlib")
    page.draw(list(drawn())[1:])
    assert not page.PICTURE.exists()
    page.draw(list(drawn()))
    assert page.PICTURE.exists()


def drawn():
    sizes = {"submissions": "attempts", "cases": "cases", "arrays": "MB"}
    for name, size in sizes.items():
        columns = Column("attempt"), Column(size, 0), Column("CPU s", 2)
        rows = [(kind, 10**i, 0.1 + 10.0**i) for kind in ("right", "wrong") for i in range(3)]
        yield Table(name, "", columns, rows)
    for name in ("check", "check-warm"):
        yield Table(name, "", (Column("command"), Column("ms", 1)), [("python -c pass", 9.0), ("dlgrade list", 30.0)])
    yield Table("others", "", (Column("grader"), Column("one more ms", 0)), [("dlgrade", 30.0), ("pytest", None)])


def test_the_picture_is_the_same_for_the_same_figures(tmp_path):
    pytest.importorskip("matplotlib")
    found = list(drawn())
    assert {table.name for table in found} == set(plot.NEEDED)
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    plot.save(found, one)
    plot.save(found, two)
    assert one.read_bytes() == two.read_bytes() and b"<svg" in one.read_bytes()


def test_a_picture_of_some_parts_can_be_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    plot.save(list(drawn())[:1], tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 10_000
