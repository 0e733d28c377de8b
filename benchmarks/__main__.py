"""How fast dlgrade is, and how its costs grow: one command for all of it.

    python benchmarks [PART ...] [--quick] [--docs] [--json FILE] [--plot FILE.svg] [--pytest PYTHON ...]

Ends with status 1 if a verdict was wrong. Needs Linux; CPU time is that of all processes that a command starts.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the modules here are those of a package `benchmarks`
    for library in ("OPENBLAS", "OMP", "MKL"):  # before numpy is imported
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from benchmarks.command import main

    sys.exit(main())
