"""Nothing that is nearly right passes, nor is it told a mistake that it doesn't make.

Each near miss is a solution but for a few edits, which no misconception of the exercise describes: it fails in the
parts that the edits concern, in no others, and gets no diagnosis. They stand in near_misses/, a file for each exercise:
what is wrong, the parts that fail, and what stands in the solution with what stands there instead.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader import engine, kit

FILES = sorted((Path(__file__).parent / "near_misses").glob("*.toml"))
NEAR_MISSES = [(path.stem, miss) for path in FILES for miss in tomllib.loads(path.read_text("utf-8"))["miss"]]


def test_every_near_miss_has_a_name_of_its_own() -> None:
    names = [(stem, miss["name"]) for stem, miss in NEAR_MISSES]
    assert len(names) == len(set(names)) > 150


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("stem", "miss"), NEAR_MISSES, ids=[f"{stem}: {miss['name']}" for stem, miss in NEAR_MISSES])
def test_it_fails_without_a_diagnosis(stem: str, miss: dict[str, Any], seed: int) -> None:
    entry = kit.entry_of(kit.builtin(), stem)
    assert entry
    source = entry.solution.read_text("utf-8")
    for before, after in miss["edits"]:
        assert before in source
        source = source.replace(before, after)
    report = engine.judge(entry, source.encode(), entry.solution.name, seed)["report"]
    training = kit.load_spec(entry).exercise.training
    failing = {part["name"] for part in report["parts"] if part["passed"] < part["cases"]}
    assert failing - {training and training.name} == set(miss["parts"])
    assert report["diagnosis"] is None
