"""Costs are compared as exact ints; the workspace of pairwise_sq_dists is counted tensor by tensor, not guessed."""

import torch

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

SQUARES = Tolerance(1e-9, 1e-9)  # |x|² + |y|² - 2xy loses digits: 16 coordinates around 100 leave about 1e-10
SINGLE = Tolerance(1e-4, 1e-5)

# Drivers


def flops_only(student, op):
    return first_of(student.op_cost(op), 0)


def bytes_only(student, op):
    return first_of(student.op_cost(op), 1)


def first_of(answer, index):
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    return answer[index] if pair else answer


def distances(student, X, Y, device="cpu", max_bytes=1 << 24):
    return student.pairwise_sq_dists(X=X, Y=Y, device=device, max_bytes=max_bytes)


def distances_transposed(student, X, Y, max_bytes=1 << 24):
    return distances(student, X.t().contiguous().t(), Y.t().contiguous().t(), max_bytes=max_bytes)


def twice(student, X, Y):
    return [distances(student, X, Y), distances(student, X, Y)]


def below_zero(student, X, Y):
    """How many distances are negative, as integers: rounding errors are small, but the count isn't."""
    result = distances(student, X, Y)
    return {"distances below zero": int((result < 0).sum())} if isinstance(result, torch.Tensor) else result


def place(student, X, Y, device):
    result = distances(student, X, Y, device=device)
    if not isinstance(result, torch.Tensor):
        return result
    return {"device of the result": result.device.type, "shape": list(result.shape), "dtype": str(result.dtype)}


