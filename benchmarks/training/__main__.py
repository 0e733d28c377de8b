"""How fast can it be trained? Accuracy on MNIST's test images against time, for the recipes in this folder.

    python benchmarks/training [--only NAME] [--seeds N] [--data FOLDER] [--plot FILE.svg] [--json FILE]

A recipe holds what it claims if every single seed reaches its target. Times are CPU seconds of one thread, without
loading and testing; on a GPU, seconds on the clock after a run for warming up. Ends with status 1 if a recipe fails.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with the files of MNIST (default: as dlgrade)")
    parser.add_argument("--synthetic", type=int, metavar="N", help="a trial run on N synthetic digits instead")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="runs of each recipe (default 5)")
    parser.add_argument("--only", default="", metavar="NAME", help="only recipes with this in their names")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda", "mps"), help="default: cpu")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw accuracy over time (.svg or .png)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs as JSON")
    return parser


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    for library in ("OPENBLAS", "OMP", "MKL"):  # before numpy is imported
        os.environ[f"{library}_NUM_THREADS"] = "1"
    sys.path.insert(0, str(ROOT))
    from grader.errors import DlgradeError
    from grader.report.picture import require

    try:
        if options.plot:
            require(options.plot)
        return benchmark(options)
    except DlgradeError as error:
        parser.error(str(error))


def benchmark(options: argparse.Namespace) -> int:
    """Runs what was asked for, and tells and writes the results."""
    import show
    from digits import drawn, official
    from measure import measure
    from recipes import on

    from grader.errors import UsageError

    recipes = [one for one in on(options.device) if options.only in one.name]
    if not recipes:
        known = "; ".join(one.name for one in on(options.device)) or "none without torch"
        raise UsageError(f"no recipe for {options.device} has {options.only!r} in its name; there are: {known}")
    digits = drawn(options.synthetic) if options.synthetic else official(options.data)
    facts, results = show.machine(options.device), []
    print(show.heading(digits, options.seeds, facts), flush=True)
    for recipe in recipes:
        results.append(measure(recipe, digits, range(options.seeds), options.device))
        print(show.row(results[-1]), flush=True)
    if options.json:
        options.json.write_text(show.document(digits, facts, results) + "\n", "utf-8")
    if options.plot:
        show.picture(options.plot, digits, results, options.device)
    return 0 if all(result.reached for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
