"""The words a spec is written in.

A spec, `solutions/specs/ex17_....py`, is a Python module that binds `exercise = Exercise(...)`. It says what is fed to
a submission (*cases*, grouped in *parts*), how it is fed (*drivers*), how exactly answers must agree (*tolerances*),
and which wrong answers are known by name (*misconceptions*). It holds no expected values: the solution gives them.
"""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from grader.limits import MEMORY

Value = Any  # None, bool, int, float, str, bytes, numpy array or scalar, torch tensor; lists, tuples and dicts of these
Driver = Callable[..., Value]


class Tolerance(NamedTuple):
    """Allows `|got - expected| <= rtol * |expected| + atol * scale`, element by element.

    `scale` is 1, or with `scaled` the largest finite magnitude in the expected array but at least `floor`.
    NaN equals NaN, infinities must agree in sign, and integers, bools and strings must always be equal.
    """

    rtol: float
    atol: float
    scaled: bool = True
    floor: float = 1.0

    def allowed(self, expected: np.ndarray) -> np.ndarray:
        """Largest accepted absolute error for each element of `expected` (float64, same shape)."""
        magnitude = np.abs(np.asarray(expected)).astype(np.float64)
        magnitude = np.where(np.isfinite(magnitude), magnitude, 0.0)
        scale = max(self.floor, float(magnitude.max(initial=0.0))) if self.scaled else 1.0
        allowed: np.ndarray = self.rtol * magnitude + self.atol * scale
        return allowed


EXACT = Tolerance(0.0, 0.0)
T64 = Tolerance(1e-9, 1e-12)  # float64 reductions of up to 1e4 terms in any order
T64L = Tolerance(1e-7, 1e-10)  # long recurrences (50 steps and more), solves with condition up to 1e6
TFD = Tolerance(1e-5, 1e-8, scaled=False)  # quantities that come from finite differences themselves


def t32(terms: int = 1) -> Tolerance:
    """Tolerance for float32 results that sum up `terms` products."""
    return Tolerance(1e-4, 8 * 2.0**-23 * max(1, terms) ** 0.5, floor=0.0)


T32 = t32()


class Speed(NamedTuple):
    """A bound on the CPU time of a case: at most `max(factor * the solution's time, floor)` seconds, best of three."""

    factor: float = 8.0
    floor: float = 0.5


class Case(NamedTuple):
    """One named question put to a submission: plain keyword inputs, a driver, and how closely the answer must agree.

    The name is what a learner reads when the case fails ("float32 stays float32", "two samples, opposite signs").
    Arrays keep their memory layout on the way (Fortran order, negative and zero strides, read-only).

    driver: how to use the submission; by default the part's.
    tolerance: by default the part's.
    may_change: inputs that the submission is asked to change in place; the driver should return them.
    check: for answers that only have to have a property: `check(inputs, answer)` runs on the trusted side
        and returns None or one sentence on what is wrong. The answer is then not compared with the solution's.
    speed: a bound on CPU time, for the few cases that exist to refuse hopelessly slow code.
    """

    name: str
    inputs: Mapping[str, Value]
    driver: Driver | None = None
    tolerance: Tolerance | None = None
    may_change: tuple[str, ...] | None = None
    check: Callable[[Mapping[str, Value], Value], str | None] | None = None
    speed: Speed | None = None