def workspace(student, X, Y, max_bytes):
    """The bytes of all tensors alive at the worst moment, without arguments and result, in units of max_bytes."""
    live, moments = {}, []
    known = {X.untyped_storage()._cdata, Y.untyped_storage()._cdata}

    def observed(mode, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        note_storages(out, known, live)
        moments.append(dict(live))
        return out

    modes = torch.utils._python_dispatch
    watch = type("Watch", (modes.TorchDispatchMode,), {"__torch_dispatch__": observed})  # drivers can't hold classes
    with watch():
        result = distances(student, X, Y, max_bytes=max_bytes)
    if not isinstance(result, torch.Tensor):
        return result
    own = live.get(result.untyped_storage()._cdata)
    peak = max((sum(entry[1] for entry in m.values() if entry is not own) for m in moments), default=0)
    return {"workspace / max_bytes": 1.0 if peak <= 1.5 * max_bytes else round(peak / max_bytes, 1)}


def note_storages(out, known, live):
    """Enters the storages of an operation's results into `live`, and takes those out that are freed."""
    for gone in [key for key, entry in live.items() if entry[0].expired()]:
        del live[gone]
    for tensor in out if isinstance(out, (tuple, list)) else [out]:
        if isinstance(tensor, torch.Tensor):
            storage = tensor.untyped_storage()
            if storage._cdata not in known and storage._cdata not in live:
                weak = torch.multiprocessing.reductions.StorageWeakRef(storage)
                live[storage._cdata] = (weak, storage.nbytes())


# Operations


def matmul(m, k, n, itemsize=4):
    return {"type": "matmul", "m": m, "k": k, "n": n, "itemsize": itemsize}


def conv(n, c_in, h, w, c_out, k, itemsize=4, **more):
    sizes = {"n": n, "c_in": c_in, "h": h, "w": w, "c_out": c_out, "k": k}
    return {"type": "conv2d", **sizes, **more, "itemsize": itemsize}


def elementwise(numel, inputs, itemsize=4, **more):
    return {"type": "elementwise", "numel": numel, "inputs": inputs, **more, "itemsize": itemsize}


def reduction(numel, out, itemsize=4):
    return {"type": "reduce", "numel": numel, "out": out, "itemsize": itemsize}


def backward(m, k, n, itemsize=4):
    return {"type": "linear_backward", "m": m, "k": k, "n": n, "itemsize": itemsize}


def sizes(rng, count, low=2, high=60):
    return [int(size) for size in rng.integers(low, high, count)]


# Cases


def cost_cases(rng):
    def case(name, op, driver=None):
        return Case(name, {"op": op}, driver=driver)

    yield case("matmul 2 x 3 times 3 x 4", matmul(2, 3, 4))
    yield case("matmul: a dot product", matmul(1, 5, 1))
    yield case("matmul: an outer product", matmul(5, 1, 7))
    yield case("matmul in 16 bits", matmul(*sizes(rng, 3), itemsize=2))
    yield case("matmul in float64", matmul(*sizes(rng, 3), itemsize=8))
    yield case("matmul of a million rows: counts stay exact", matmul(1_000_003, 1_000_033, 1_000_037))
    yield case("conv2d 3 x 3, sizes by default", conv(2, 3, 8, 8, 4, 3))
    yield case("conv2d 1 x 1", conv(2, 3, 5, 5, 4, 1))
    yield case("conv2d with padding", conv(1, 2, 6, 6, 3, 3, padding=1))
    yield case("conv2d with stride, rounded down", conv(1, 2, 8, 8, 3, 3, stride=2))
    yield case("conv2d: a rectangle, stride 2 and padding 2", conv(3, 2, 9, 14, 5, 5, stride=2, padding=2))
    yield case("conv2d: stride 3", conv(1, 1, 11, 10, 2, 4, stride=3, padding=1, itemsize=2))
    yield case("conv2d: one output pixel", conv(2, 3, 4, 4, 5, 4, stride=1, padding=0))
    yield case(
        "conv2d of any size", conv(*sizes(rng, 2, 2, 6), *sizes(rng, 2, 9, 20), *sizes(rng, 2, 2, 6), itemsize=8)
    )
    yield case("conv2d of many images: counts stay exact", conv(10**15 + 1, 3, 33, 33, 5, 3, padding=1))
    yield case("elementwise: very many elements", elementwise(10**18 + 1, 3, flops_per=7))
    yield case("elementwise: add two tensors", elementwise(1000, 2, flops_per=1))
    yield case("elementwise: one input, flops_per by default", elementwise(10, 1))
    yield case("elementwise: 9 flops for each element, 16 bits", elementwise(sizes(rng, 1)[0], 3, 2, flops_per=9))
    yield case("elementwise: a copy computes nothing", elementwise(64, 1, flops_per=0))
    yield case("reduce: bytes of 1000 numbers and 10 sums", reduction(1000, 10), bytes_only)
    yield case("reduce: bytes of a single sum in 16 bits", reduction(77, 1, 2), bytes_only)
    yield case("linear_backward: flops", backward(2, 3, 4), flops_only)
    yield case("linear_backward: flops of any size", backward(*sizes(rng, 3)), flops_only)
    yield case("an unknown type", {"type": "fft", "numel": 8, "itemsize": 4})


def intensity_cases(rng):
    def case(name, op):
        return Case(f"intensity: {name}", {"op": op})

    yield case("add two tensors", elementwise(1000, 2))
    yield case("matmul 4 x 4", matmul(4, 4, 4))
    yield case("matmul 4096 in 16 bits", matmul(4096, 4096, 4096, 2))
    yield case("a matrix times a vector", matmul(512, 512, 1))
    yield case("any matmul", matmul(*sizes(rng, 3)))
    yield case("a convolution", conv(8, 16, 14, 14, 32, 3, stride=1, padding=1))
    yield case("a copy", elementwise(64, 1, flops_per=0))
    yield case("an unknown type", {"type": "softmax", "numel": 8, "itemsize": 4})


def roofline_cases(rng):
    def case(name, op, peak_flops, bandwidth):
        return Case(f"roofline: {name}", {"op": op, "peak_flops": peak_flops, "bandwidth": bandwidth})

    big, vector = matmul(4096, 4096, 4096, 2), matmul(4096, 4096, 1, 2)
    yield case("a large matmul", big, 1e14, 1e12)
    yield case("add two tensors", elementwise(10**6, 2), 1e14, 1e12)
    yield case("a matrix times a vector", vector, 1e14, 1e12)
    yield case("the same large matmul with slow memory", big, 1e14, 1e10)
    yield case("both limits equal", elementwise(64, 1, flops_per=8), 100.0, 100.0)
    yield case("just below the ridge", elementwise(64, 1, flops_per=8), 101.0, 100.0)
    yield case("just above the ridge", elementwise(64, 1, flops_per=8), 99.0, 100.0)
    yield case("a convolution", conv(32, 64, 28, 28, 64, 3, 2, stride=1, padding=1), 3e13, 9e11)
    yield case("16 bits help a memory-bound operation", elementwise(10**6, 2, 2), 1e14, 1e12)
    peak, bandwidth = float(rng.uniform(1e3, 1e4)), float(rng.uniform(1e2, 1e3))
    yield case("any matmul on any machine", matmul(*sizes(rng, 3, 8)), peak, bandwidth)
    yield case("an unknown type", {"type": "softmax", "numel": 8, "itemsize": 4}, 1e14, 1e12)


def graph_cases(rng):
    def case(name, ops, peak_flops=1e13, bandwidth=1e12, **more):
        return Case(f"graph: {name}", {"ops": ops, "peak_flops": peak_flops, "bandwidth": bandwidth, **more})

    add, mul = elementwise(10**6, 2), matmul(1024, 1024, 1024)
    layers = [conv(8, 3, 32, 32, 16, 3, padding=1), elementwise(131072, 1), matmul(8, 16384, 10), elementwise(80, 2)]
    yield case("one operation, by hand", [elementwise(10, 1)], 10.0, 40.0)
    yield case("one that computes longer than it moves", [mul])
    yield case("one that moves longer than it computes", [add])
    yield case("one of each kind", [add, mul])
    yield case("a copy computes nothing", [elementwise(64, 1, flops_per=0), mul], launch_s=1e-3)
    yield case("balanced: computing and moving take equally long", [elementwise(64, 1, flops_per=8)], 100.0, 100.0)
    yield case("a small network", layers)
    yield case("a thousand tiny operations", [elementwise(100, 2)] * 1000, launch_s=5e-6)
    yield case("a launch for each operation", layers, launch_s=1e-3)
    yield case("with a transfer", layers, transfer_bytes=8 * 3 * 32 * 32 * 4, pcie=1.6e10)
    yield case("launches and a transfer", [add, mul, add], launch_s=2e-4, transfer_bytes=24_000_000, pcie=1.6e10)
    yield case("nothing to transfer, by default", [add], pcie=2.0)
    yield case("a transfer that takes no time", [add], transfer_bytes=10**9)
    yield case("only a transfer", [], transfer_bytes=320, pcie=16.0)
    yield case("nothing at all", [])
    draw = [matmul(*sizes(rng, 3)), elementwise(sizes(rng, 1)[0], 2), matmul(*sizes(rng, 3), itemsize=2)]
    yield case(
        "anything", draw, float(rng.uniform(50, 60)), float(rng.uniform(5, 9)), launch_s=float(rng.uniform(1, 9))
    )
    yield case("an unknown type", [add, {"type": "softmax", "numel": 8, "itemsize": 4}])


def amdahl_cases(rng):
    def case(name, parallel_fraction, n):
        return Case(name, {"parallel_fraction": parallel_fraction, "n": n})

    yield case("half of it on two workers", 0.5, 2)
    yield case("0.95 on 8 workers", 0.95, 8)
    yield case("one worker", 0.7, 1)
    yield case("nothing is parallel", 0.0, 64)
    yield case("all is parallel", 1.0, 64)
    yield case("as many workers as you like", 0.95, float("inf"))
    yield case("nothing is parallel, as many workers as you like", 0.0, float("inf"))
    yield case("any", float(rng.uniform(0.2, 0.9)), int(rng.integers(3, 1000)))
    yield case("one worker and a half", 0.6, 1.5)
    yield case("a fraction below 0", -0.1, 4)
    yield case("a fraction above 1", 1.5, 4)
    yield case("no worker", 0.5, 0)
    yield case("half a worker", 0.5, 0.5)


def distance_cases(rng):
    def randn(n, d, scale=1.0, shift=0.0):
        return torch.from_numpy(shift + scale * rng.standard_normal((n, d)))

    def case(name, X, Y, driver=None, tolerance=None, **more):
        return Case(f"distances: {name}", {"X": X, "Y": Y, **more}, driver=driver, tolerance=tolerance)

    def budget(X, Y):
        return 4 * (len(X) + len(Y) + 1) * (X.shape[1] + 1) * X.element_size()

    X, Y, far = randn(30, 5), randn(20, 5), randn(200, 16, shift=100.0)
    square = torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64)
    yield case("two points, by hand", square, square[:1])
    yield case("30 rows and 20 rows", X, Y)
    yield case("as many rows as coordinates", X[:5].clone(), Y[:5].clone())
    yield case("one row each", X[:1].clone(), Y[:1].clone())
    yield case("one coordinate", randn(7, 1), randn(9, 1))
    yield case("as little max_bytes as there may be", X, Y, max_bytes=budget(X, Y))
    many = randn(203, 3), randn(101, 3)
    yield case("many blocks, the last one smaller", *many, max_bytes=budget(*many))
    yield case("no row in X", X[:0].clone(), Y)
    yield case("no row in Y", X, Y[:0].clone())
    yield case("around 100: from a set to itself", far, far.clone())
    yield case("none below zero, from a set to itself", far, far.clone(), below_zero)
    yield case("float32 stays float32", X.float(), Y.float(), tolerance=SINGLE)
    small = [torch.from_numpy(rng.integers(0, 4, (rows, 2))) for rows in (7, 5)]
    yield case("float16 stays float16", *(points.half() for points in small))
    yield case("transposed layouts", X, Y, distances_transposed)
    yield case("a second identical call", X, Y, twice)
    yield case("the result is on the device asked for", X, Y, place, device="meta")
    yield case("the result is on the CPU, float32", X.float(), Y.float(), place, device="cpu")
    tall, wide = randn(600, 4), randn(600, 4)
    yield case("workspace, 600 x 600", tall, wide, workspace, max_bytes=budget(tall, wide))
    tall, wide = randn(300, 12).float(), randn(900, 12).float()
    yield case("workspace, 300 x 900 in float32", tall, wide, workspace, max_bytes=budget(tall, wide))
    yield case("workspace when all fits at once", X, Y, workspace, max_bytes=1 << 20)
    yield case("integers", torch.arange(6).reshape(3, 2), torch.arange(4).reshape(2, 2))
    yield case("integers in Y only", X[:, :2].clone(), torch.arange(4).reshape(2, 2))
    yield case("integers in X only", torch.arange(4).reshape(2, 2), X[:, :2].clone())
    bulk = {"X": randn(400, 8), "Y": randn(500, 8), "max_bytes": 1 << 22}
    yield Case("distances: 200 000 pairs", bulk, speed=Speed())


