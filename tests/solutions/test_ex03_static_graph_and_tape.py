"""The graph and the tape against torch's autograd, on random programs; the rest are the rules of the stub."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex03_static_graph_and_tape")

UNARY = ("neg", "exp", "tanh", "relu")
BINARY = ("add", "sub", "mul")


def random_program(rng, length):
    """Lines (kind, *positions) on square matrices, tamed by tanh, with a few choices between two of them."""
    lines = [("placeholder", name) for name in "xyw"]
    while len(lines) < length:
        a, b = (int(k) for k in rng.integers(0, len(lines), 2))
        kind = str(rng.choice([*UNARY, *BINARY, "matmul", "transpose", "cond"]))
        lines.append(("tanh", a))
        line = {1: (kind, len(lines) - 1), 2: (kind, len(lines) - 1, b), 3: (kind, a, b, len(lines) - 1)}
        lines.append(line[3 if kind == "cond" else 2 if kind in (*BINARY, "matmul") else 1])
        lines.append(("tanh", len(lines) - 1))
    return lines


def by_torch(lines, feeds):
    """The value of every line as a tensor, and the leaves."""
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in feeds.items()}
    values = []
    for kind, *rest in lines:
        if kind == "placeholder":
            values.append(leaves[rest[0]])
            continue
        a, *others = (values[k] for k in rest)
        if kind == "cond":
            values.append(others[0] if a.sum() > 0 else others[1])
        elif kind == "transpose":
            values.append(a.T)
        else:
            values.append(getattr(torch, kind)(a, *others))
    return values, leaves


def in_graph(lines):
    graph, ids = solution.Graph(), []
    for kind, *rest in lines:
        if kind == "placeholder":
            ids.append(graph.placeholder(rest[0]))
        elif kind == "cond":
            ids.append(graph.cond(graph.sum(ids[rest[0]]), ids[rest[1]], ids[rest[2]]))
        else:
            ids.append(getattr(graph, kind)(*(ids[k] for k in rest)))
    return graph, ids


def on_tape(lines, feeds):
    leaves = {name: solution.Var(value) for name, value in feeds.items()}
    operators = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "matmul": "__matmul__", "neg": "__neg__"}
    values = []
    for kind, *rest in lines:
        if kind == "placeholder":
            values.append(leaves[rest[0]])
        elif kind == "cond":
            a, b, c = (values[k] for k in rest)
            values.append(b if a.data.sum() > 0 else c)
        else:
            a, *others = (values[k] for k in rest)
            values.append(getattr(a, operators.get(kind, kind))(*others))
    return values, leaves


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_the_graph_is_torchs_to_the_second_order(seed):
    rng = np.random.default_rng(seed)
    lines, feeds = random_program(rng, int(rng.integers(6, 30))), {name: rng.normal(size=(3, 3)) for name in "xyw"}
    values, leaves = by_torch(lines, feeds)
    graph, ids = in_graph(lines)
    xs = ids[:3]
    for ours, theirs in zip(graph.run(ids, feeds), values, strict=True):
        same(ours, theirs)
    assert sorted(set(graph.last_trace)) == sorted(graph.last_trace)
    first = graph.gradients(ids[-1], xs)
    due = torch.autograd.grad(values[-1].sum(), list(leaves.values()), create_graph=True, allow_unused=True)
    for node, g in zip(first, due, strict=True):
        if g is None:
            assert node is None or not graph.run([node], feeds)[0].any()
            continue
        same(graph.run([node], feeds)[0], g)
        if not g.requires_grad:
            continue
        second = torch.autograd.grad(g.sum(), list(leaves.values()), retain_graph=True, allow_unused=True)
        for again, h in zip(graph.gradients(node, xs), second, strict=True):
            ours = np.zeros((3, 3)) if again is None else graph.run([again], feeds)[0]
            same(ours, torch.zeros(3, 3) if h is None else h)


@pytest.mark.parametrize("seed", range(30))
def test_the_tape_is_torchs(seed):
    rng = np.random.default_rng(100 + seed)
    lines = random_program(rng, int(rng.integers(6, 40)))
    lines = [("neg", line[1]) if line[0] == "transpose" else line for line in lines]
    feeds = {name: rng.normal(size=(3, 3)) for name in "xyw"}
    values, leaves = by_torch(lines, feeds)
    ours, vars_ = on_tape(lines, feeds)
    same(ours[-1].data, values[-1])
    ours[-1].sum().backward()
    values[-1].sum().backward()
    for name, leaf in leaves.items():
        if leaf.grad is None:
            assert vars_[name].grad is None
        else:
            same(vars_[name].grad, leaf.grad)


def test_three_calls_of_backward_add_up():
    x = np.array([[0.3, -1.2]])
    leaf, tensor = solution.Var(x), torch.tensor(x, requires_grad=True)
    ours, theirs = leaf * leaf, tensor * tensor
    losses = (ours.exp().sum(), (3 - ours * leaf).sum()), (theirs.exp().sum(), (3 - theirs * tensor).sum())
    for k in (0, 1, 0):
        losses[0][k].backward()
        losses[1][k].backward(retain_graph=True)
        same(leaf.grad, tensor.grad)


def test_second_derivatives_are_those_of_a_complex_step():
    graph = solution.Graph()
    x = graph.placeholder("x")
    y = graph.mul(graph.exp(graph.tanh(x)), x)
    (first,) = graph.gradients(y, [x])
    (second,) = graph.gradients(first, [x])
    at = np.linspace(-2, 2, 9)

    def slope(z):
        t = np.tanh(z)
        return np.exp(t) * (1 - t**2) * z + np.exp(t)

    values = graph.run([first, second], {"x": at})
    np.testing.assert_allclose(values[0], slope(at), rtol=1e-12)
    np.testing.assert_allclose(values[1], slope(at + 1e-30j).imag / 1e-30, rtol=1e-10)


def test_a_graph_is_lazy_and_reusable():
    graph = solution.Graph()
    x, y, s = (graph.placeholder(name) for name in "xys")
    chosen = graph.cond(s, graph.mul(x, x), graph.exp(y))
    nodes = graph.num_nodes
    assert graph.run([chosen], {"x": np.array([3.0]), "s": 1})[0].tolist() == [9.0]
    assert graph.run([chosen], {"y": np.zeros(2), "s": 0})[0].tolist() == [1.0, 1.0]
    assert x not in graph.last_trace
    assert graph.num_nodes == nodes == 6
    with pytest.raises(KeyError):
        graph.run([chosen], {"x": np.array([3.0]), "s": -1})


def test_nothing_is_broadcast():
    graph = solution.Graph()
    x, y = graph.placeholder("x"), graph.placeholder("y")
    for kind in BINARY:
        with pytest.raises(ValueError, match="shapes"):
            graph.run([getattr(graph, kind)(x, y)], {"x": np.ones((2, 1)), "y": np.ones((1, 2))})
    with pytest.raises(ValueError, match="shapes"):
        solution.Var(np.ones((2, 1))) + solution.Var(np.ones(1))
    with pytest.raises(ValueError, match="single number"):
        (2 * solution.Var(np.ones(2))).backward()


def test_long_chains_and_high_towers():
    graph = solution.Graph()
    x = node = graph.placeholder("x")
    var = leaf = solution.Var(1.0)
    for k in range(2500):
        node = graph.neg(graph.neg(node))
        node = node if k % 50 else graph.add(node, x)
        var = 1 - (1 - var)
    (slope,) = graph.gradients(node, [x])
    assert graph.run([node, slope], {"x": np.array(1.0)}) == [51.0, 51.0]
    for _ in range(40):
        var = var + var
    var.backward()
    assert leaf.grad == 2.0**40
