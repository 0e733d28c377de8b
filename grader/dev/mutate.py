"""Generic mutants of a solution, put through the grader: those that pass point at missing cases."""

import ast
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from types import ModuleType
from typing import Any, NamedTuple

from grader import kit
from grader.cases import Trusted, ask, build
from grader.errors import MachineError
from grader.judgement import difference
from grader.kit import Entry
from grader.spec import Equivalent

SECONDS = 10  # wall time for all cases of one mutant


class Mutant(NamedTuple):
    """One change to one line: the stripped line before and after, and where it stands."""

    line: int
    before: str
    after: str
    source: str


class Survey(NamedTuple):
    """How many mutants there are, which survived without a reason, which with one, and reasons that fit no survivor."""

    total: int
    survivors: list[Mutant]
    equivalent: list[tuple[Mutant, Equivalent]]
    stale: list[Equivalent]

    @property
    def killed(self) -> int:
        return self.total - len(self.survivors) - len(self.equivalent)

    @property
    def summary(self) -> str:
        return (
            f"{self.total} mutants: {self.killed} killed ({self.killed / max(self.total, 1):.1%}), "
            f"{len(self.equivalent)} equivalent, {len(self.survivors)} survived"
        )


def remarks(entry: Entry, found: Survey, with_reasons: bool) -> Iterator[str]:
    """What an author has to look at, in words; `with_reasons` also what was looked at."""
    name = entry.solution.name
    for mutant in found.survivors:
        yield f"{name}:{mutant.line}: `{mutant.before}` may as well be `{mutant.after}`: add a case"
    for mutant, reason in found.equivalent if with_reasons else []:
        yield f"{name}:{mutant.line}: `{mutant.after}` is equivalent ({reason.reason})"
    for reason in found.stale:
        yield f"{name}: no survivor fits Equivalent({reason.before!r}, {reason.after!r}): remove it from the spec"


def together(surveys: list[Survey]) -> Survey:
    """All mutants of several exercises as one survey."""
    return Survey(
        sum(one.total for one in surveys),
        [mutant for one in surveys for mutant in one.survivors],
        [pair for one in surveys for pair in one.equivalent],
        [reason for one in surveys for reason in one.stale],
    )


def mutants(source: str) -> Iterator[Mutant]:
    """All distinct mutants by cosmic-ray's operators that change code, not just annotations or docstrings."""
    try:
        from cosmic_ray import plugins
        from cosmic_ray.mutating import mutate_code
    except ImportError:
        raise MachineError("cosmic-ray is not installed; run `pip install 'dlgrade[test]'`") from None
    seen = {_essence(source), None}
    for operator in (_operator(plugins, name) for name in plugins.operator_names()):
        occurrence = 0
        while operator and (mutated := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            if (essence := _essence(mutated)) not in seen:
                seen.add(essence)
                yield _changed(source, mutated)


def _operator(plugins: Any, name: str) -> Any:
    operator = plugins.get_operator(name)
    return operator() if not operator.arguments() else None


def _essence(source: str) -> str | None:
    """What a module does, as text: annotations and docstrings left out; None if it doesn't parse."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node, False) is not None:
            node.body[0] = ast.Pass()
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.dump(tree)


def _changed(source: str, mutated: str) -> Mutant:
    rows = zip(source.splitlines(), mutated.splitlines(), strict=False)
    line, before, after = next((i, a, b) for i, (a, b) in enumerate(rows, 1) if a != b)
    return Mutant(line, before.strip(), after.strip(), mutated)


def surveys(entries: list[Entry], seed: int, jobs: int) -> Iterator[tuple[Entry, Survey]]:
    """Surveys of several exercises in processes of their own, in the order of the exercises."""
    with ProcessPoolExecutor(jobs) as pool:
        yield from zip(entries, pool.map(survey, entries, repeat(seed)), strict=True)


def survey(entry: Entry, seed: int = 0) -> Survey:
    """Runs all mutants of an exercise's solution, in this process."""
    spec = kit.load_spec(entry)
    source = entry.solution.read_text("utf-8")
    apart = _lines(source, spec.exercise.training.apart) if spec.exercise.training else set()
    found = [mutant for mutant in mutants(source) if mutant.line not in apart]
    alive = [mutant for mutant, lives in zip(found, _alive(entry, spec, found, seed), strict=True) if lives]
    reasons = {(e.before, e.after): e for e in spec.exercise.equivalents}
    equivalent = [(m, reasons[m.before, m.after]) for m in alive if (m.before, m.after) in reasons]
    used = {id(reason) for _, reason in equivalent}
    stale = [e for e in spec.exercise.equivalents if id(e) not in used]
    return Survey(len(found), [m for m in alive if (m.before, m.after) not in reasons], equivalent, stale)


def _lines(source: str, names: Sequence[str]) -> set[int]:
    """The numbers of the lines in which these functions, classes and constants are defined: no case ever needs them."""
    spans = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.parse(source).body
        if set(_defined(node)) & set(names)
    ]
    return {line for span in spans for line in span}


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _alive(entry: Entry, spec: ModuleType, found: list[Mutant], seed: int) -> Iterator[bool]:
    asked = list(ask(spec.exercise, seed))
    solution = Trusted(kit.load_solution(entry), spec)
    expected = [solution.answer(one) for one in asked]
    for mutant in found:
        try:
            with _deadline():
                trusted = Trusted(build(mutant.source, str(entry.solution), "mutant"), spec)
                pairs = zip(asked, expected, strict=True)
                yield all(difference(one, trusted.answer(one), right) is None for one, right in pairs)
        except Exception:
            yield False


@contextmanager
def _deadline() -> Iterator[None]:
    """Interrupts endless mutants where the system can; there, the interruption counts as an exception of theirs."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError("a mutant ran too long")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
