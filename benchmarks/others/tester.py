"""What other graders run: one test for each part, with the inputs and expected values that dlgrade has."""

import inspect
import pickle
from pathlib import Path

from grader import kit, wire
from grader.cases import Trusted, ask, portable
from grader.kit import Entry
from grader.outcome import Answered

TESTER = """
import pickle
from pathlib import Path

import numpy as np

{modules}

FOLDER = Path(__file__).parent


{drivers}


def same(a, b):
    if isinstance(b, dict):
        assert set(a) == set(b)
        for key in b:
            same(a[key], b[key])
    elif isinstance(b, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    elif isinstance(b, (str, bytes, type(None))):
        assert a == b
    else:
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def check(part, student):
    count = 0
    for name, driver, inputs, answered, expected in pickle.loads((FOLDER / "cases.pickle").read_bytes()):
        if name != part:
            continue
        count += 1
        try:
            value = globals()[driver](student, **inputs) if driver in globals() else getattr(student, driver)(**inputs)
        except Exception as error:
            assert not answered and type(error).__name__ == expected, repr(error)
        else:
            assert answered
            same(value, expected)
    assert count
"""


def write_tester(folder: Path, entry: Entry) -> list[str]:
    """Writes `tester.py` and the cases it reads; returns the names of the parts."""
    spec = kit.load_spec(entry)
    code, modules = portable(spec)
    trusted, cases, parts = Trusted(kit.load_solution(entry), spec), [], []
    for asked in ask(spec.exercise, 0):
        outcome = trusted.answer(asked)
        answered = isinstance(outcome, Answered)
        expected = outcome.value if isinstance(outcome, Answered) else outcome.names[0]
        message = wire.Message(asked.raw, layout=True).values(lambda array: array)
        cases.append((asked.part.name, message["driver"], message["inputs"], answered, expected))
        parts += [] if asked.part.name in parts else [asked.part.name]
    drivers = "\n\n".join(inspect.getsource(getattr(spec, name)) for name in code)
    imports = "\n".join(f"import {name} as {alias}" for alias, name in modules.items())
    (folder / "tester.py").write_text(TESTER.format(modules=imports, drivers=drivers), "utf-8")
    (folder / "cases.pickle").write_bytes(pickle.dumps(cases))
    return parts


def attempt(entry: Entry, number: int) -> str:
    """A right attempt that differs from all others."""
    return f"{entry.solution.read_text('utf-8')}\n# by student {number}\n"
