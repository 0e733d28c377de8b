"""pytest and gradescope-utils: a process for each attempt, since none shuts an attempt in."""

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.others.tester import attempt, write_tester
from benchmarks.processes import Cost, Failed, run
from grader.kit import Entry

PYTEST = """
import pytest
import student
import tester


@pytest.mark.parametrize("part", {parts})
def test_part(part):
    tester.check(part, student)
"""
GRADESCOPE_TEST = """
import unittest

import student
import tester
from gradescope_utils.autograder_utils.decorators import number, weight


class TestParts(unittest.TestCase):
"""
GRADESCOPE_PART = """
    @weight(1)
    @number("{number}")
    def test_{number}(self):
        tester.check("{part}", student)
"""
GRADESCOPE_RUN = """
import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

suite = unittest.defaultTestLoader.discover("tests")
with open("results.json", "w") as file:
    JSONTestRunner(visibility="visible", stream=file).run(suite)
"""


def pytest(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """`pytest` in a folder for each attempt, with nothing loaded that isn't its own."""
    costs = []
    for number in range(attempts):
        home, parts = _hand_in(folder, entry, number)
        (home / "test_attempt.py").write_text(PYTEST.format(parts=parts), "utf-8")
        (home / "pytest.ini").write_text("[pytest]\n", "utf-8")
        cost = run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider"], env, cwd=home)
        _assert(f"{len(parts)} passed" in cost.printed, cost.printed)
        costs.append(cost)
    return _sum(costs)


def gradescope(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """The `run_tests.py` of its documentation, in a folder for each attempt."""
    costs = []
    for number in range(attempts):
        home, parts = _hand_in(folder, entry, number)
        (home / "tests").mkdir()
        methods = [GRADESCOPE_PART.format(number=at, part=part) for at, part in enumerate(parts)]
        (home / "tests" / "test_attempt.py").write_text(GRADESCOPE_TEST + "".join(methods), "utf-8")
        (home / "run_tests.py").write_text(GRADESCOPE_RUN, "utf-8")
        costs.append(run([python, "run_tests.py"], env, cwd=home))
        told = json.loads((home / "results.json").read_text("utf-8"))
        _assert(told["score"] == len(told["tests"]) == len(parts), str(told))
    return _sum(costs)


def _hand_in(folder: Path, entry: Entry, number: int) -> tuple[Path, list[str]]:
    """A folder with an attempt and its tests, and the names of the parts."""
    home = folder / f"student-{number}"
    home.mkdir()
    (home / "student.py").write_text(attempt(entry, number), "utf-8")
    return home, write_tester(home, entry)


def _assert(right: bool, told: str) -> None:
    if not right:
        raise Failed(f"a right attempt hasn't all points:\n{told}")


def _sum(costs: Iterable[Cost]) -> Cost:
    """One after the other."""
    costs = list(costs)
    return Cost(sum(one.wall for one in costs), sum(one.cpu for one in costs))
