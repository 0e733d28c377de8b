"""The proof of a kit: `dlgrade dev check`. Every function yields problems, one line each; none means proved."""

import traceback
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

from grader import face, kit, wire
from grader.cases import Asked, Trusted, ask, portable
from grader.dev.matrix import SEPARATION, Matrix, matrix
from grader.dev.rehearsal import rehearse
from grader.errors import CannotJudge, PageError
from grader.judgement import difference
from grader.kit import Entry
from grader.outcome import Answered, Raised, from_reply
from grader.questions import front_matter
from grader.questions.check import check_complete, check_page
from grader.questions.languages import differences
from grader.questions.model import Multiple, Single
from grader.questions.page import parse_page
from grader.spec import Exercise

IGNORED = {"__pycache__", "__init__.py", "py.typed"}
STRIDE = 10  # mistakes are diagnosed with every tenth seed: that costs ten times as much as solving


def prove_files(root: Path) -> Iterator[str]:
    """Numbers unique, no unexpected file in the folders of a kit, pages without exercise in order."""
    entries = kit.entries(root)
    for number, count in Counter(entry.number for entry in entries).items():
        if count > 1:
            yield f"{count} exercises have the number {number}: numbers are identities"
    expected = {path for e in entries for path in (e.stub, e.solution, e.spec, *(e.page(x) for x in kit.LANGUAGES))}
    alone = set(_pages_alone(root, {entry.order for entry in entries}))
    for folder, pattern in (("exercises", "*"), ("solutions", "*"), ("questions", "*.md")):
        for path in sorted((root / folder).rglob(pattern)):
            if path.is_file() and path not in expected | alone and not IGNORED & {path.name, path.parent.name}:
                yield f"unexpected file {path.relative_to(root)}: rename it to the stem of an exercise or remove it"
    for path in sorted(alone):
        yield from map(str, check_page(path))


def _pages_alone(root: Path, orders: set[tuple[int, int]]) -> Iterator[Path]:
    """Pages of questions that have no exercise."""
    for language in kit.LANGUAGES:
        for path in (root / "questions" / language).glob("*.md"):
            order = front_matter.order_of(path.name)
            if order and order not in orders:
                yield path


def prove(entry: Entry, seeds: int) -> Iterator[str]:
    """All that must hold for one exercise."""
    if missing := [path for path in (entry.solution, entry.spec, entry.page()) if not path.is_file()]:
        yield from (f"{path.relative_to(entry.kit)} is missing: write it" for path in missing)
        return
    try:
        yield from _faces(entry)
        yield from _page(entry)
        spec = kit.load_spec(entry)
        yield from _words(entry, spec)
        yield from _options(entry, spec)
        yield from _solution(entry, spec, seeds)
        yield from _stub(entry, spec)
        yield from rehearse(entry, spec)
        for seed in range(0, seeds, STRIDE):
            found = matrix(entry, seed)
            yield from (f"seed {seed}: {problem}" for problem in (*_apart(found), *_called(found)))
    except CannotJudge as error:
        yield str(error)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        yield f"{where.filename}:{where.lineno}: {type(error).__name__}: {error}; mend it"


def size(entry: Entry) -> str:
    """How much there is to an exercise."""
    exercise: Exercise = kit.load_spec(entry).exercise
    cases = sum(1 for _ in ask(exercise, 0))
    size = f"{len(exercise.parts)} parts, {cases} cases, {len(exercise.misconceptions)} misconceptions"
    return f"{size}, training" if exercise.training else size


def _faces(entry: Entry) -> Iterator[str]:
    stub, solution = face.read(entry.stub), face.read(entry.solution)
    for what, ours, theirs in (
        ("signature", stub.signatures, solution.signatures),
        ("docstring", stub.docstrings, solution.docstrings),
    ):
        for name in dict.fromkeys([*ours, *theirs]):
            if ours.get(name) != theirs.get(name):
                yield f"the {what} of `{name or 'the module'}` differs between stub and solution"
    for name, text in stub.docstrings.items():
        if not text and not name.endswith("__"):
            yield f"`{name or 'the module'}` has no docstring in the stub"
    first = stub.docstrings[""].partition("\n")[0]
    if not first.startswith(f"{entry.number} · "):
        yield f"the stub's docstring begins with {first!r}, expected `{entry.number} · title`"


def _pages(entry: Entry) -> list[Path]:
    """The pages of an exercise that are there, the English one first."""
    return [page for page in map(entry.page, kit.LANGUAGES) if page.is_file()]


def _page(entry: Entry) -> Iterator[str]:
    for path in _pages(entry):
        problems = check_page(path)
        yield from map(str, problems or check_complete(parse_page(path)))
        if not problems and path != entry.page():
            yield from map(str, differences(parse_page(entry.page()), parse_page(path)))


def _options(entry: Entry, spec: ModuleType) -> Iterator[str]:
    """What the wrong options of quiz items call misconceptions must be some."""
    known = {one.name for one in spec.exercise.misconceptions}
    for path in _pages(entry):
        try:
            items = parse_page(path).items
        except PageError:  # told by `_page`
            continue
        for item in items:
            named = {option.misconception for option in item.options} if isinstance(item, (Single, Multiple)) else set()
            for name in named - {None} - known:
                yield f"{path}:{item.line}: an option names `{name}`, which is no misconception of the spec"


