"""How long `dlgrade check` takes, beside the floor below which it can't go: starting Python and importing numpy.

    python benchmarks/check.py [--torch] [--repeats N]

Commands are run in turn, one at a time, so that a busy moment of the machine hits all of them. Wall time is that of the
command; CPU time is that of all processes it started, including the warm process, which may outlive it by moments.
Needs Linux: elsewhere processes can't be waited for that were started by a process that is gone.
"""

import argparse
import ctypes
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)
NUMPY = "12-3", "ex12_3_dead_relu_clinic.py"
TORCH = "19-2", "ex19_2_classification_head.py"
INSIDE = 7  # how often a phase is timed for the second table


class Command(NamedTuple):
    """A row of the first table: what to run, the row it is compared with, and the exit code that is right."""

    label: str
    arguments: tuple[str, ...]
    floor: str | None = None
    code: int = 0


class Run(NamedTuple):
    """One run: seconds on the clock, and of CPU time in all its processes."""

    wall: float
    cpu: float


def commands(with_torch: bool) -> list[Command]:
    number, name = NUMPY
    found = [
        Command("python -c pass", ("-c", "pass")),
        Command('python -c "import numpy"', ("-c", "import numpy"), "python -c pass"),
        Command(f"dlgrade check {number} (solution)", dlgrade(number, f"solutions/{name}"), 'python -c "import numpy"'),
        Command(f"dlgrade check {number} (stub)", dlgrade(number, f"exercises/{name}"), 'python -c "import numpy"', 1),
        Command("dlgrade list", ("-m", "grader", "list"), "python -c pass"),
        Command("dlgrade --help", ("-m", "grader", "--help"), "python -c pass"),
        Command("dlgrade quiz 17 (first prompt)", ("-m", "grader", "quiz", "17"), "python -c pass", 130),  # no input
    ]
    if with_torch:
        number, name = TORCH
        floor = 'python -c "import torch"'
        found.append(Command(floor, ("-c", "import torch"), "python -c pass"))
        found.append(Command(f"dlgrade check {number} (solution)", dlgrade(number, f"solutions/{name}"), floor))
    return found


def dlgrade(number: str, path: str) -> tuple[str, ...]:
    return "-m", "grader", "check", number, path


def environment(state: str) -> dict[str, str]:
    """One thread for linear algebra, as dlgrade itself has it, and a place of its own for progress."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DLGRADE_")}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "DLGRADE_STATE": state}


def measure(command: Command, env: dict[str, str]) -> Run:
    """Runs a command and waits for it and for all it has left behind."""
    began, wall, cpu = time.perf_counter(), 0.0, 0.0
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command.arguments], cwd=ROOT, env=env, **quiet)
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return Run(wall, cpu)
        cpu += usage.ru_utime + usage.ru_stime
        if pid == process.pid:
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != command.code:
                sys.exit(f"{command.label}: exit code {process.returncode}, expected {command.code}; run it to see why")


def adopt_orphans() -> None:
    """Makes what outlives its parent a child of this process."""
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0):
        sys.exit("benchmarks/check.py needs Linux")


def first_table(with_torch: bool, repeats: int, env: dict[str, str]) -> None:
    rows = commands(with_torch)
    for command in rows:
        measure(command, env)  # the first run fills the caches of the disk and of compiled modules
    runs: dict[str, list[Run]] = {command.label: [] for command in rows}
    for _ in range(repeats):
        for command in rows:
            runs[command.label].append(measure(command, env))
    print(f"\n{'command':32}{'wall min':>10}{'median':>10}{'CPU median':>12}   wall min, times that of")
    for command in rows:
        mine = runs[command.label]
        fastest = min(run.wall for run in mine)
        numbers = fastest, statistics.median(run.wall for run in mine), statistics.median(run.cpu for run in mine)
        line = f"{command.label:32}{numbers[0] * 1e3:7.1f} ms{numbers[1] * 1e3:7.1f} ms{numbers[2] * 1e3:9.1f} ms"
        if command.floor:
            line += f"   {fastest / min(run.wall for run in runs[command.floor]):5.2f} x {command.floor}"
        print(line)


# Where the rest goes


def fresh(before: str, timed: str, env: dict[str, str]) -> float:
    """Seconds that `timed` takes in a fresh interpreter that has run `before`."""
    code = f"import time\n{before}\nbegan = time.perf_counter()\n{timed}\nprint(time.perf_counter() - began)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    return float(done.stdout)


def clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def row(label: str, times: Iterable[float]) -> None:
    found = sorted(times)
    print(f"{label:56}{found[0] * 1e3:7.1f} ms{statistics.median(found) * 1e3:7.1f} ms")


def second_table(env: dict[str, str]) -> None:
    """Phases of checking the numpy exercise's solution, each timed by itself."""
    print(f"\n{'phases of the check of the solution, each by itself':56}{'min':>10}{'median':>10}")
    command = "import grader.cli.check, grader.engine, grader.report.terminal, json, grader.store"
    judge = "import grader.judge, grader.sandbox, grader.worker"
    row("the command imports its modules", [fresh("", command, env) for _ in range(INSIDE)])
    row("meanwhile the warm process imports numpy", [fresh("", "import numpy.random", env) for _ in range(INSIDE)])
    judging = in_process()
    row("then it imports the judge's modules", [fresh("import numpy.random", judge, env) for _ in range(INSIDE)])
    row("then judge and worker are forked, and judge", judging.pop("all"))
    for label, times in judging.items():
        row(f"  of which: {label}", times)


