"""otter-grader and nbgrader: a notebook for each attempt, run by a Jupyter kernel."""

import json
import zipfile
from pathlib import Path

from benchmarks.others.tester import attempt, write_tester
from benchmarks.processes import Cost, run
from grader.kit import Entry

OTTER = """
import types

from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = 1


@test_case(points=1)
def test_part(env):
    import sys

    sys.path.insert(0, "{folder}")
    import tester

    tester.check("{part}", types.SimpleNamespace(**env))
"""
OTTER_RUN = """
import sys
from otter.api import grade_submission

for path in sys.argv[2:]:
    result = grade_submission(path, sys.argv[1], quiet=True)
    assert result.total == result.possible == {points}, (result.total, result.possible)
"""
NBGRADER = """
import sys, types
sys.path.insert(0, "{folder}")
import tester
tester.check("{part}", types.SimpleNamespace(**globals()))
"""
SCORES = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    scores = [one.score for one in book.assignment_submissions("ps1")]
assert scores == [{points}] * {attempts}, scores
"""


def otter(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """All attempts in one process, through its documented function: nothing is started anew but what it starts."""
    parts = write_tester(folder, entry)
    with zipfile.ZipFile(folder / "autograder.zip", "w") as file:
        config = {"show_stdout": False, "pdf": False, "lang": "python"}
        file.writestr("otter_config.json", json.dumps(config))
        for number, part in enumerate(parts):
            file.writestr(f"tests/q{number}.py", OTTER.format(name=f"q{number}", part=part, folder=folder))
    files = [folder / f"student-{number}.ipynb" for number in range(attempts)]
    for number, path in enumerate(files):
        _write(path, [_code(attempt(entry, number))])
    script = folder / "run.py"
    script.write_text(OTTER_RUN.format(points=len(parts)), "utf-8")
    return run([python, str(script), str(folder / "autograder.zip"), *map(str, files)], env, cwd=folder)


def nbgrader(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """All attempts by one `nbgrader autograde`; making the assignment isn't counted."""
    parts = write_tester(folder, entry)
    tests = [_graded(number, NBGRADER.format(part=part, folder=folder)) for number, part in enumerate(parts)]
    command = [python, "-m", "nbgrader"]
    _write(folder / "source" / "ps1" / "work.ipynb", [_answer("### BEGIN SOLUTION\npass\n### END SOLUTION"), *tests])
    run([*command, "generate_assignment", "ps1"], env, cwd=folder)
    for number in range(attempts):
        place = folder / "submitted" / f"student-{number}" / "ps1" / "work.ipynb"
        _write(place, [_answer(attempt(entry, number)), *tests])
    cost = run([*command, "autograde", "ps1"], env, cwd=folder)
    run([python, "-c", SCORES.format(points=len(parts), attempts=attempts)], env, cwd=folder)
    return cost


def _write(path: Path, cells: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_notebook(cells)), "utf-8")


def _notebook(cells: list[dict]) -> dict:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _code(source: str, **metadata: object) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def _answer(source: str) -> dict:
    return _cell("answer", source, solution=True, grade=False, locked=False)


def _graded(number: int, source: str) -> dict:
    return _cell(f"part-{number}", source, solution=False, grade=True, locked=True, points=1)


def _cell(name: str, source: str, **about: object) -> dict:
    about = {"schema_version": 3, "grade_id": name, "task": False, **about}
    return _code(source, nbgrader={**about, "cell_type": "code"} if about["grade"] else about)
