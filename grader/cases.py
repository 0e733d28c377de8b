"""From a spec to messages, and the answers of trusted code to them.

The solution and the misconceptions answer by the same road as a submission: same messages, same drivers, same wire
format. They just do it in this process.
"""

import dis
import functools
import marshal
import warnings
import zlib
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from grader import wire, worker
from grader.compare import Rules, describe
from grader.errors import KitError
from grader.outcome import Outcome, from_reply
from grader.spec import Case, Exercise, Misconception, Part, Value


class Asked(NamedTuple):
    """One case as it is put to a submission: `raw` is the message, `rules` say how an answer is to be compared."""

    id: int
    part: Part
    case: Case
    raw: bytes
    rules: Rules

    def problem(self, answer: Value) -> str | None:
        """What the case's check has against an answer. One that it stumbles over isn't of the form it is made for."""
        assert self.case.check is not None
        try:
            return self.case.check(self.case.inputs, answer)
        except Exception:
            return f"the result, {describe(answer)}, doesn't have the form that is asked for"


def ask(exercise: Exercise, seed: int) -> Iterator[Asked]:
    """All cases of an exercise for one seed. Parts draw from generators of their own, so they can be asked apart."""
    number = 0
    for part in exercise.parts:
        rng = np.random.default_rng([seed, zlib.crc32(part.name.encode())])
        for case in part.cases(rng):
            number += 1
            driver = case.driver or part.driver
            header = {"id": number, "driver": driver.__name__ if driver else part.name, "inputs": dict(case.inputs)}
            yield Asked(number, part, case, wire.message(header, layout=True), _rules(part, case))


def _rules(part: Part, case: Case) -> Rules:
    may_change = part.may_change if case.may_change is None else case.may_change
    return Rules(case.tolerance or part.tolerance, part.returns, may_change, part.may_alias, case.inputs)


@functools.cache
def portable(spec: ModuleType) -> tuple[dict[str, bytes], dict[str, str]]:
    """The drivers of a spec as marshalled code, and the modules they use by alias.

    A driver is a top-level function of the spec whose first parameter is `student`. The functions it calls come along,
    and nothing else of the spec.
    """
    scope, code, modules = vars(spec), {}, {}
    todo = [name for name, value in scope.items() if _is_driver(value)]
    while todo:
        name = todo.pop()
        value = scope[name]
        if isinstance(value, ModuleType):
            modules[name] = value.__name__
        elif isinstance(value, FunctionType) and value.__closure__ is None:
            code[name] = marshal.dumps((value.__code__, value.__defaults__, value.__kwdefaults__))
            todo += [used for used in _globals(value.__code__) if used in scope and used not in code]
        else:
            raise KitError(f"a driver uses `{name}`, which is neither a module nor a function; pass it as an input")
    return code, modules


def _is_driver(value: Any) -> bool:
    return isinstance(value, FunctionType) and value.__code__.co_varnames[:1] == ("student",)


def _globals(body: CodeType) -> set[str]:
    """Names that code, or code defined inside it, looks up outside of functions; `__name__` and such it has anyway."""
    steps = [step for step in dis.get_instructions(body) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    names = {step.argval for step in steps if not step.argval.startswith("__")}
    return names.union(*(_globals(inner) for inner in body.co_consts if isinstance(inner, CodeType)))


class Trusted:
    """A module of the kit's own, answering in this process. Without `watch` it is trusted to leave its inputs alone."""

    def __init__(self, module: ModuleType, spec: ModuleType, watch: bool = True) -> None:
        self._module, self._watch = module, watch
        self._scope = worker.drivers(*portable(spec))

    def reply(self, asked: Asked) -> bytes:
        with warnings.catch_warnings(action="ignore"):
            return worker.respond(self._module, self._scope, self._module.__file__ or "", asked.raw, self._watch)

    def answer(self, asked: Asked) -> Outcome:
        return from_reply(wire.parse(self.reply(asked)))


def variant(misconception: Misconception, source: str, filename: str) -> ModuleType:
    """The solution with a misconception in it. Raises KitError if its edits don't fit the solution's text."""
    for old, new in misconception.edits:
        if source.count(old) != 1:
            raise KitError(
                f"misconception `{misconception.name}`: {old!r} occurs {source.count(old)} times in the solution; "
                "an edit must fit exactly once"
            )
        source = source.replace(old, new)
    return build(source + "\n" + misconception.code, filename, misconception.name)


def build(source: str, filename: str, name: str) -> ModuleType:
    """Source of the kit's own as a module."""
    module = ModuleType(name)
    module.__file__ = filename
    with warnings.catch_warnings(action="ignore"):
        exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module
