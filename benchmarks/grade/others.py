"""otter-grader and nbgrader on the same functions: one test for each part, with the same inputs and expected values."""

import inspect
import json
import os
import pickle
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from check import environment
from processes import Cost, run

from grader import kit, wire
from grader.cases import Trusted, ask, portable
from grader.kit import Entry
from grader.outcome import Answered

FACTOR = 20  # times that an attempt ought to take longer there
TESTER = """
import pickle
from pathlib import Path

import numpy as np

{modules}

FOLDER = Path(__file__).parent


{drivers}


def same(a, b):
    if isinstance(b, dict):
        assert set(a) == set(b)
        for key in b:
            same(a[key], b[key])
    elif isinstance(b, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    elif isinstance(b, (str, bytes, type(None))):
        assert a == b
    else:
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def check(part, student):
    count = 0
    for name, driver, inputs, answered, expected in pickle.loads((FOLDER / "cases.pickle").read_bytes()):
        if name != part:
            continue
        count += 1
        try:
            value = globals()[driver](student, **inputs) if driver in globals() else getattr(student, driver)(**inputs)
        except Exception as error:
            assert not answered and type(error).__name__ == expected, repr(error)
        else:
            assert answered
            same(value, expected)
    assert count
"""
OTTER = """
import importlib.util
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


def write_tester(folder: Path, entry: Entry) -> list[str]:
    """Writes `tester.py` and the cases it reads; returns the names of the parts."""
    spec = kit.load_spec(entry)
    code, modules = portable(spec)
    trusted, cases, parts = Trusted(kit.load_solution(entry), spec), [], []
    for asked in ask(spec.exercise, 0):
        outcome = trusted.answer(asked)
        answered = isinstance(outcome, Answered)
        expected = outcome.value if isinstance(outcome, Answered) else outcome.names[0]
        message = wire.Message(asked.raw, layout=True).values(lambda array: array)
        cases.append((asked.part.name, message["driver"], message["inputs"], answered, expected))
        parts += [] if asked.part.name in parts else [asked.part.name]
    drivers = "\n\n".join(inspect.getsource(getattr(spec, name)) for name in code)
    imports = "\n".join(f"import {name} as {alias}" for alias, name in modules.items())
    (folder / "tester.py").write_text(TESTER.format(modules=imports, drivers=drivers), "utf-8")
    (folder / "cases.pickle").write_bytes(pickle.dumps(cases))
    return parts


def otter(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """All attempts in one process, through its documented function: nothing is started anew but what it starts."""
    parts = write_tester(folder, entry)
    with zipfile.ZipFile(folder / "autograder.zip", "w") as file:
        config = {"show_stdout": False, "pdf": False, "lang": "python"}
        file.writestr("otter_config.json", json.dumps(config))
        for number, part in enumerate(parts):
            file.writestr(f"tests/q{number}.py", OTTER.format(name=f"q{number}", part=part, folder=folder))
    files = []
    for number in range(attempts):
        path = folder / f"student-{number}.ipynb"
        path.write_text(json.dumps(_notebook([_code(_source(entry, number))])), "utf-8")
        files.append(str(path))
    script = folder / "run.py"
    script.write_text(OTTER_RUN.format(points=len(parts)), "utf-8")
    return run([python, str(script), str(folder / "autograder.zip"), *files], env, cwd=folder)


def nbgrader(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """All attempts by one `nbgrader autograde`."""
    parts = write_tester(folder, entry)
    tests = [_graded(number, NBGRADER.format(part=part, folder=folder)) for number, part in enumerate(parts)]
    command = [python, "-m", "nbgrader"]
    _write(folder / "source" / "ps1" / "work.ipynb", [_answer("### BEGIN SOLUTION\npass\n### END SOLUTION"), *tests])
    run([*command, "generate_assignment", "ps1"], env, cwd=folder)
    for number in range(attempts):
        place = folder / "submitted" / f"student-{number}" / "ps1" / "work.ipynb"
        _write(place, [_answer(_source(entry, number)), *tests])
    cost = run([*command, "autograde", "ps1"], env, cwd=folder)
    _assert_all_right(folder, python, len(parts), attempts, env)
    return cost


def _assert_all_right(folder: Path, python: str, parts: int, attempts: int, env: dict[str, str]) -> None:
    code = (
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db') as book:\n"
        "    scores = [one.score for one in book.assignment_submissions('ps1')]\n"
        f"assert scores == [{parts}] * {attempts}, scores"
    )
    run([python, "-c", code], env, cwd=folder)


def _source(entry: Entry, number: int) -> str:
    return f"{entry.solution.read_text('utf-8')}\n# by student {number}\n"


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


Grader = Callable[[str, Entry, int, dict[str, str], Path], Cost]


class Each(NamedTuple):
    """What one more attempt takes: seconds, by the best runs and by the medians, and CPU seconds, by the best."""

    wall: float
    median: float
    cpu: float


def each(grader: Grader, python: str, entry: Entry, few: int, many: int, repeats: int) -> Each:
    """The difference of a large class and a small one, so that what it takes to start is left out."""
    costs: dict[int, list[Cost]] = {few: [], many: []}
    for _ in range(repeats):
        for attempts, found in costs.items():
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                found.append(grader(python, entry, attempts, _environment(python, folder), Path(folder)))
    return more(costs[few], costs[many], many - few)


def more(small: Sequence[Cost], large: Sequence[Cost], count: int) -> Each:
    """What each of `count` attempts takes, by which a large class exceeds a small one."""
    best = (min(one.wall for one in large) - min(one.wall for one in small)) / count
    middle = (median(one.wall for one in large) - median(one.wall for one in small)) / count
    return Each(best, middle, (min(one.cpu for one in large) - min(one.cpu for one in small)) / count)


def _environment(python: str, folder: str) -> dict[str, str]:
    """As dlgrade's own; with the programs beside that Python, and a home of its own for what Jupyter keeps."""
    env = environment(f"{folder}/state")
    return {**env, "HOME": folder, "PATH": f"{Path(python).parent}{os.pathsep}{env.get('PATH', os.defpath)}"}


def show(name: str, found: Each, ours: tuple[float, float]) -> str:
    """ours: seconds and CPU seconds of an attempt by dlgrade."""
    wall, cpu = found.wall / ours[0], found.cpu / ours[1]
    times = f"{found.wall * 1e3:9.0f} ms each (median {found.median * 1e3:.0f}), CPU {found.cpu * 1e3:.0f} ms"
    verdict = "reached" if wall >= FACTOR else "NOT reached"
    return f"{name:14}{times}: {wall:.0f} x wall, {cpu:.0f} x CPU of dlgrade's; {FACTOR} x {verdict}"
