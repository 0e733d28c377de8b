"""What `dlgrade grade` costs: CPU time beyond the students' own, seconds for classes of all sizes, other graders.

    python benchmarks/grade [PART ...] [--quick] [--jobs N] [--repeats N] [--otter PYTHON] [--nbgrader PYTHON]

Parts: overhead, hundred, sizes, course, mixed; all of them unless some are named. `--quick` takes small numbers, to see
that everything works. otter-grader and nbgrader are measured if a Python is named that has them installed. CPU time is
that of all processes that a run starts. Ends with status 1 if a verdict was wrong. Needs Linux.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {  # usual, quick
    "few": (10, 2),
    "many": (60, 5),
    "hundred": (100, 6),
    "students": (30, 1),
    "honest": (200, 6),
    "others": (6, 2),
}
SIZES = ((100, 1000, 10_000), (3, 6))
NUMBERS = ("12-3", "17", "19-2", "16-3")
TINY_ZOO = ("answer_nan", "exit_in_call", "read_solution", "loop")


class Benchmark:
    """Prints one part after the other; `wrong` gathers verdicts that are."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._quick, self._jobs = options.quick, options.jobs
        self._repeats = 1 if options.quick else options.repeats
        self.wrong: list[str] = []

    def _count(self, name: str) -> int:
        return COUNTS[name][self._quick]

    def overhead(self) -> None:
        """CPU time per isolated attempt beyond the student's own compute"""
        from importlib.util import find_spec

        import overhead

        few, many = self._count("few"), self._count("many")
        numbers = NUMBERS[:1] if self._quick else NUMBERS if find_spec("torch") else NUMBERS[:2]
        print("\n".join(overhead.show([overhead.overhead(one, few, many, self._repeats) for one in numbers])))

    def hundred(self) -> None:
        """honest attempts at 12-3, and the same functions by other graders"""
        import sizes

        count, jobs = self._count("hundred"), self._jobs
        runs = sizes.hundred(count, jobs, self._repeats)
        self.wrong += [text for one in runs for text in one.wrong]
        walls, cpus = [one.cost.wall for one in runs], [one.cost.cpu for one in runs]
        each = min(walls) / count, min(cpus) / count
        print(
            f"{count} attempts, {jobs} jobs: {min(walls):.2f} s (median {median(walls):.2f}; goal 2 for 100), ", end=""
        )
        print(f"CPU {min(cpus):.2f} s; each {each[0] * 1e3:.0f} ms, CPU {each[1] * 1e3:.0f} ms")
        self._others(each)

    def _others(self, ours: tuple[float, float]) -> None:
        import others
        import sizes

        from grader import kit

        entry, many = kit.find(kit.builtin(), sizes.HUNDRED), self._count("others")
        for name, grader in (("otter", others.otter), ("nbgrader", others.nbgrader)):
            if python := getattr(self._options, name):
                print(others.show(name, others.each(grader, python, entry, 1, many, self._repeats), ours))
            else:
                print(f"{name:14}left out: name a Python that has it installed with --{name}")

    def sizes(self) -> None:
        """classes of solutions, stubs and wrong attempts at one cheap exercise"""
        import sizes

        self._sizes(lambda count: sizes.cheap(count, self._jobs), self._options.sizes or SIZES[self._quick])

    def course(self) -> None:
        """a class with all exercises but those that train"""
        import sizes

        self._sizes(lambda count: sizes.course(count, self._jobs), (self._count("students"),))

    def _sizes(self, work: Callable, counts: tuple[int, ...]) -> None:
        import sizes

        print(sizes.HEADER)
        for count in counts:
            found = work(count)
            print(sizes.row(found), flush=True)
            self.wrong += found.first.wrong + found.second.wrong

    def mixed(self) -> None:
        """honest attempts among hostile ones"""
        import mixed

        found = mixed.mixed(self._count("honest"), self._jobs, TINY_ZOO if self._quick else ())
        print("\n".join(mixed.show(found)))
        self.wrong += found.wrong + found.left


PARTS = ("overhead", "hundred", "sizes", "course", "mixed")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/grade", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small numbers, once")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at once (default 2)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="of overhead and hundred (default 5)")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="other numbers of attempts for sizes")
    for name in ("otter", "nbgrader"):
        parser.add_argument(f"--{name}", metavar="PYTHON", help=f"an interpreter that can import {name}")
    return parser


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    for library in ("OPENBLAS", "OMP", "MKL"):  # before numpy is imported
        os.environ[f"{library}_NUM_THREADS"] = "1"
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    import check
    from processes import Failed

    check.adopt_orphans()
    print(check.machine(), flush=True)
    benchmark = Benchmark(options)
    try:
        for part in options.parts or PARTS:
            method = getattr(benchmark, part)
            print(f"\n{part}: {method.__doc__}", flush=True)
            method()
    except Failed as error:
        sys.exit(f"benchmarks/grade: {error}")
    for text in benchmark.wrong:
        print(f"WRONG VERDICT: {text}")
    return 1 if benchmark.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
