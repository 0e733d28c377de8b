"""Honest attempts and the animals of tests/zoo in one class: whether every verdict is right, and nothing is harmed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.grade.running import Desk
from benchmarks.processes import Cost, Failed
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table

TINY_ZOO = "answer_nan", "exit_in_call", "read_solution", "loop"


class Mixed(NamedTuple):
    """skipped: animals that need a layer of isolation which this machine hasn't. left: what they achieved."""

    cost: Cost
    honest: int
    animals: int
    skipped: list[str]
    wrong: list[str]
    left: list[str]


def mixed(setting: Setting) -> Iterator[Table]:
    """honest attempts among hostile ones: whether all verdicts are right and nothing is harmed"""
    found = let_loose(setting.of(200, 6), setting.jobs, TINY_ZOO if setting.quick else ())
    names = "honest", "hostile", "wrong verdicts", "traces left behind", "s", "CPU s"
    columns = tuple(Column(name, digits) for name, digits in zip(names, (0, 0, 0, 0, 1, 1), strict=True))
    row = found.honest, found.animals, len(found.wrong), len(found.left), found.cost.wall, found.cost.cpu
    skipped = f"Not let loose, for want of isolation: {', '.join(found.skipped)}."
    notes = (skipped,) if found.skipped else ()
    title = "Honest attempts and animals of `tests/zoo` that don't wait for a limit on wall time, in one class"
    yield Table("mixed", title, columns, [row], notes, (*found.wrong, *found.left))


def let_loose(honest: int, jobs: int, names: tuple[str, ...] = ()) -> Mixed:
    """Grades the toy kit of the tests. names: of animals; without any, all that don't wait for a limit on wall time."""
    try:
        from tests import test_zoo, toy
    except ImportError as error:
        raise Failed(f"the zoo needs the packages of the tests ({error}); pip install -e '.[test]'") from None
    animals = {name: test_zoo.ANIMALS[name] for name in names or test_zoo.HASTY}
    skipped = [name for name, one in animals.items() if any(layer in test_zoo.MISSING for layer in one.needs)]
    with place() as (folder, env):
        world, here = test_zoo.World(folder), Desk(folder / "desk", env)
        expected = {}
        for number in range(honest):
            text, verdict = ((toy.SOLUTION, "passed"), (toy.STUB, "failed"), (wrong_one(), "failed"))[number % 3]
            expected[_put(here, f"honest-{number:04}", f"{text}\n# {number}\n".encode())] = verdict
        for name in sorted(animals.keys() - set(skipped)):
            expected[_put(here, name, world.prepared(animals[name].source))] = animals[name].verdict
        here.env |= {"DLGRADE_ZOO_SECRET": test_zoo.CANARY, "PYTHONPATH": world.marker}
        try:
            graded = here.grade(expected, "--kit", toy.KIT, "--jobs", jobs)
            left = world.left_behind()
        finally:
            world.close()
        wrong = graded.wrong + _scores(here.out / "results.jsonl")
        return Mixed(graded.cost, honest, len(animals) - len(skipped), skipped, wrong, left)


def wrong_one() -> str:
    from tests import toy

    return toy.edited((toy.DOUBLE, "    return 3 * x\n"))


def _put(here: Desk, student: str, source: bytes) -> tuple[str, str]:
    from tests import toy

    home = here.submissions / student
    home.mkdir(parents=True)
    (home / f"{toy.ENTRY.stem}.py").write_bytes(source)
    return student, toy.ENTRY.number


def _scores(results: Path) -> list[str]:
    """Animals that aren't right, and have points all the same."""
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    told = [line for line in lines if not line["student"].startswith("honest-")]
    return [f"{one['student']}: {one['score']}" for one in told if one["score"] != (one["verdict"] == "passed")]