class Part(NamedTuple):
    """A piece of an exercise that is passed on its own, as a rule one function or class.

    name: what a learner reads, as a rule the function's or class's name.
    cases: generator function, `cases(rng: np.random.Generator)`, from friendly to nasty. Names are unique within the
        exercise and the same for every seed.
    hints: three sentences or more: the idea, the approach, almost there.
    driver: `driver(student, **inputs)`, where `student`, by that name, is the submission's module. Runs in the
        worker, next to untrusted code: it may use modules imported by the spec and other functions of the spec, nothing
        else of it, and returns plain data. None calls the function called `name` with the inputs as keywords.
    uses: public names of the stub which this part needs; `(name,)` by default.
    returns: names for the items of a returned tuple, for messages ("loss", "grad").
    may_change: inputs the submission may change; every other input must come back as it was.
    may_alias: whether an answer may share memory with an input.
    """

    name: str
    cases: Callable[[np.random.Generator], Iterable[Case]]
    hints: tuple[str, ...]
    driver: Driver | None = None
    tolerance: Tolerance = T64
    uses: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    may_change: tuple[str, ...] = ()
    may_alias: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Public names of the stub that a submission must define for this part."""
        return self.uses or (self.name,)


class Split(NamedTuple):
    """Images of one data set, dealt out for one run. Which number means which class is drawn anew for every run.

    data: "mnist", "fashion-mnist" or "synthetic". profile: "tiny", "quick" or "full".
    images: (n, 28, 28) uint8, test_images: (m, 28, 28) uint8. labels: (n,) int64, test_labels: (m,) int64, 0 to 9.
    """

    data: str
    profile: str
    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


class Bar(NamedTuple):
    """One thing that a training must reach; a case of the report.

    name: what a learner reads ("accuracy on images it hasn't seen").
    measure: which measure counts, see `Training.measures`.
    least: the smallest value that passes, by data set and then by profile; where there is none the bar isn't applied.
    unit: "%" for shares, or a word that stands behind the number.
    """

    name: str
    measure: str
    least: Mapping[str, Mapping[str, float]]
    unit: str = "%"


def deal(split: Split) -> dict[str, Value]:
    """What a training is given of a split: all but the labels of the test images."""
    return {"images": split.images, "labels": split.labels, "test_images": split.test_images}


class Finished(NamedTuple):
    """A training that came to an answer, as the trusted side sees it.

    accuracy: the share of right predictions for each key of "predictions". answer: what the driver returned, plain data
    from untrusted code. server: what answered `host.ask`. solution: the module.
    """

    accuracy: Mapping[str, float]
    answer: Mapping[str, Value]
    split: Split
    server: Any
    solution: ModuleType


class Training(NamedTuple):
    """The last part of an exercise: the submission trains, and is judged on images whose labels it never sees.

    name, hints, uses: as for a part. The stub needs no cases for these names.
    driver: `driver(student, host, seed, budget, device, **inputs)` runs in the worker and returns a dict. Its
        "predictions" are a dict of integer arrays (m,), one class for each test image; anything else is for `measures`.
        `host.report(done, total, loss, accuracy)` is what submissions call after each epoch or step: it feeds the live
        line and the curve, and stops a run that diverges. `host.ask(value)` returns what `server` answers.
        seed: an int. budget: seconds of CPU time (on a GPU: of wall time) that the submission may use. device: "cpu",
        "cuda" or "mps".
    inputs: what the driver gets of a split.
    server: `server(split)` makes a callable that answers `host.ask` on the trusted side.
    measures: `measures(finished)` adds to the measures, or changes them; see `Finished`.
    bars: in the order in which they are to be read. The first one's measure is what records and curves are about.
    ratio: CPU time a submission may use, as a multiple of what the solution takes in the same run.
    apart: names of functions, classes and constants of the solution that only the training uses.
    memory: bytes a submission may allocate.
    """

    name: str
    driver: Driver
    bars: tuple[Bar, ...]
    ratio: float
    hints: tuple[str, ...]
    uses: tuple[str, ...] = ()
    inputs: Callable[[Split], Mapping[str, Value]] = deal
    server: Callable[[Split], Callable[[Value], Value]] | None = None
    measures: Callable[[Finished], Mapping[str, float]] | None = None
    apart: tuple[str, ...] = ()
    memory: int = 4 * MEMORY

    @property
    def names(self) -> tuple[str, ...]:
        """Public names of the stub that a submission must define for this."""
        return self.uses or (self.name,)


class Misconception(NamedTuple):
    """A known wrong way to solve parts of an exercise, given as a change to the solution.

    name: snake_case, unique in the exercise; quiz options refer to it.
    part: the part or parts in which it shows.
    summary: one sentence about the submission, beginning with "Your": what it does instead.
    nudge: one question or observation that leads on without giving the answer away; no formula.
    edits: pairs (text of the solution, replacement); each text must occur exactly once (indentation counts).
    code: definitions that are executed after the edited solution and so replace its own; may be empty.
    """

    name: str
    part: str | tuple[str, ...]
    summary: str
    nudge: str
    edits: tuple[tuple[str, str], ...] = ()
    code: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.part,) if isinstance(self.part, str) else self.part


class Equivalent(NamedTuple):
    """A mutant of the solution that no case can catch, with the reason, as a rule that it computes the same.

    before, after: the stripped source line in the solution and in the mutant.
    """

    before: str
    after: str
    reason: str


class Exercise(NamedTuple):
    """All that judging needs to know about one exercise.

    What a submission may import is what the stub imports, and the standard library.

    memory: bytes a submission may allocate.
    cpu_seconds: CPU time a submission may use for one case before it is stopped.
    training: comes after the parts, if all of them are right.
    """

    parts: tuple[Part, ...]
    misconceptions: tuple[Misconception, ...]
    memory: int = MEMORY
    cpu_seconds: float = 2.0
    equivalents: tuple[Equivalent, ...] = ()
    training: Training | None = None

    @property
    def steps(self) -> tuple[Part | Training, ...]:
        """The parts and the training, in the order in which they are to be written."""
        return (*self.parts, *((self.training,) if self.training else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Public names of the stub that a submission must define, in all."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.names))