def in_process() -> dict[str, list[float]]:
    """A whole judging with a warm process that is ready, and those steps of it that can be done in this process."""
    from grader import engine, kit, warm
    from grader.cases import Trusted, ask
    from grader.judgement import difference

    number, name = NUMPY
    entry = kit.find(kit.builtin(), number)
    source = (ROOT / "solutions" / name).read_bytes()
    engine.judge(entry, source, name, 0)
    whole = [clocked(lambda: engine.judge(entry, source, name, 0)) for _ in range(INSIDE)]
    warm.stop()
    spec = kit.load_spec(entry)
    asked = list(ask(spec.exercise, 0))
    solution = Trusted(kit.load_solution(entry), spec)
    pairs = [(one, solution.answer(one)) for one in asked]
    steps: dict[str, Callable[[], object]] = {
        "it loads the spec and the solution": lambda: (kit.load_spec(entry), kit.load_solution(entry)),
        f"it makes the inputs of {len(asked)} cases": lambda: list(ask(spec.exercise, 0)),
        "the solution answers, while the worker does": lambda: [solution.answer(one) for one in asked],
        "it compares": lambda: [difference(one, outcome, outcome) for one, outcome in pairs],
    }
    return {"all": whole} | {label: [clocked(work) for _ in range(INSIDE)] for label, work in steps.items()}


def machine() -> str:
    """Processor, cores, load, versions and layers of isolation, in two lines."""
    from importlib.metadata import version

    from grader.sandbox import available

    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    layers = ", ".join(layer for layer, problem in available().items() if problem is None) or "none"
    model = models[0] if models else platform.machine()
    return (
        f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}, numpy {version('numpy')}, isolation: {layers}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Times dlgrade against importing numpy.")
    parser.add_argument("--torch", action="store_true", help="also import torch, and a check of a torch exercise")
    parser.add_argument("--repeats", type=int, default=15, metavar="N", help="runs of each command (default 15)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    adopt_orphans()
    print(machine())
    with tempfile.TemporaryDirectory() as state:
        env = environment(state)
        os.environ.update(OPENBLAS_NUM_THREADS="1", DLGRADE_STATE=state)
        first_table(options.torch, options.repeats, env)
        second_table(env)


if __name__ == "__main__":
    main()
