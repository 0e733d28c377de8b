"""A single attempt: `dlgrade check` from cold, beside the floor below which it can't go, and when all is warm."""

import json
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.processes import ROOT, Cost, dlgrade, python, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table

NUMPY = "12-3", "ex12_3_dead_relu_clinic.py"
TORCH = "19-2", "ex19_2_classification_head.py"
EMPTY, WITH_NUMPY, WITH_TORCH = "python -c pass", 'python -c "import numpy"', 'python -c "import torch"'
COLUMNS = (
    Column("command"),
    Column("ms", 1),
    Column("median ms", 1),
    Column("CPU ms", 1),
    Column("times its floor", 2),
    Column("floor"),
)

WARM = (  # what it is called, and the module that does it again and again
    ("dlgrade check {} (helper is warm)", "helped"),
    ("a judge that stays, {}", "stays"),
)


class Command(NamedTuple):
    """A row: what to run, the row it is compared with, and the exit code that is right."""

    label: str
    command: Sequence[str]
    floor: str | None = None
    code: int = 0


def check(setting: Setting) -> Iterator[Table]:
    """one attempt: from cold, beside importing numpy or torch once; --help; by a helper or a judge that is warm"""
    with place() as (folder, env):
        rows = commands(setting.torch)
        runs = in_turn(rows, env, len(setting.times(3)))
        yield cold_table(rows, runs)
        floors = {label: min(cost.wall for cost in found) for label, found in runs.items()}
        exercises = [(NUMPY, WITH_NUMPY), *([(TORCH, WITH_TORCH)] if setting.torch else [])]
        env["XDG_RUNTIME_DIR"] = str(folder)  # for the helper's socket, which nobody else is to find
        warm = [warm_row(*way, *one, floors, env, setting) for one in exercises for way in WARM]
        title = "Checks when all is warm, from the second one on"
        yield Table("check-warm", title, COLUMNS, warm)


def commands(with_torch: bool) -> list[Command]:
    number, name = NUMPY
    found = [
        Command(EMPTY, [sys.executable, "-c", "pass"]),
        Command(WITH_NUMPY, [sys.executable, "-c", "import numpy"], EMPTY),
        Command(f"dlgrade check {number} (solution)", dlgrade("check", number, f"solutions/{name}"), WITH_NUMPY),
        Command(f"dlgrade check {number} (stub)", dlgrade("check", number, f"exercises/{name}"), WITH_NUMPY, 1),
        Command("dlgrade --help", dlgrade("--help"), EMPTY),
        Command("dlgrade list", dlgrade("list"), EMPTY),
        Command("dlgrade quiz 17 (first prompt)", dlgrade("quiz", "17"), EMPTY, 130),  # no input
    ]
    if with_torch:
        number, name = TORCH
        found.append(Command(WITH_TORCH, [sys.executable, "-c", "import torch"], EMPTY))
        solution = dlgrade("check", number, f"solutions/{name}")
        found.append(Command(f"dlgrade check {number} (solution)", solution, WITH_TORCH))
    return found


def in_turn(rows: Sequence[Command], env: dict[str, str], repeats: int) -> dict[str, list[Cost]]:
    """Costs by label. Commands take turns, so that a busy moment of the machine hits all of them."""
    for row in rows:
        run(row.command, env, (row.code,))  # the first run fills the caches of the disk and of compiled modules
    found: dict[str, list[Cost]] = {row.label: [] for row in rows}
    for _ in range(repeats):
        for row in rows:
            found[row.label].append(run(row.command, env, (row.code,)))
    return found


def cold_table(commands: Sequence[Command], runs: dict[str, list[Cost]]) -> Table:
    rows = []
    for one in commands:
        walls = [cost.wall * 1e3 for cost in runs[one.label]]
        floor = min(cost.wall * 1e3 for cost in runs[one.floor]) if one.floor else None
        cpu = median(cost.cpu * 1e3 for cost in runs[one.label])
        rows.append((one.label, min(walls), median(walls), cpu, floor and min(walls) / floor, one.floor))
    return Table("check", "Commands from cold: the shortest run, the median, CPU time of all processes", COLUMNS, rows)


def warm_row(
    label: str,
    module: str,
    exercise: tuple[str, str],
    floor: str,
    floors: dict[str, float],
    env: dict[str, str],
    setting: Setting,
) -> tuple:
    """The second and later of a series. Their CPU time is what a long series has more than a short one."""
    number, name = exercise
    few, many = setting.of((3, 33), (2, 4))
    costs = [run(python(module, number, str(ROOT / "solutions" / name), count), env) for count in (few, many)]
    walls = [seconds * 1e3 for seconds in json.loads(costs[1].printed)[1:]]
    cpu = (costs[1].cpu - costs[0].cpu) / (many - few) * 1e3
    return label.format(number), min(walls), median(walls), cpu, min(walls) / floors[floor] / 1e3, floor
