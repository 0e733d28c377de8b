"""The student's own compute: CPU seconds in which a submission is loaded and answers all cases, in a warm process."""

import time
import warnings
from pathlib import Path

from grader import kit, wire, worker
from grader.cases import ask, portable
from grader.kit import Entry


def own_compute(entry: Entry, source: bytes, repeats: int) -> list[float]:
    """Seconds of each repeat, none of the graders' own work in it: no messages, no looking for changed inputs."""
    spec = kit.load_spec(entry)
    scope = worker.drivers(*portable(spec))
    raws = [asked.raw for asked in ask(spec.exercise, 0)]
    _once(source, scope, raws)  # what is done but once in a process: imports, caches
    return [_once(source, scope, raws) for _ in range(repeats)]


def _once(source: bytes, scope: dict, raws: list[bytes]) -> float:
    cases = [wire.Message(raw, layout=True).values(worker.to_tensor) for raw in raws]
    with warnings.catch_warnings(action="ignore"):
        began = time.process_time()
        module = worker.load(source, "attempt.py", "attempt")
        for case in cases:
            driver, inputs = scope.get(case["driver"]), case["inputs"]
            try:
                driver(module, **inputs) if driver else getattr(module, case["driver"])(**inputs)
            except Exception:
                continue  # cases about errors expect one
        return time.process_time() - began


def main() -> None:
    """`own_compute STEM REPEATS`: prints the seconds as JSON. In a process of its own, which imports torch."""
    import json
    import sys

    entry = kit.entry_of(kit.builtin(), sys.argv[1])
    assert entry
    from grader.warmup import prepare

    prepare(entry.libraries())
    print(json.dumps(own_compute(entry, Path(entry.solution).read_bytes(), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