PARTS = (
    Part(
        "op_cost",
        cost_cases,
        hints=(
            "Count the elements of the output first. How many multiply-adds does each of them cost?",
            "For bytes, list the number of elements of every tensor that is read or written; add up, times itemsize.",
            "An output row of a convolution has (size + 2 * padding - k) // stride + 1 pixels, each a sum of "
            "c_in * k * k products. The backward pass of a linear layer is two matrix products, each as large as the "
            "forward one.",
        ),
        returns=("flops", "bytes"),
    ),
    Part(
        "arithmetic_intensity",
        intensity_cases,
        hints=(
            "How much work is each byte worth?",
            "Both numbers are in op_cost.",
            "Flops divided by bytes, with true division.",
        ),
        uses=("op_cost", "arithmetic_intensity"),
    ),
    Part(
        "attainable",
        roofline_cases,
        hints=(
            "There are two limits, and the lower one counts.",
            "One limit is the machine's alone. The other one is how many flop/s the memory can feed: bytes per second "
            "times flops per byte.",
            "Compare the two; the memory is to blame only if its limit is strictly lower.",
        ),
        returns=("flop/s", "limited by"),
        uses=("op_cost", "arithmetic_intensity", "attainable"),
    ),
    Part(
        "graph_time",
        graph_cases,
        hints=(
            "What runs at the same time, and what one after the other?",
            "Within an operation take the longer of computing and moving; over operations add up.",
            "Every operation pays for its launch, however small it is; the transfer is paid once, and with an infinite "
            "pcie it costs nothing.",
        ),
        uses=("op_cost", "graph_time"),
    ),
    Part(
        "amdahl",
        amdahl_cases,
        hints=(
            "The job takes 1 before. How long does it take afterwards?",
            "The serial piece takes as long as before, the other one an n-th of what it took.",
            "Old time divided by new time. Python divides by math.inf without complaint.",
        ),
    ),
    Part(
        "pairwise_sq_dists",
        distance_cases,
        hints=(
            "The differences of all pairs are n times m times d numbers. Expand the square: which term mixes X and Y?",
            "Allocate the result once and fill it block by block. Count the blocks of rows x m that are alive together "
            "in your expression, and choose the number of rows by that.",
            "Squared norms once for X and Y; per block norms + norms - 2 * (block @ Y.T), clamped at 0 and written "
            "into the result. At least one row per block, also when Y is empty.",
        ),
        driver=distances,
        tolerance=SQUARES,
    ),
)

