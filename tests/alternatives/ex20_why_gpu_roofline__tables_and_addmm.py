"""Lists of tensor shapes, a limit taken from times, one addmm in place instead of blocks."""

from math import prod

import torch


def shapes(op):
    t = op["type"]
    if t == "matmul":
        return 2 * prod((op["m"], op["k"], op["n"])), [(op["m"], op["k"]), (op["k"], op["n"]), (op["m"], op["n"])]
    if t == "conv2d":
        stride, pad, k = op.get("stride", 1), op.get("padding", 0), op["k"]
        oh = len(range(0, op["h"] + 2 * pad - k + 1, stride))
        ow = len(range(0, op["w"] + 2 * pad - k + 1, stride))
        y = (op["n"], op["c_out"], oh, ow)
        w = (op["c_out"], op["c_in"], k, k)
        return 2 * prod(y) * op["c_in"] * k * k, [(op["n"], op["c_in"], op["h"], op["w"]), w, y]
    if t == "elementwise":
        return op["numel"] * op.get("flops_per", 1), [(op["numel"],)] * (op["inputs"] + 1)
    if t == "reduce":
        return op["numel"], [(op["numel"],), (op["out"],)]
    if t == "linear_backward":
        m, k, n = op["m"], op["k"], op["n"]
        return 4 * m * k * n, 2 * [(m, n), (m, k), (n, k)]
    raise ValueError(t)


def op_cost(op):
    flops, tensors = shapes(op)
    return flops, op["itemsize"] * sum(prod(s) for s in tensors)


def arithmetic_intensity(op):
    flops, moved = op_cost(op)
    return flops / moved


def attainable(op, peak_flops, bandwidth):
    flops, moved = op_cost(op)
    if arithmetic_intensity(op) >= peak_flops / bandwidth:
        return float(peak_flops), "compute"
    return flops * bandwidth / moved, "memory"


def graph_time(ops, peak_flops, bandwidth, launch_s=0.0, transfer_bytes=0, pcie=float("inf")):
    total = transfer_bytes / pcie
    for op in ops:
        flops, moved = op_cost(op)
        compute, memory = flops / peak_flops, moved / bandwidth
        total += launch_s
        if compute > memory:
            total += compute
        else:
            total += memory
    return total


def amdahl(parallel_fraction, n):
    if parallel_fraction < 0 or parallel_fraction > 1:
        raise ValueError("fraction")
    if n < 1:
        raise ValueError("workers")
    if n == float("inf"):
        return 1 / (1 - parallel_fraction)
    return n / (n * (1 - parallel_fraction) + parallel_fraction)


def pairwise_sq_dists(X, Y, *, device, max_bytes):
    for t in (X, Y):
        if not torch.is_floating_point(t):
            raise ValueError("floating point only")
    X, Y = X.to(device), Y.to(device)
    d = torch.addmm((Y * Y).sum(dim=1), X, Y.t(), alpha=-2)
    d += X.pow(2).sum(dim=1, keepdim=True)
    return torch.clamp_(d, min=0)
