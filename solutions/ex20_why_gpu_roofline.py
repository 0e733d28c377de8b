"""20 · Why use a GPU for deep learning?

Work out with pencil-and-paper models when a GPU helps: count what an operation computes and what it has to move,
compare the two with what a machine offers (the roofline model), add the overheads, and see what the part that
isn't parallel costs. At the end write one operation the way a GPU likes it, within a memory budget.

An operation ("op") is a dict with its sizes and `itemsize`, the bytes per element of all its tensors:

    {"type": "matmul", "m": 64, "k": 32, "n": 16, "itemsize": 4}            (m, k) times (k, n)
    {"type": "conv2d", "n": 8, "c_in": 3, "h": 32, "w": 32, "c_out": 16, "k": 3, "stride": 1, "padding": 1,
     "itemsize": 2}
    {"type": "elementwise", "numel": 1000, "inputs": 2, "flops_per": 1, "itemsize": 4}
    {"type": "reduce", "numel": 1000, "out": 10, "itemsize": 4}
    {"type": "linear_backward", "m": 64, "k": 32, "n": 16, "itemsize": 4}

How costs are counted here:

* A multiplication is one flop and an addition is one flop, so a multiply-add is two. A sum of k products counts 2k,
  as framework counters have it (not 2k - 1).
* Bytes are what must cross the memory bus at the very least: each input is read once, each output written once.
* Counts are exact Python ints, however large. Times are in seconds, `peak_flops` in flop/s, `bandwidth` in bytes/s.
* Arguments are not changed.

Sources: Williams, Waterman, Patterson 2009, Roofline (https://doi.org/10.1145/1498765.1498785); NVIDIA, GPU
Performance Background (https://docs.nvidia.com/deeplearning/performance/dl-performance-gpu-background/index.html).
"""

import torch


def op_cost(op: dict) -> tuple[int, int]:
    """The flops of an operation and the bytes it moves, both ints.

    - "matmul": (m, k) times (k, n).
    - "conv2d": `n` images (c_in, h, w), square kernels of size `k`, no bias; `stride` and `padding` may be left out and
      are then 1 and 0. The output is (n, c_out, oh, ow), sizes rounded down as in PyTorch. Every output element is
      charged for its whole window, also where that hangs over the edge. Moved: input, weight, output.
    - "elementwise": `inputs` tensors of `numel` elements give one of the same size; `flops_per` flops for each
      element of the output, 1 if it is left out.
    - "reduce": `numel` elements are summed up into `out` sums. Return `numel` flops (conventions differ here, so that
      number isn't tested).
    - "linear_backward": of Y = X Wᵀ with X (m, k) and W (n, k): the gradients of X and of W, two matrix products.
      Bytes: those of both, each on its own (not tested either: it depends on what one kernel hands to the next).

    Raises ValueError for an unknown type.
    """
    s = op["itemsize"]
    match op["type"]:
        case "matmul" | "linear_backward":
            m, k, n = op["m"], op["k"], op["n"]
            products = 2 if op["type"] == "linear_backward" else 1
            return products * 2 * m * k * n, products * (m * k + k * n + m * n) * s
        case "conv2d":
            return _conv2d_cost(op)
        case "elementwise":
            return op["numel"] * op.get("flops_per", 1), (op["inputs"] + 1) * op["numel"] * s
        case "reduce":
            return op["numel"], (op["numel"] + op["out"]) * s
        case unknown:
            raise ValueError(f"unknown operation {unknown!r}")


