"""How soon `dlgrade watch` answers a save: what `benchmarks/watch.py` measures, as a part of these benchmarks.

`watching NUMBER SAVES IDLE` measures one exercise, in a process of its own, and prints JSON.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.processes import python, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table
from benchmarks.watch import EXERCISES, Figures

COLUMNS = (
    Column("exercise"),
    Column("first verdict ms", 0),
    Column("save to verdict ms", 1),
    Column("median ms", 1),
    Column("longest ms", 1),
    Column("CPU when idle, %", 2),
)


def watch(setting: Setting) -> Iterator[Table]:
    """from a save to the verdict in `dlgrade watch`, in a terminal"""
    saves, idle = setting.of((30, 2.0), (2, 0.1))
    names = [name for name, library in EXERCISES.items() if setting.torch or library != "torch"][: setting.of(None, 1)]
    rows = []
    for number in names:
        with place() as (_, env):
            found = json.loads(run(python("watching", number, saves, idle), env).printed)
        times = [seconds * 1e3 for seconds in found["saves"]]
        label = f"{number} ({EXERCISES[number]})"
        rows.append((label, found["first"] * 1e3, min(times), median(times), max(times), found["idle"] * 100))
    title = f"`dlgrade watch`: from a save until the verdict is drawn, {saves} times"
    yield Table("watch", title, COLUMNS, rows, ("CPU is that of the command itself, as a share of one core.",))


def main() -> None:
    with place() as (folder, _):
        (folder / "exercises").mkdir()
        found = Figures(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(folder))
    print(json.dumps({"first": found.first, "saves": found.saves, "idle": found.idle}))


if __name__ == "__main__":
    main()
