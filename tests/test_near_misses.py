"""Nothing that is nearly right passes, nor is it told a mistake that it doesn't make.

Each submission is a solution but for an edit, one that no misconception of the exercise describes: it must fail, and
get no diagnosis.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from grader import engine, kit

ROOT = Path(__file__).parents[1]
ENTRIES = {entry.number: entry for entry in kit.entries(ROOT)}


class NearMiss(NamedTuple):
    """An edit of the solution of an exercise: `before`, which occurs in it once, becomes `after`."""

    number: str
    part: str
    name: str
    before: str
    after: str


ANY_FLOAT = 'values if values.dtype.kind == "f" else'
NO_FLOAT32 = "values if values.dtype == np.float32 else"
LIKELIHOOD = "return float(-free_energy(V, W, b_v, b_h).mean() - _log_partition(W, b_v, b_h))"
PROBABILITIES = "return float(np.log(np.exp(-free_energy(V, W, b_v, b_h) - _log_partition(W, b_v, b_h))).mean())"
NEAR_MISSES = (
    NearMiss("1", "predict_linear", "computed in float32", "F.astype(np.float64) @ W", "F @ W"),
    NearMiss(
        "1", "predict_linear", "exp first", "F.astype(np.float64) @ W + b,", "np.exp(F.astype(np.float64) @ W + b),"
    ),
    NearMiss("2", "mse_loss", "float16 kept", NO_FLOAT32, ANY_FLOAT),
    NearMiss("2", "cross_entropy", "float16 kept", NO_FLOAT32, ANY_FLOAT),
    NearMiss("3", "Graph", "constants as they come", "np.array(value, dtype=np.float64)", "np.array(value)"),
    NearMiss(
        "3",
        "Var",
        "sums broadcast",
        "if self.data.shape != other.data.shape:",
        "if self.data.ndim and other.data.ndim and self.data.shape != other.data.shape:",
    ),
    NearMiss("4", "StandardScaler", "float16 kept", "X.dtype == np.float32 else", 'X.dtype.kind == "f" else'),
    NearMiss(
        "4",
        "channel_stats",
        "all batches kept",
        "for batch in batches:",
        "for batch in [part for batch in list(batches) for part in np.array_split(batch, 16)]:",
    ),
    NearMiss("5", "relu", "float16 kept", "x if x.dtype == np.float32 else", 'x if x.dtype.kind == "f" else'),
    NearMiss("5", "softmax", "float16 kept", "x if x.dtype == np.float32 else", 'x if x.dtype.kind == "f" else'),
    NearMiss("6", "mixup", "float16 kept", NO_FLOAT32, ANY_FLOAT),
    NearMiss("7", "sample_configs", "choices as array", "return values[", "return np.array(values, dtype=object)["),
    NearMiss("7", "expected_improvement", "small is 0", "open_ended = sigma > 0", "open_ended = sigma > 1e-6"),
    NearMiss("7", "expected_improvement", "1e-9 added", "np.divide(gain, sigma,", "np.divide(gain, sigma + 1e-9,"),
    NearMiss(
        "8",
        "init_weight",
        "orthogonal from uniforms",
        "normals = rng.standard_normal((shape[0], math.prod(shape[1:])))",
        "normals = rng.random((shape[0], math.prod(shape[1:])))",
    ),
    NearMiss(
        "8",
        "signal_second_moments",
        "computed in float32",
        "np.asarray(weight, np.float64) @ h",
        "(weight @ h.astype(np.result_type(weight, np.float32)))",
    ),
    NearMiss("9", "log_likelihood", "log of probabilities", LIKELIHOOD, PROBABILITIES),
    NearMiss(
        "10",
        "evaluate",
        "frozen",
        "    with torch.no_grad():",
        "    model.requires_grad_(False)\n    with torch.no_grad():",
    ),
    NearMiss(
        "10",
        "evaluate",
        "no gradients ever",
        "    with torch.no_grad():",
        "    torch.set_grad_enabled(False)\n    if True:",
    ),
    NearMiss("11", "prototypes", "float16 kept", "x if x.dtype == np.float32 else", 'x if x.dtype.kind == "f" else'),
)


@pytest.mark.parametrize("miss", NEAR_MISSES, ids=lambda miss: f"{miss.number} {miss.part} {miss.name}")
def test_it_fails_without_a_diagnosis(miss: NearMiss) -> None:
    entry = ENTRIES[miss.number]
    source = (ROOT / "solutions" / f"{entry.stem}.py").read_text(encoding="utf-8")
    assert source.count(miss.before) == 1
    report = engine.judge(entry, source.replace(miss.before, miss.after).encode(), f"{entry.stem}.py", 0)["report"]
    failing = {part["name"] for part in report["parts"] if part["passed"] < part["cases"]}
    assert miss.part in failing
    assert report["diagnosis"] is None
