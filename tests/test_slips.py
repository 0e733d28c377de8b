"""Slips that no misconception is named after: each is a solution with a few edits, and fails in its part."""

from pathlib import Path
from typing import NamedTuple

import pytest

from grader import engine, kit

ROOT = Path(__file__).parents[1]


class Slip(NamedTuple):
    """What stands in a solution, what stands there instead, and the parts that have to fail: these and no others."""

    number: str
    parts: set[str]
    edits: tuple[tuple[str, str], ...]


OPTIMISERS = {"SGD", "RMSprop", "Adam", "AdamW"}
TOO_SMALL = (
    '    if min(counts) < 1:\n        raise ValueError(f"a window of {span} does not fit into a map of {size}")\n'
)
SECOND_LAYER = 'conv2d(max_pool2d(a1, 2)[0], params["conv2"], params["bias2"])[0]'

SLIPS = {
    "the learning rate isn't loaded": Slip("17", OPTIMISERS, (('        self.lr = d["lr"]\n', ""),)),
    "gradients are paired with parameters by their order": Slip(
        "17",
        OPTIMISERS,
        (
            (
                "    for name, p in params.items():\n        g = grads.get(name)\n",
                "    for (name, p), g in zip(params.items(), grads.values()):\n",
            ),
        ),
    ),
    "a momentum below 0 with nesterov": Slip("17", {"SGD"}, (("momentum <= 0 or", "momentum == 0 or"),)),
    "w0 keeps its dtype": Slip("17-1", {"sgd"}, (("w = w0.astype(np.float64)", "w = w0 + 0"),)),
    "hold for A only": Slip("18-1", {"speedup"}, (("(curve_b, target, hold)", "(curve_b, target)"),)),
    "one maximum for all samples": Slip(
        "18-2", {"two_layer_gradients"}, (("logits.max(axis=1, keepdims=True)", "logits.max(initial=-np.inf)"),)
    ),
    "one maximum for all images": Slip("18-3", {"loss_and_grads"}, (("z.max(axis=1, keepdims=True)", "z.max()"),)),
    "the second ReLU is open at 0": Slip("18-3", {"loss_and_grads"}, (("(a2 > 0)", f"({SECOND_LAYER} >= 0)"),)),
    "a kernel is compared with the image without its padding": Slip(
        "18-3",
        {"conv2d", "conv2d_backward"},
        (
            (
                "    columns = windows.reshape(len(x), groups",
                "    if x.shape[2] < kernel[0] or x.shape[3] < kernel[1]:\n        raise ValueError\n"
                "    columns = windows.reshape(len(x), groups",
            ),
        ),
    ),
    "only the children of a model are looked at": Slip(
        "19-1", {"permute_mlp_input"}, (("in permuted.modules() if", "in permuted.children() if"),)
    ),
    "only the last map is looked at": Slip(
        "19-2",
        {"flat_features"},
        (
            (TOO_SMALL, ""),
            (
                "    return channels * prod(size)",
                "    if min(size) < 1:\n        raise ValueError\n    return channels * prod(size)",
            ),
        ),
    ),
    "a NaN of a rank with rows counts as 0": Slip(
        "20-1",
        {"allreduce_mean_grads"},
        (("sum(grads[name] * weight for", "sum(np.nan_to_num(grads[name]) * weight for"),),
    ),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", SLIPS)
def test_it_fails_in_its_part(name: str, seed: int) -> None:
    slip = SLIPS[name]
    entry = kit.find(ROOT, slip.number)
    source = entry.solution.read_text(encoding="utf-8")
    for before, after in slip.edits:
        assert before in source
        source = source.replace(before, after)
    training = kit.load_spec(entry).exercise.training
    report = engine.judge(entry, source.encode(), entry.solution.name, seed)["report"]
    failing = {case["part"] for case in report["cases"] if case["verdict"] != "passed"}
    assert failing - {training and training.name} == slip.parts
