"""Nothing right fails: correct submissions in another style than the solution, judged as `dlgrade check` does.

`tests/alternatives/{stem}__{style}.py` holds one each: another order of operations, loops instead of matrix products,
another data structure. Whatever they do that a stub allows must pass, with every seed.
"""

from pathlib import Path

import pytest

from grader import engine, kit

ROOT = Path(__file__).parents[1]
SUBMISSIONS = sorted((ROOT / "tests" / "alternatives").glob("ex*.py"))
ENTRIES = {entry.stem: entry for entry in kit.entries(ROOT)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("path", SUBMISSIONS, ids=lambda path: path.stem)
def test_it_passes(path: Path, seed: int) -> None:
    entry = ENTRIES[path.stem.partition("__")[0]]
    training = kit.load_spec(entry).exercise.training
    report = engine.judge(entry, path.read_bytes(), path.name, seed)["report"]
    cases = [case for case in report["cases"] if training is None or case["part"] != training.name]
    assert cases and [(c["name"], c["message"]) for c in cases if c["verdict"] != "passed"] == []
    assert report["verdict"] == "passed" or training


def test_every_exercise_has_one() -> None:
    assert {path.stem.partition("__")[0] for path in SUBMISSIONS} == set(ENTRIES)