def _words(entry: Entry, spec: ModuleType) -> Iterator[str]:
    exercise: Exercise = spec.exercise
    names = face.read(entry.stub).names
    used = set(exercise.names)
    for name in [name for name in names if name not in used]:
        yield f"`{name}` of the stub belongs to no part"
    for name in sorted(used - set(names)):
        yield f"a part uses `{name}`, which the stub doesn't have"
    for part in exercise.steps:
        if len(part.hints) < 3:
            yield f"part `{part.name}` has {len(part.hints)} hints; idea, approach and almost there are due"
    for misconception in exercise.misconceptions:
        if not misconception.summary.startswith("Your"):
            yield f"the summary of `{misconception.name}` must begin with `Your`"
        for name in set(misconception.parts) - {part.name for part in exercise.parts}:
            yield f"misconception `{misconception.name}` names a part `{name}` that doesn't exist"
    for what, things in (("parts", exercise.steps), ("misconceptions", exercise.misconceptions)):
        for name, count in Counter(thing.name for thing in things).items():
            if count > 1:
                yield f"{count} {what} are called `{name}`"


def _solution(entry: Entry, spec: ModuleType, seeds: int) -> Iterator[str]:
    drivers = portable(spec)[0]
    names: list[str] | None = None
    for seed in range(seeds):
        asked = list(ask(spec.exercise, seed))
        mine = [one.case.name for one in asked]
        if names not in (None, mine):
            yield f"the names of the cases differ between the seeds 0 and {seed}"
        names = mine
        for name, count in Counter(mine).items():
            if count > 1:
                yield f"seed {seed}: {count} cases are called {name!r}"
        for one in asked:
            if (driver := one.case.driver or one.part.driver) and driver.__name__ not in drivers:
                yield f"the driver `{driver.__name__}` is no function of the spec with a first parameter `student`"
        yield from _right_twice(entry, spec, asked, seed)


def _right_twice(entry: Entry, spec: ModuleType, asked: list[Asked], seed: int) -> Iterator[str]:
    first, second = (Trusted(kit.load_solution(entry), spec) for _ in range(2))
    replies = [first.reply(one) for one in asked]
    for one, reply in zip(asked, replies, strict=True):
        where = f"seed {seed}, `{one.part.name}`, {one.case.name!r}"
        outcome = from_reply(wire.parse(reply))
        for other in others(wire.parse(one.raw, layout=True)["inputs"]):
            yield f"{where}: an input is of type {other.type}; only plain data reaches a submission"
        for other in others(outcome.value if isinstance(outcome, Answered) else None):
            yield f"{where}: the solution's answer holds a value of type {other.type}; only plain data can be compared"
        if isinstance(outcome, Raised):
            if outcome.name in ("NotImplementedError", "NameError", "AttributeError"):
                yield f"{where}: the solution raised {outcome.name}: {outcome.text}"
            elif not outcome.lines:
                yield f"{where}: {outcome.name} comes from the driver, not from the solution: {outcome.text}"
        if found := difference(one, outcome, outcome):
            yield f"{where}: the solution fails its own rules: {found.message}"
        if second.reply(one) != reply:
            yield f"{where}: the solution's second run gives another answer"


def others(value: Any) -> Iterator[wire.Other]:
    """What isn't plain data in a value that came over the wire."""
    if isinstance(value, wire.Other):
        yield value
    elif isinstance(value, (list, tuple, dict)) and not isinstance(value, wire.Tensor):
        for item in value.values() if isinstance(value, dict) else value:
            yield from others(item)


def _stub(entry: Entry, spec: ModuleType) -> Iterator[str]:
    stub = Trusted(kit.load_module(entry.stub, f"dlgrade_stub_{entry.stem}"), spec)
    for one in ask(spec.exercise, 0):
        outcome = stub.answer(one)
        if not (isinstance(outcome, Raised) and outcome.unwritten):
            yield f"the stub answers {one.case.name!r} with {outcome}; NotImplementedError is due"


def _apart(found: Matrix) -> Iterator[str]:
    """Each misconception far from the solution and unlike every other one, in each of its parts."""
    misconceptions = found.spec.exercise.misconceptions
    for misconception in misconceptions:
        for part in misconception.parts:
            excess = found.caught(misconception, part)
            if excess < SEPARATION:
                yield (
                    f"misconception `{misconception.name}` differs by {excess:.3g} × tolerance in `{part}`; "
                    f"{SEPARATION:.0f} are due: add a case that shows it"
                )
    for one, other in combinations(misconceptions, 2):
        for part in set(one.parts) & set(other.parts):
            if found.mixed_up(one, other, part):
                yield f"misconceptions `{one.name}` and `{other.name}` answer alike in `{part}`: add a case"


def _called(found: Matrix) -> Iterator[str]:
    """Whoever makes exactly one of the mistakes hears its name."""
    for misconception in found.spec.exercise.misconceptions:
        if (called := found.called(misconception)) != misconception.name:
            what = f"is taken for `{called}`" if called else "has no diagnosis"
            yield f"misconception `{misconception.name}` {what}: add a case, or name all parts where it shows"