ALL_COSTS = ("op_cost", "arithmetic_intensity", "attainable", "graph_time")

MISCONCEPTIONS = (
    Misconception(
        "mac_as_flop",
        ALL_COSTS,
        "Your code counts a multiply-add as one flop.",
        "A dot product of five pairs: how many multiplications, and how many additions?",
        edits=(
            ("return products * 2 * m * k * n", "return products * m * k * n"),
            ("flops = 2 * op", "flops = op"),
        ),
    ),
    Misconception(
        "output_bytes_missing",
        ALL_COSTS,
        "Your code counts the bytes that are read, not those that are written.",
        "The result doesn't stay in the cores. Where does it go?",
        edits=(
            ("(m * k + k * n + m * n) * s", "(m * k + k * n) * s"),
            ('(op["inputs"] + 1) * op', 'op["inputs"] * op'),
            ('(op["numel"] + op["out"]) * s', 'op["numel"] * s'),
            ('(image + weight + pixels * op["c_out"])', "(image + weight)"),
        ),
    ),
    Misconception(
        "bandwidth_in_bits",
        ALL_COSTS,
        "Your code counts what is moved in bits.",
        "Which unit does itemsize have, and which one the bandwidth?",
        edits=(
            ('    s = op["itemsize"]\n    match', '    s = 8 * op["itemsize"]\n    match'),
            ('pixels * op["c_out"]) * op["itemsize"]', 'pixels * op["c_out"]) * 8 * op["itemsize"]'),
        ),
    ),
    Misconception(
        "stride_ignored",
        "op_cost",
        "Your convolution has an output pixel for every position, whatever the stride.",
        "A kernel that moves on by two pixels at a time: how many places does it visit?",
        edits=((' // op.get("stride", 1) + 1', " + 1"),),
    ),
    Misconception(
        "more_cores_always",
        "attainable",
        "Your code promises the peak for every operation.",
        "Adding two tensors takes one flop for every twelve bytes. Who fetches the bytes?",
        edits=(
            ('return (fed, "memory") if fed < peak_flops else (peak_flops, "compute")', 'return peak_flops, "compute"'),
        ),
    ),
    Misconception(
        "tie_is_memory",
        "attainable",
        "Your code blames the memory where both limits are equal.",
        "The docstring says what a tie is called.",
        edits=(("if fed < peak_flops", "if fed <= peak_flops"),),
    ),
    Misconception(
        "sum_not_max",
        "graph_time",
        "Your code adds the time to compute and the time to move, as if one waited for the other.",
        "While one block is computed, what can the memory do?",
        edits=(("max(flops / peak_flops, moved / bandwidth)", "flops / peak_flops + moved / bandwidth"),),
    ),
    Misconception(
        "overlap_between_ops",
        "graph_time",
        "Your code lets one operation compute while another one moves its data.",
        "The operations run one after the other. Can the slow memory of one hide behind the arithmetic of the next?",
        edits=(
            (
                "sum(max(flops / peak_flops, moved / bandwidth) for flops, moved in costs)",
                "max(sum(f for f, _ in costs) / peak_flops, sum(b for _, b in costs) / bandwidth)",
            ),
        ),
    ),
    Misconception(
        "launch_ignored",
        "graph_time",
        "Your code leaves out what it costs to launch a kernel.",
        "A thousand operations on a hundred numbers each: what does the device do most of the time?",
        edits=((" + launch_s * len(costs)", ""),),
    ),
    Misconception(
        "transfer_ignored",
        "graph_time",
        "Your code leaves out the way from the host to the device.",
        "Where are the data before the first operation?",
        edits=((" + transfer_bytes / pcie", ""),),
    ),
    Misconception(
        "amdahl_linear",
        "amdahl",
        "Your speed-up is proportional to the number of workers.",
        "A tenth of the job can't be shared. How long does it take at the very least, with any number of workers?",
        edits=(("return 1 / (1 - parallel_fraction + parallel_fraction / n)", "return parallel_fraction * n"),),
    ),
    Misconception(
        "gustafson",
        "amdahl",
        "Your speed-up is that of a job which grows with the number of workers.",
        "The job is fixed here. With more workers, does its serial part take a smaller share of the time, or a larger?",
        edits=(
            (
                "return 1 / (1 - parallel_fraction + parallel_fraction / n)",
                "return 1 - parallel_fraction + parallel_fraction * n",
            ),
        ),
    ),
    Misconception(
        "full_broadcast",
        "pairwise_sq_dists",
        "Your code makes a tensor of all differences, n x m x d.",
        "How large is the largest tensor that you make, compared with the result?",
        code="""
def pairwise_sq_dists(X, Y, *, device, max_bytes):
    if not (X.is_floating_point() and Y.is_floating_point()):
        raise ValueError
    X, Y = X.to(device), Y.to(device)
    return ((X[:, None] - Y) ** 2).sum(-1)
""",
    ),
    Misconception(
        "budget_ignored",
        "pairwise_sq_dists",
        "Your code works on all rows at once, whatever max_bytes says.",
        "How many matrices of the size of the result are alive in the middle of your expression?",
        edits=(("    rows = max_bytes // (4 * (m + 1) * X.element_size())", "    rows = max(1, n)"),),
    ),
    Misconception(
        "chunks_joined",
        "pairwise_sq_dists",
        "Your code collects blocks in a list and joins them, so the whole result exists twice for a moment.",
        "What is alive while the blocks are being joined?",
        edits=(
            ("    result = torch.empty(n, m, dtype=X.dtype, device=X.device)\n", "    blocks = [X.new_empty(0, m)]\n"),
            ("        result[block] = (x_sq", "        blocks.append((x_sq"),
            (".clamp(min=0)\n    return result", ".clamp(min=0))\n    return torch.cat(blocks)"),
        ),
    ),
    Misconception(
        "negative_distance",
        "pairwise_sq_dists",
        "Your squared distances fall below zero where two points are (nearly) the same.",
        "Take the root of the distances from a set to itself. Where does nan come from?",
        edits=(
            (
                "(x_sq[block, None] + y_sq - 2 * (X[block] @ Y.T)).clamp(min=0)",
                "x_sq[block, None] + y_sq - 2 * (X[block] @ Y.T)",
            ),
        ),
    ),
    Misconception(
        "distance_not_squared",
        "pairwise_sq_dists",
        "Your code returns distances, not their squares.",
        "From (0, 0) to (3, 4): is 5 asked for, or 25?",
        edits=((".clamp(min=0)\n", ".clamp(min=0).sqrt()\n"),),
    ),
)

ROWS = "rows = max_bytes // (4 * (m + 1) * X.element_size())"
PRODUCTS = 'products = 2 if op["type"] == "linear_backward" else 1'
EQUIVALENTS = (
    *(
        Equivalent(ROWS, ROWS.replace(old, new), "other blocks that are small enough, too")
        for old, new in [("(4 *", "( 3 *"), ("(4 *", "( 5 *"), ("m + 1", "m + 2"), ("m + 1", "m | 1")]
    ),
    Equivalent(PRODUCTS, PRODUCTS.replace("==", "<="), "the other type that gets here is matmul"),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS)
