"""Where the milliseconds of a check go: its phases, each timed by itself in a process that is ready for it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks.check import NUMPY
from benchmarks.processes import ROOT, python, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table

COMMAND = "import grader.cli.attempt, json, sqlite3"
JUDGE = "import grader.judge, grader.sandbox, grader.worker"


def phases(setting: Setting) -> Iterator[Table]:
    """where the milliseconds of a check go"""
    with place() as (_, env):
        timed = [
            ("the command imports its modules", fresh("", COMMAND, env, setting)),
            ("meanwhile the warm process imports numpy", fresh("", "import numpy.random", env, setting)),
            ("then it imports the judge's modules", fresh("import numpy.random", JUDGE, env, setting)),
        ]
        inside: dict[str, list[float]] = json.loads(run(python("phases", len(setting.times())), env).printed)
    rows = [(label, min(times) * 1e3, median(times) * 1e3) for label, times in [*timed, *inside.items()]]
    title = f"Phases of the check of {NUMPY[0]}'s solution, each by itself"
    yield Table("phases", title, (Column("phase"), Column("ms", 1), Column("median ms", 1)), rows)


def fresh(before: str, timed: str, env: dict[str, str], setting: Setting) -> list[float]:
    """Seconds that `timed` takes in fresh interpreters that have run `before`."""
    code = f"import time\n{before}\nbegan = time.perf_counter()\n{timed}\nprint(time.perf_counter() - began)"
    return [float(run([sys.executable, "-c", code], env).printed) for _ in setting.times()]


def in_process(repeats: int) -> dict[str, list[float]]:
    """A whole judging with a warm process that is ready, and those steps of it that can be done in this process."""
    from grader import engine, kit, warm
    from grader.cases import Trusted, ask
    from grader.judgement import difference

    number, name = NUMPY
    entry = kit.find(kit.builtin(), number)
    source = Path(ROOT / "solutions" / name).read_bytes()
    engine.judge(entry, source, name, 0)
    whole = [_clocked(lambda: engine.judge(entry, source, name, 0)) for _ in range(repeats)]
    warm.stop()
    spec = kit.load_spec(entry)
    asked = list(ask(spec.exercise, 0))
    solution = Trusted(kit.load_solution(entry), spec)
    pairs = [(one, solution.answer(one)) for one in asked]
    steps: dict[str, Callable[[], object]] = {
        "of which: it loads the spec and the solution": lambda: (kit.load_spec(entry), kit.load_solution(entry)),
        f"it makes the inputs of {len(asked)} cases": lambda: list(ask(spec.exercise, 0)),
        "the solution answers, while the worker does": lambda: [solution.answer(one) for one in asked],
        "it compares": lambda: [difference(one, outcome, outcome) for one, outcome in pairs],
    }
    timed = {label: [_clocked(work) for _ in range(repeats)] for label, work in steps.items()}
    return {"then judge and worker are forked, and judge": whole} | timed


def _clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(in_process(int(sys.argv[1]))))
