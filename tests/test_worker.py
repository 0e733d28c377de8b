"""What a worker notices about the inputs of a case: which were changed, and whose memory the answer uses."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grader import wire
from grader.worker import respond

INPUTS: dict[str, Any] = {
    "a": np.arange(6.0).reshape(2, 3),
    "mask": np.array([True, False]),
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "reversed": np.arange(4)[::-1],
    "items": [1, [2.5, np.zeros(2)], {"deep": np.ones(2)}],
    "names": {"w": np.zeros((2, 2)), "n": 3},
    "pair": (np.zeros(1), 7),
    "number": 2.0,
}


def outcome(driver: Any, inputs: dict[str, Any], watch: bool = True) -> tuple[list[str], list[str]]:
    """Names of the inputs that were changed, and that the answer shares memory with."""
    raw = wire.message({"id": 1, "driver": "f", "inputs": inputs}, layout=True)
    reply = wire.parse(respond(ModuleType("student"), {"f": driver}, "attempt.py", raw, watch))
    assert "answered" in reply, reply
    return reply["changed"], reply["shared"]


def changed(do: str, inputs: dict[str, Any] = INPUTS) -> list[str]:
    def driver(student: ModuleType, **given: Any) -> None:
        exec(do, {"np": np, **given})

    return outcome(driver, inputs)[0]


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("pass", []),
        ("a + 1; sorted(items, key=str); names.copy().clear()", []),
        ("a[1, 2] = -1", ["a"]),
        ("a[0, 0] = -0.0", ["a"]),
        ("a.shape = 3, 2", ["a"]),
        ("a.dtype = np.int64", ["a"]),
        ("mask[1] = True", ["mask"]),
        ("fortran[0, 1] = 9", ["fortran"]),
        ("fortran.shape = 6 if fortran.flags.c_contiguous else fortran.shape", []),
        ("reversed[0] = 9", ["reversed"]),
        ("items.append(1)", ["items"]),
        ("items[0] = 2", ["items"]),
        ("items[1].reverse()", ["items"]),
        ("items[1][1][0] = 1", ["items"]),
        ("items[2]['deep'] += 1", ["items"]),
        ("items[2]['more'] = 1", ["items"]),
        ("names['n'] = 4", ["names"]),
        ("del names['w']", ["names"]),
        ("names['w'][...] = 1", ["names"]),
        ("pair[0][0] = 1", ["pair"]),
        ("a += 1; items.pop()", ["a", "items"]),
        ("a += 1; a -= 1", []),
        ("items.append(1); items.pop()", []),
        ("items[1] = list(items[1])", []),
        ("names['w'] = names['w'].copy()", []),
    ],
)
def test_inputs_that_were_changed(do: str, expected: list[str]) -> None:
    assert changed(do) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("a + 1", []),
        ("number", []),
        ("a", ["a"]),
        ("a.T[::2]", ["a"]),
        ("a.copy(), a.ravel()[:1]", ["a"]),
        ("{'x': [mask]}", ["mask"]),
        ("reversed[:2]", ["reversed"]),
        ("items[1][1], pair[0]", ["items", "pair"]),
        ("names", ["names"]),
    ],
)
def test_answers_that_use_an_inputs_memory(answer: str, expected: list[str]) -> None:
    assert outcome(lambda student, **given: eval(answer, {"np": np, **given}), INPUTS) == ([], expected)


def test_nobody_looks_where_nobody_asked() -> None:
    def driver(student: ModuleType, **given: Any) -> Any:
        given["a"][...] = 0
        return given["a"]

    assert outcome(driver, INPUTS, watch=False) == ([], [])


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("t + 1", []),
        ("t.add_(1)", ["t"]),
        ("t.data = t.data * 2", ["t"]),
        ("t.resize_(1)", ["t"]),
        ("t.requires_grad_()", []),
        ("items[0].zero_()", ["items"]),
    ],
)
def test_tensors_that_were_changed(do: str, expected: list[str]) -> None:
    torch = pytest.importorskip("torch")
    assert changed(do, {"t": torch.arange(3.0), "items": [torch.ones(2)]}) == expected


def test_answers_that_use_a_tensors_memory() -> None:
    torch = pytest.importorskip("torch")
    inputs = {"t": torch.arange(3.0), "u": torch.ones(2)}
    assert outcome(lambda student, t, u: [u.view(1, 2), t + 1], inputs) == ([], ["u"])