def _conv2d_cost(op: dict) -> tuple[int, int]:
    padded = 2 * op.get("padding", 0)
    oh, ow = ((op[side] + padded - op["k"]) // op.get("stride", 1) + 1 for side in ("h", "w"))
    pixels, window = op["n"] * oh * ow, op["c_in"] * op["k"] ** 2
    image, weight = op["n"] * op["c_in"] * op["h"] * op["w"], op["c_out"] * window
    flops = 2 * op["c_out"] * pixels * window
    return flops, (image + weight + pixels * op["c_out"]) * op["itemsize"]


def arithmetic_intensity(op: dict) -> float:
    """Flops per byte moved: how much an operation computes with what it fetches.

    Raises ValueError for an unknown type.
    """
    flops, moved = op_cost(op)
    return flops / moved


def attainable(op: dict, peak_flops: float, bandwidth: float) -> tuple[float, str]:
    """The flop/s that the roofline model allows for this operation, and what limits it: "compute" or "memory".

    The memory can feed an operation at `bandwidth` bytes/s, and what is fed is worth the operation's intensity; the
    cores do at most `peak_flops`. Where both limits are equal, say "compute".
    Raises ValueError for an unknown type. Source: Williams et al. 2009.
    """
    fed = arithmetic_intensity(op) * bandwidth
    return (fed, "memory") if fed < peak_flops else (peak_flops, "compute")


def graph_time(
    ops: list[dict],
    peak_flops: float,
    bandwidth: float,
    launch_s: float = 0.0,
    transfer_bytes: int = 0,
    pcie: float = float("inf"),
) -> float:
    """Seconds for operations that run one after the other.

    Within an operation computing and moving overlap perfectly, so it takes as long as the slower of the two. Before
    each operation its kernel is launched, which takes `launch_s` and overlaps with nothing. Besides,
    `transfer_bytes` go from the host to the device once, at `pcie` bytes/s, and nothing overlaps with that either.
    No operations take no time, apart from the transfer.

    Raises ValueError for an unknown type.
    """
    costs = [op_cost(op) for op in ops]
    busy = sum(max(flops / peak_flops, moved / bandwidth) for flops, moved in costs)
    return busy + launch_s * len(costs) + transfer_bytes / pcie


def amdahl(parallel_fraction: float, n: float) -> float:
    """How many times faster a fixed job gets if `parallel_fraction` of its time is spread evenly over n workers.

    n may be `math.inf`: the limit (for a fraction below 1). Raises ValueError unless 0 <= parallel_fraction <= 1 and
    n >= 1. Source: Amdahl 1967 (https://doi.org/10.1145/1465482.1465560).
    """
    if not (0 <= parallel_fraction <= 1 and n >= 1):
        raise ValueError(f"a fraction from 0 to 1 and at least one worker are needed, not {parallel_fraction} and {n}")
    return 1 / (1 - parallel_fraction + parallel_fraction / n)


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor, *, device: str | torch.device, max_bytes: int) -> torch.Tensor:
    """Squared Euclidean distances between all rows of X (n, d) and all rows of Y (m, d), as a tensor (n, m).

    X and Y have the same floating dtype, which is the result's, too. They are moved to `device`, where the result lies;
    on the device "meta" tensors have shapes but no values. Coordinates are up to about 100 in size; rounding errors
    of the expanded square |x|² - 2 x·y + |y|² are small enough then, but no distance may be below 0.

    Python may loop over rows or blocks of rows, not over pairs. Beyond X, Y and the result, all tensors that are alive
    at any one time take at most `max_bytes` together (up to half as much again is let pass; tensors that nobody refers
    to any more don't count, a second copy of the result does). It always suffices for 4·(n + m + 1)·(d + 1) elements.

    n and m may be 0. Raises ValueError if X or Y is not of a floating dtype.
    """
    if not (X.is_floating_point() and Y.is_floating_point()):
        raise ValueError(f"floating-point tensors are needed, not {X.dtype} and {Y.dtype}")
    X, Y = X.to(device), Y.to(device)
    n, m = len(X), len(Y)
    x_sq, y_sq = (X * X).sum(1), (Y * Y).sum(1)
    result = torch.empty(n, m, dtype=X.dtype, device=X.device)
    # Three tensors of rows x m are alive together below; the fourth share is for the norms.
    rows = max_bytes // (4 * (m + 1) * X.element_size())
    for start in range(0, n, rows):
        block = slice(start, start + rows)
        result[block] = (x_sq[block, None] + y_sq - 2 * (X[block] @ Y.T)).clamp(min=0)
    return result
