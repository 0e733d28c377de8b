"""The command line of the benchmarks: runs the parts that are named, prints, writes and draws what they find."""

import argparse
import sys
from pathlib import Path

from benchmarks import machine, page, plot
from benchmarks.check import check
from benchmarks.grade.classes import batch, course, submissions
from benchmarks.grade.mixed import mixed
from benchmarks.grade.overhead import overhead
from benchmarks.large import arrays, cases
from benchmarks.memory import memory
from benchmarks.others.compared import OTHERS, others
from benchmarks.phases import phases
from benchmarks.processes import ROOT, Failed, adopt_orphans
from benchmarks.setting import Part, Setting
from benchmarks.tables import Table, document, text
from benchmarks.watching import watch
from grader.errors import DlgradeError

PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (check, phases, memory, watch, others, batch, overhead, course, mixed, submissions, cases, arrays)
}


def arguments() -> argparse.ArgumentParser:
    parts = [f"  {name:13}{part.__doc__}" for name, part in PARTS.items()]
    told = ["How fast dlgrade is, and how its costs grow.", "", "parts, all of them unless some are named:", *parts]
    parser = argparse.ArgumentParser(
        prog="python benchmarks",
        description="\n".join(told),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument(
        "--quick", action="store_true", help="small numbers, once, to see that all works; without torch"
    )
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="of what is short (default 3)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="of `dlgrade grade` (default 2)")
    parser.add_argument("--large", action="store_true", help="also sizes that take minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw it (.svg or .png)")
    parser.add_argument(
        "--docs", action="store_true", help=f"write tables and picture into {page.PAGE.relative_to(ROOT)}"
    )
    for name, other in OTHERS.items():
        parser.add_argument(f"--{name}", metavar="PYTHON", help=f"an interpreter that can import {other.package}")
    return parser


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    try:
        for path in filter(None, (options.plot, page.PICTURE if options.docs else None)):
            plot.require(path)
        return benchmark(options)
    except (Failed, DlgradeError) as error:
        sys.exit(f"benchmarks: {error}")


def benchmark(options: argparse.Namespace) -> int:
    """Measures what was asked for, and tells and writes it."""
    adopt_orphans()
    others = {name: python for name in OTHERS if (python := getattr(options, name))}
    setting = Setting(options.quick, options.repeats, options.jobs, options.large, others)
    facts, tables = machine.facts(), []
    if options.docs:
        page.begin(facts, options.parts or PARTS, PARTS)
    print(machine.sentence(facts), flush=True)
    for name in options.parts or PARTS:
        print(f"\n{name}: {PARTS[name].__doc__}", flush=True)
        found = []
        for table in PARTS[name](setting):
            print(text(table), flush=True)
            found.append(table)
        if options.docs:
            page.write(name, found)
        tables += found
    if options.json:
        options.json.write_text(document(facts, tables) + "\n", "utf-8")
    if options.plot:
        plot.save(tables, options.plot)
    if options.docs:
        page.draw(tables)
    return tell_wrong(tables)


def tell_wrong(tables: list[Table]) -> int:
    """The exit code."""
    wrong = [text for table in tables for text in table.wrong]
    for line in wrong:
        print(f"WRONG VERDICT: {line}")
    return 1 if wrong else 0
