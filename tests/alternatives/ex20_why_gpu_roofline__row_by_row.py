"""Long-hand counts, and true differences, one row of X at a time."""


def op_cost(op):
    kind = op["type"]
    if kind not in ("matmul", "conv2d", "elementwise", "reduce", "linear_backward"):
        raise ValueError("unknown type " + str(kind))
    if kind == "elementwise":
        per = op.get("flops_per", 1)
        elements, flops = op["numel"] * op["inputs"] + op["numel"], per * op["numel"]
    elif kind == "reduce":
        elements, flops = op["numel"] + op["out"], op["numel"]
    elif kind == "matmul":
        elements = op["m"] * op["k"] + op["k"] * op["n"] + op["m"] * op["n"]
        flops = op["m"] * op["n"] * op["k"] * 2
    elif kind == "linear_backward":
        elements = 2 * (op["m"] * op["n"] + op["m"] * op["k"] + op["n"] * op["k"])
        flops = 2 * (2 * op["m"] * op["n"] * op["k"])
    else:
        step, border = op.get("stride", 1), op.get("padding", 0)
        height = (op["h"] - op["k"] + 2 * border + step) // step
        width = (op["w"] - op["k"] + 2 * border + step) // step
        out = op["n"] * op["c_out"] * height * width
        flops = 0
        for _ in range(op["c_in"]):
            flops += out * op["k"] * op["k"] * 2
        elements = op["n"] * op["c_in"] * op["h"] * op["w"] + op["c_out"] * op["c_in"] * op["k"] ** 2 + out
    return flops, elements * op["itemsize"]


def arithmetic_intensity(op):
    cost = op_cost(op)
    return cost[0] / cost[1]


def attainable(op, peak_flops, bandwidth):
    limit = min(peak_flops, bandwidth * arithmetic_intensity(op))
    return limit, "compute" if limit == peak_flops else "memory"


def graph_time(ops, peak_flops, bandwidth, launch_s=0.0, transfer_bytes=0, pcie=float("inf")):
    return sum(
        [launch_s + max(f / peak_flops, b / bandwidth) for f, b in (op_cost(op) for op in ops)], transfer_bytes / pcie
    )


def amdahl(parallel_fraction, n):
    if not 0 <= parallel_fraction <= 1 or not n >= 1:
        raise ValueError
    serial = 1 - parallel_fraction
    return 1 / (serial + parallel_fraction / n)


def pairwise_sq_dists(X, Y, *, device, max_bytes):
    if not X.dtype.is_floating_point or not Y.dtype.is_floating_point:
        raise ValueError("integers")
    X = X.to(device=device)
    Y = Y.to(device=device)
    out = X.new_zeros((X.shape[0], Y.shape[0]))
    for i, x in enumerate(X):
        out[i] = (Y - x).square().sum(dim=-1)
    return out
