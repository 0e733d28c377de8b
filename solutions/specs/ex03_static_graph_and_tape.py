"""Cases of exercise 3. A program is a list of (operation, *operands); operands are positions in the list."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part

Program = list[tuple[Any, ...]]


def build(student, program):
    """The student's graph, and its node for each line of the program."""
    graph, ids = student.Graph(), []
    for op, *rest in program:
        method = getattr(graph, op)
        ids.append(method(*rest) if op in ("placeholder", "constant") else method(*[ids[k] for k in rest]))
    return graph, ids


def fetched(student, program, fetches, feeds):
    graph, ids = build(student, program)
    return graph.run([ids[k] for k in fetches], feeds)


def numbers(student, program):
    graph, ids = build(student, program)
    return {"nodes": ids, "num_nodes": graph.num_nodes}


def traced(student, program, fetches, feeds, earlier=()):
    """Which operations were evaluated, told from last_trace; placeholders and constants don't count.

    earlier: what was fetched in a run before this one.
    """
    graph, ids = build(student, program)
    graph.run([ids[k] for k in earlier], feeds)
    values = graph.run([ids[k] for k in fetches], feeds)
    trace = list(graph.last_trace)
    given = [ids[k] for k, line in enumerate(program) if line[0] in ("placeholder", "constant")]
    operations = [node for node in trace if node not in given]
    place = {node: k for k, node in enumerate(trace)}
    before = [line[1:2] if line[0] == "cond" else line[1:] for line in program]  # a branch may come later, or never
    pairs = [(ids[j], ids[k]) for k in range(len(program)) if ids[k] not in given for j in before[k]]
    return {
        "values": values,
        "operations evaluated": sorted(set(operations)),
        "each node once": len(trace) == len(set(trace)),
        "operands first": all(place[a] < place[b] for a, b in pairs if a in place and b in place),
    }


def run_after_run(student, program, fetches, runs):
    graph, ids = build(student, program)
    seen = [graph.run([ids[k] for k in fetches], feeds) for feeds in runs]
    return {"results": seen, "num_nodes": graph.num_nodes}


def side_by_side(student, program, others, fetches, feeds):
    """Two graphs, of which the first is run when the second is there."""
    graph, ids = build(student, program)
    second, more = build(student, others)
    return graph.run([ids[k] for k in fetches], feeds), second.run([more[k] for k in fetches], feeds), graph.num_nodes


def overwritten(student, program, fetches, feeds):
    """All that went in or came out is overwritten, then the graph is run again; and whether results are apart."""
    lines = [(op, *[a.copy() if isinstance(a, np.ndarray) else a for a in rest]) for op, *rest in program]
    graph, ids = build(student, lines)
    for _, *rest in lines:
        for a in rest:
            if isinstance(a, np.ndarray):
                a.fill(-7.0)
    lent = {name: value.copy() for name, value in feeds.items()}
    first = graph.run([ids[k] for k in fetches], lent)
    copies = [np.array(value) for value in first]
    apart = not any(np.shares_memory(a, b) for a, b in itertools.combinations(first, 2))
    for value in [*lent.values(), *first]:
        if isinstance(value, np.ndarray) and value.flags.writeable:
            value[...] = np.nan
    return copies, graph.run([ids[k] for k in fetches], feeds), apart


def differentiated(student, program, y, xs, runs):
    """y and its derivatives, for each of the runs; None where there is none."""
    graph, ids = build(student, program)
    made = graph.gradients(ids[y], [ids[k] for k in xs])
    seen = []
    for feeds in runs:
        known = iter(graph.run([ids[y], *[node for node in made if node is not None]], feeds))
        seen.append({"y": next(known), "derivatives": [None if node is None else next(known) for node in made]})
    return seen[0] if len(runs) == 1 else seen


def or_zeros(student, program, y, xs, feeds):
    """As above, with zeros for None."""
    graph, ids = build(student, program)
    made = graph.gradients(ids[y], [ids[k] for k in xs])
    return with_zeros(graph, made, [ids[k] for k in xs], feeds)


def with_zeros(graph, made, xs, feeds):
    values = graph.run([x if node is None else node for node, x in zip(made, xs, strict=True)], feeds)
    return [0 * value if node is None else value for node, value in zip(made, values, strict=True)]


def differentiated_twice(student, program, y, xs, feeds):
    """The derivatives of each first derivative."""
    graph, ids = build(student, program)
    nodes = [ids[k] for k in xs]
    made = graph.gradients(ids[y], nodes)
    seen = []
    for node in made:
        seen.append(None if node is None else with_zeros(graph, graph.gradients(node, nodes), nodes, feeds))
    return {"first": with_zeros(graph, made, nodes, feeds), "second": seen}


def used_further(student, x, lr):
    """Three steps of gradient descent on sum(x**2 * x), written into the graph itself."""
    graph = student.Graph()
    rate, start = graph.constant(lr), graph.placeholder("x")
    node = start
    for _ in range(3):
        loss = graph.sum(graph.mul(graph.mul(node, node), node))
        (slope,) = graph.gradients(loss, [node])
        node = graph.sub(node, graph.mul(rate, slope))
    return graph.run([node], {"x": x})


def no_more_nodes(student, program, y, xs, runs):
    graph, ids = build(student, program)
    made = [node for node in graph.gradients(ids[y], [ids[k] for k in xs]) if node is not None]
    before = graph.num_nodes
    values = [graph.run(made, feeds) for feeds in runs]
    return {"values": values, "new nodes by running": graph.num_nodes - before}


def chain(student, length, x, slope):
    """((x * 1.0001) + 0.0001) * 1.0001 ..., which is long but harmless."""
    graph = student.Graph()
    node = start = graph.placeholder("x")
    grow, shift = graph.constant(1.0001), graph.constant(0.0001)
    for k in range(length):
        node = graph.mul(node, grow) if k % 2 else graph.add(node, shift)
    made = graph.gradients(node, [start]) if slope else []
    return graph.run([node, *made], {"x": x})


def tower(student, height, x, slope):
    """Diamonds on top of each other: every level uses the one below twice, so the paths double each time."""
    graph = student.Graph()
    node = start = graph.placeholder("x")
    half = graph.constant(0.5)
    for _ in range(height):
        node = graph.add(graph.mul(node, half), graph.mul(half, node))
    made = graph.gradients(node, [start]) if slope else []
    return graph.run([node, *made], {"x": x})


def operate(op, a, b=None):
    if op == "add":
        return a + b
    if op == "sub":
        return a - b
    if op == "mul":
        return a * b
    if op == "matmul":
        return a @ b
    return -a if op == "neg" else getattr(a, op)()


def taped(student, program, feeds):
    """The program with Vars, constants as plain numbers, and Python's if for cond."""
    leaves, values = {name: student.Var(value) for name, value in feeds.items()}, []
    for op, *rest in program:
        if op in ("placeholder", "constant"):
            values.append(leaves[rest[0]] if op == "placeholder" else rest[0])
        elif op == "cond":
            pred, a, b = [values[k] for k in rest]
            values.append(a if float(pred.data) > 0 else b)
        else:
            values.append(operate(op, *[values[k] for k in rest]))
    return leaves, values


def computed(student, program, feeds):
    return taped(student, program, feeds)[1][-1].data


def backward(student, program, feeds, times=1):
    leaves, values = taped(student, program, feeds)
    for _ in range(times):
        values[-1].backward()
    return {"value": np.array(values[-1].data), "grad": {name: leaf.grad for name, leaf in leaves.items()}}


def two_results(student, program, feeds, first, second):
    """backward from two results that share a part; the grads after each, and again from the first one."""
    leaves, values = taped(student, program, feeds)
    seen = []
    for k in (first, second, first):
        values[k].backward()
        seen.append({name: None if leaf.grad is None else np.array(leaf.grad) for name, leaf in leaves.items()})
    return seen


def set_to_none(student, program, feeds):
    leaves, values = taped(student, program, feeds)
    values[-1].backward()
    for leaf in leaves.values():
        leaf.grad = None
    values[-1].backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


def until_large(student, x, w, limit):
    """A loop whose length depends on the data."""
    start, factor, rounds = student.Var(x), student.Var(w), 0
    h = start
    while h.data.sum() < limit:
        h, rounds = h * factor, rounds + 1
    h.sum().backward()
    return {"rounds": rounds, "h": h.data, "grad of x": start.grad, "grad of w": factor.grad}


def var_chain(student, length, x):
    start = student.Var(x)
    h = start
    for k in range(length):
        h = h * 1.0001 if k % 2 else h + 0.0001
    h.sum().backward()
    return h.data, start.grad


def var_tower(student, height, x):
    start = student.Var(x)
    h = start
    for _ in range(height):
        h = h * 0.5 + 0.5 * h
    h.sum().backward()
    return h.data, start.grad


def var_overwritten(student, x):
    lent = x.copy()
    var = student.Var(lent)
    lent.fill(np.nan)
    y = (var * var).sum()
    y.backward()
    return y.data, var.grad


def grads_written_to(student, x):
    """The caller doubles one grad in place; the other one is an array of its own."""
    a, b = student.Var(x), student.Var(x)
    (a + b).sum().backward()
    a.grad *= 2
    return a.grad, b.grad


def descent(student, x, steps, lr):
    """A new tape in each step, data changed in place by the caller."""
    w = student.Var(x)
    for _ in range(steps):
        w.grad = None
        (w * w * w + 2 * w).sum().backward()
        w.data -= lr * w.grad
    return w.data


def fresh(student, data):
    var = student.Var(data)
    return {"data": var.data, "grad": var.grad}


# Programs

X, Y, S = ("placeholder", "x"), ("placeholder", "y"), ("placeholder", "s")
SQUARE: Program = [X, ("mul", 0, 0)]
CUBE_AND_MORE: Program = [X, ("mul", 0, 0), ("mul", 1, 0), ("add", 2, 0)]
DIAMOND: Program = [X, ("tanh", 0), ("mul", 1, 1), ("exp", 1), ("add", 2, 3), ("mul", 4, 1)]
LAYER: Program = [
    *(X, ("placeholder", "w"), ("placeholder", "v")),
    *(("matmul", 0, 1), ("relu", 3), ("matmul", 4, 2), ("tanh", 5), ("mul", 6, 6), ("sum", 7)),
]
CHOICE: Program = [X, Y, S, ("mul", 0, 0), ("exp", 1), ("cond", 2, 3, 4), ("sum", 5)]
NESTED: Program = [
    *(X, Y, S, ("placeholder", "t")),
    *(("tanh", 0), ("neg", 1), ("cond", 3, 4, 5), ("mul", 0, 1), ("cond", 2, 6, 7), ("add", 8, 4)),
]


def random_program(rng: np.random.Generator, length: int, tape: bool) -> tuple[Program, dict[str, np.ndarray]]:
    """A program whose last line is a number, with values of moderate size; and what to feed."""
    program: Program = [X, Y, ("placeholder", "w"), ("constant", float(rng.uniform(0.5, 1.5)))]
    shapes: list[tuple[int, ...] | None] = [(3, 4), (3, 4), (4, 3), None]

    def put(shape: tuple[int, ...], *line: Any) -> int:
        program.append(line)
        shapes.append(shape)
        return len(program) - 1

    def pick(*wanted: tuple[int, ...]) -> int:
        return int(rng.choice([k for k, shape in enumerate(shapes) if shape in wanted]))

    kinds = ["add", "sub", "mul", "neg", "exp", "tanh", "relu", "matmul", "sum", "cond", "number"]
    while len(program) < length:
        kind = str(rng.choice(kinds if tape else [*kinds, "transpose"]))
        a = pick((3, 4), (4, 3), (3, 3))
        shape = shapes[a] or ()
        if kind in ("add", "sub", "mul"):
            put(shape, "tanh", put(shape, kind, a, pick(shape)))
        elif kind == "number":
            put(shape, "mul", *rng.permutation([3, a]).tolist())
        elif kind == "exp":
            put(shape, "exp", put(shape, "tanh", a))
        elif kind == "matmul":
            put((3, 3), "tanh", put((3, 3), "matmul", pick((3, 4)), pick((4, 3))))
        elif kind == "transpose":
            put(shape[::-1], "transpose", a)
        elif kind == "cond":
            pred = put((), "sum", pick((3, 4)))
            put(shape, "cond", pred, a, pick(shape))
        else:
            put(() if kind == "sum" else shape, kind, a)
    last = len(program) - 1
    if shapes[last] != ():
        last = put((), "sum", last)
    put((), "add", last, put((), "sum", put((3, 4), "tanh", pick((3, 4)))))
    return program, {"x": rng.normal(size=(3, 4)), "y": rng.normal(size=(3, 4)), "w": rng.normal(size=(4, 3))}


def layer_feeds(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    return {"x": rng.normal(size=(n, 3)), "w": rng.normal(size=(3, 4)), "v": rng.normal(size=(4, 2))}


def choice_feeds(rng: np.random.Generator, **numbers: float) -> dict[str, np.ndarray]:
    arrays = {"x": rng.normal(size=(2, 3)), "y": rng.normal(size=(2, 3))}
    return arrays | {name: np.array(value) for name, value in numbers.items()}


# Cases


def graph_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, program, fetches, feeds, driver=None):
        return Case(f"graph: {text}", {"program": program, "fetches": fetches, "feeds": feeds}, driver=driver)

    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    yield case("3 + 4", [("constant", 3.0), ("constant", 4.0), ("add", 0, 1)], [2], {})
    yield case("x * x", SQUARE, [1], {"x": np.array([1.0, -2.0, 3.0])})
    lines: Program = [X, Y]
    for op in ("add", "sub", "mul"):
        yield case(f"x {op} y", [*lines, (op, 0, 1)], [2], {"x": x, "y": y})
    for op in ("neg", "exp", "tanh", "relu", "transpose", "sum"):
        yield case(f"{op} of x", [X, (op, 0)], [1], {"x": x})
    yield case("x matmul y", [*lines, ("matmul", 0, 1)], [2], {"x": x, "y": y.T})
    yield case("a number on either side", [X, ("constant", 3.0), ("sub", 0, 1), ("sub", 1, 2)], [3], {"x": x})
    yield case("a constant array", [X, ("constant", y), ("mul", 0, 1)], [2, 1], {"x": x})
    yield case("two layers", LAYER, [8], layer_feeds(rng, 5))
    yield case("three fetches, one of them twice", DIAMOND, [5, 2, 5], {"x": x})
    yield case("a placeholder is fetched", [X], [0], {"x": x})
    yield case("nothing is fetched", DIAMOND, [], {"x": x})
    inputs = {"program": DIAMOND}
    yield Case("graph: nodes are counted from 0", inputs, driver=numbers)
    yield case("integers become float64", SQUARE, [1, 0], {"x": np.arange(4)})
    yield case("float32 becomes float64", SQUARE, [1, 0], {"x": x.astype(np.float32)})
    pixels: Program = [("constant", np.array([0, 200], np.uint8)), ("neg", 0)]
    yield case("a constant of integers becomes float64", pixels, [1, 0], {})
    yield case("Fortran order and reversed", [*lines, ("mul", 0, 1)], [2], {"x": np.asfortranarray(x), "y": y[::-1]})
    yield case("an empty batch", LAYER, [8, 6], layer_feeds(rng, 0))
    yield case("more is fed than needed", SQUARE, [1], {"x": x, "nobody": y})
    yield case("y isn't needed and isn't fed", [*lines, ("mul", 0, 0), ("exp", 1)], [2], {"x": x})
    yield case("y is needed and isn't fed", [*lines, ("mul", 0, 1)], [2], {"x": x})
    yield case("shapes (2, 3) and (3,)", [*lines, ("add", 0, 1)], [2], {"x": x, "y": y[0]})
    yield case("shapes (2, 1) and (1, 3)", [*lines, ("mul", 0, 1)], [2], {"x": x[:, :1], "y": y[:1]})
    yield case("shapes (2, 3) and (1, 3)", [*lines, ("sub", 0, 1)], [2], {"x": x, "y": y[:1]})
    yield case("shapes (1, 1) and (2, 3)", [*lines, ("mul", 0, 1)], [2], {"x": x[:1, :1], "y": y})
    yield case("a number that is fed, and shape (2, 3)", [*lines, ("mul", 0, 1)], [2], {"x": np.array(2.0), "y": y})
    yield case("x minus its sum, which is no constant", [X, ("sum", 0), ("sub", 0, 1)], [2], {"x": x})
    yield case("matrices that don't fit", [*lines, ("matmul", 0, 1)], [2], {"x": x, "y": y})
    yield case("which nodes are evaluated, and in which order", DIAMOND, [5], {"x": x}, traced)
    yield case("only what the fetch needs is evaluated", DIAMOND, [2], {"x": x}, traced)
    inputs = {"program": DIAMOND, "fetches": [2], "feeds": {"x": x}, "earlier": [5]}
    yield Case("graph: last_trace is that of the last run", inputs, driver=traced)
    stacked: Program = [X, ("add", 0, 0), ("add", 1, 1), ("add", 2, 2), ("add", 3, 3), ("add", 4, 4)]
    yield case("a node that is needed twice is evaluated once", stacked, [5, 3], {"x": x}, traced)
    runs = [{"x": x}, {"x": 2 * x}, {"x": rng.normal(size=(4, 5))}]
    inputs = {"program": DIAMOND, "fetches": [5, 3], "runs": runs}
    yield Case("graph: three runs with other values and another shape", inputs, driver=run_after_run)
    inputs = {"program": LAYER, "fetches": [8], "runs": [layer_feeds(rng, 2), layer_feeds(rng, 7)]}
    yield Case("graph: two batch sizes", inputs, driver=run_after_run)
    yield case("arrays are overwritten", [X, ("constant", y), ("mul", 0, 1)], [2, 1, 0, 2], {"x": x}, overwritten)
    inputs = {"program": DIAMOND, "others": CUBE_AND_MORE, "fetches": [3, 1], "feeds": {"x": x}}
    yield Case("graph: two graphs side by side", inputs, driver=side_by_side)
    program: Program = [X, ("constant", y), ("transpose", 1), ("sum", 0), ("mul", 3, 3), ("cond", 4, 1, 0)]
    yield case("a constant is overwritten by way of other nodes", program, [2, 5], {"x": x}, overwritten)
    for number in range(1, 5):
        program, feeds = random_program(rng, 10 * number, tape=False)
        yield case(f"random program {number}", program, [len(program) - 1, len(program) - 4], feeds, traced)
    yield Case("graph: a chain of 5000", {"length": 5000, "x": x[:1], "slope": False}, driver=chain)
    yield Case("graph: diamonds, 30 on top of each other", {"height": 30, "x": x, "slope": False}, driver=tower)


def cond_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, program, fetches, feeds, driver=None):
        return Case(f"cond: {text}", {"program": program, "fetches": fetches, "feeds": feeds}, driver=driver)

    both = choice_feeds(rng)
    yield case("positive", CHOICE, [5], {**both, "s": np.array(2.0)})
    yield case("negative", CHOICE, [5], {**both, "s": np.array(-2.0)})
    yield case("0 isn't positive", CHOICE, [5], {**both, "s": np.array(0.0)})
    yield case("a tiny number is positive", CHOICE, [5], {**both, "s": np.array(1e-300)})
    yield case("pred has shape (1, 1)", CHOICE, [5], {**both, "s": np.array([[0.5]])})
    yield case("pred is computed", [X, ("sum", 0), ("neg", 0), ("cond", 1, 0, 2)], [3], {"x": -np.ones(3)})
    yield case("branches of different shapes", CHOICE, [5, 6], {**both, "y": rng.normal(size=4), "s": np.array(-1.0)})
    yield case("the same node in both branches", [X, S, ("cond", 1, 0, 0)], [2], {"x": both["x"], "s": np.array(1.0)})
    yield case("y isn't needed and isn't fed", CHOICE, [6], {"x": both["x"], "s": np.array(1.0)}, traced)
    yield case("x isn't needed and isn't fed", CHOICE, [6], {"y": both["y"], "s": np.array(-1.0)}, traced)
    yield case("y is needed and isn't fed", CHOICE, [6], {"x": both["x"], "s": np.array(-1.0)})
    yield case("pred isn't fed", CHOICE, [6], both)
    bad: Program = [X, Y, S, ("matmul", 0, 1), ("add", 0, 0), ("cond", 2, 3, 4)]
    yield case("an impossible branch that isn't taken", bad, [5], choice_feeds(rng, s=-1.0), traced)
    yield case("an impossible branch that is taken", bad, [5], choice_feeds(rng, s=1.0))
    for s in (1.0, -1.0):
        for t in (1.0, -1.0):
            yield case(f"nested, s {s}, t {t}", NESTED, [9], choice_feeds(rng, s=s, t=t), traced)
    yield case("nested, t isn't needed and isn't fed", NESTED, [8], choice_feeds(rng, s=-1.0), traced)
    shared: Program = [X, S, ("exp", 0), ("tanh", 2), ("neg", 2), ("cond", 1, 3, 4), ("add", 5, 4)]
    yield case("the other branch is needed elsewhere", shared, [6], choice_feeds(rng, s=1.0), traced)
    runs = [choice_feeds(rng, s=s) for s in (1.0, -1.0, 1.0)]
    yield Case("cond: chosen anew in each run", {"program": CHOICE, "fetches": [6], "runs": runs}, driver=run_after_run)


def gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, program, y, xs, *runs, driver=None):
        return Case(f"gradients: {text}", {"program": program, "y": y, "xs": xs, "runs": list(runs)}, driver=driver)

    def zeros(text, program, y, xs, feeds, driver=or_zeros):
        return Case(f"gradients: {text}", {"program": program, "y": y, "xs": xs, "feeds": feeds}, driver=driver)

    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    yield case("3 * x", [X, ("constant", 3.0), ("mul", 0, 1)], 2, [0], {"x": np.array([1.0, 2.0])})
    yield case("x * x + x", [X, ("mul", 0, 0), ("add", 1, 0)], 2, [0], {"x": np.array([1.0, -2.0, 3.0])})
    for op in ("add", "sub", "mul"):
        program: Program = [X, Y, (op, 0, 1), ("tanh", 2)]
        yield case(f"x {op} y", program, 3, [0, 1], {"x": x, "y": y})
    for op in ("neg", "exp", "tanh", "relu", "transpose", "sum"):
        yield case(f"{op} of x", [X, (op, 0), ("mul", 1, 1)], 2, [0], {"x": x})
    program = [X, Y, ("matmul", 0, 1), ("tanh", 2)]
    yield case("x matmul y", program, 3, [0, 1], {"x": x, "y": rng.normal(size=(3, 4))})
    yield case("square matrices", program, 3, [1, 0], {"x": rng.normal(size=(3, 3)), "y": rng.normal(size=(3, 3))})
    yield case("relu at exactly 0", [X, ("relu", 0)], 1, [0], {"x": np.array([0.0, -0.0, 1.0, -1.0])})
    yield case("diamond", DIAMOND, 5, [0], {"x": x})
    yield case("by nodes in the middle", DIAMOND, 5, [1, 2, 3, 4, 0, 1], {"x": x})
    yield case("y by itself", DIAMOND, 5, [5, 0], {"x": x})
    yield case("y doesn't depend on x", [X, Y, ("exp", 1)], 2, [0, 1], {"x": x, "y": y})
    yield case("nodes behind y don't matter", [X, ("exp", 0), ("mul", 1, 0)], 1, [0, 2], {"x": x})
    yield case("two layers", LAYER, 8, [0, 1, 2], layer_feeds(rng, 5))
    yield case("y is an array: the sum of its elements", LAYER, 6, [1, 2], layer_feeds(rng, 5))
    yield case("two runs with two batch sizes", LAYER, 8, [1, 2], layer_feeds(rng, 2), layer_feeds(rng, 7))
    runs = layer_feeds(rng, 2), layer_feeds(rng, 6)
    yield case("running adds no nodes", LAYER, 8, [1, 2], *runs, driver=no_more_nodes)
    yield case("a number minus x", [X, ("constant", 1.0), ("sub", 1, 0), ("mul", 2, 2)], 3, [0], {"x": x})
    yield case("integers become float64", SQUARE, 1, [0], {"x": np.arange(4)})
    yield zeros("cond, s is exactly 0", CHOICE, 6, [0, 1], choice_feeds(rng, s=0.0))
    for s in (1.0, -1.0):
        yield zeros(f"cond, s {s}", CHOICE, 6, [0, 1], choice_feeds(rng, s=s))
        yield zeros(f"nested cond, s {s}", NESTED, 9, [0, 1], choice_feeds(rng, s=s, t=-s))
    for s in (1.0, -1.0):
        yield zeros(
            f"cond without further operations, s {s}", [X, Y, S, ("cond", 2, 0, 1)], 3, [0, 1], choice_feeds(rng, s=s)
        )
    program = [X, ("sum", 0), ("tanh", 0), ("cond", 1, 0, 2), ("mul", 3, 0)]
    yield zeros("cond, pred depends on x", program, 4, [0], {"x": np.array([0.5, 1.0])})
    yield zeros("cond, s only chooses", CHOICE, 6, [2, 0], choice_feeds(rng, s=1.0))
    yield zeros("cond, chosen anew", CHOICE, 6, [0, 1], choice_feeds(rng, s=-3.0))
    for number in range(1, 7):
        program, feeds = random_program(rng, 6 * number, tape=False)
        yield zeros(f"random program {number}", program, len(program) - 1, [0, 1, 2], feeds)
    yield zeros("second derivatives of x * x * x + x", CUBE_AND_MORE, 3, [0], {"x": x}, differentiated_twice)
    yield zeros("second derivatives of a diamond", DIAMOND, 5, [0], {"x": x}, differentiated_twice)
    yield zeros("second derivatives of two layers", LAYER, 8, [0, 1, 2], layer_feeds(rng, 4), differentiated_twice)
    program = [X, Y, ("mul", 0, 1), ("exp", 2), ("sub", 3, 1), ("sum", 4), ("mul", 5, 5)]
    yield zeros("second derivatives, mixed", program, 6, [0, 1], {"x": 0.3 * x, "y": y}, differentiated_twice)
    program = [X, Y, S, ("mul", 0, 0), ("mul", 3, 1), ("exp", 1), ("cond", 2, 4, 5), ("sum", 6), ("tanh", 7)]
    for s in (1.0, -1.0):
        feeds = choice_feeds(rng, s=s)
        yield zeros(f"second derivatives, cond, s {s}", program, 8, [0, 1], feeds, differentiated_twice)
    for number in range(1, 4):
        program, feeds = random_program(rng, 6 + 3 * number, tape=False)
        text = f"second derivatives, random program {number}"
        yield zeros(text, program, len(program) - 1, [0, 1, 2], feeds, differentiated_twice)
    yield Case("gradients: descent as part of the graph", {"x": 0.3 * x, "lr": 0.1}, driver=used_further)
    yield Case("gradients: a chain of 5000", {"length": 5000, "x": x[:1], "slope": True}, driver=chain)
    yield Case("gradients: diamonds, 30 on top of each other", {"height": 30, "x": x, "slope": True}, driver=tower)


def var_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, program, driver=None, **feeds):
        return Case(f"tape: {text}", {"program": program, "feeds": feeds}, driver=driver)

    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    three: Program = [X, ("constant", 3.0)]
    yield case("the value of 3 * x", [*three, ("mul", 1, 0)], computed, x=np.array([1.0, 2.0]))
    yield case("3 * x", [*three, ("mul", 1, 0)], x=np.array(2.0))
    yield case("the value of shapes (2, 3) and (1, 3)", [X, Y, ("add", 0, 1)], computed, x=x, y=y[:1])
    yield case("the value of shapes (2, 3) and (3,)", [X, Y, ("mul", 0, 1)], computed, x=x, y=y[0])
    yield case("the value of a sum, which is a Var, times x", [X, ("sum", 0), ("mul", 1, 0)], computed, x=x)
    yield case("the value of x minus its sum, which is a Var", [X, ("sum", 0), ("sub", 0, 1)], computed, x=x)
    yield Case("tape: a new Var", {"data": x}, driver=fresh)
    yield Case("tape: a new Var of integers", {"data": np.arange(3)}, driver=fresh)
    yield Case("tape: a new Var of a number", {"data": 2}, driver=fresh)
    for op in ("add", "sub", "mul"):
        yield case(f"x {op} y", [X, Y, (op, 0, 1), ("tanh", 2), ("sum", 3)], x=x, y=y)
        yield case(f"x {op} 3", [*three, (op, 0, 1), ("tanh", 2), ("sum", 3)], x=x)
        yield case(f"3 {op} x", [*three, (op, 1, 0), ("tanh", 2), ("sum", 3)], x=x)
    whole: Program = [X, ("constant", 2), ("mul", 1, 0), ("sub", 2, 1), ("mul", 3, 3), ("sum", 4)]
    yield case("Python integers", whole, x=x)
    for op in ("neg", "exp", "tanh", "relu"):
        yield case(f"{op} of x", [X, (op, 0), ("mul", 1, 1), ("sum", 2)], x=x)
    yield case("sum of x", [X, ("sum", 0), ("mul", 1, 1)], x=x)
    yield case("x matmul y", [X, Y, ("matmul", 0, 1), ("tanh", 2), ("sum", 3)], x=x, y=rng.normal(size=(3, 4)))
    yield case("relu at exactly 0", [X, ("relu", 0), ("sum", 1)], x=np.array([0.0, -0.0, 1.0, -1.0]))
    yield case("x * x + x", [X, ("mul", 0, 0), ("add", 1, 0), ("sum", 2)], x=x)
    yield case("diamond", [*DIAMOND, ("sum", 5)], x=x)
    yield case("two layers", LAYER, **layer_feeds(rng, 5))
    yield case("y takes no part", [X, Y, ("mul", 0, 0), ("sum", 2)], x=x, y=y)
    yield case("a single element, shape (1, 1)", [X, ("mul", 0, 0)], x=np.array([[3.0]]))
    yield case("backward from a Var without operations, shape (1,)", [X], x=np.array([3.0]))
    yield case("backward from an array", [X, ("mul", 0, 0)], x=x)
    yield case("backward from an empty array", [X, ("mul", 0, 0)], x=np.zeros(0))
    yield case("the sum of an empty array", [X, ("exp", 0), ("sum", 1)], x=np.zeros((0, 3)))
    yield case("integers become float64", [X, ("mul", 0, 0), ("sum", 1)], x=np.arange(4))
    yield case("float32 becomes float64", [X, ("exp", 0), ("sum", 1)], x=x.astype(np.float32))
    yield case("reversed and Fortran order", [X, Y, ("mul", 0, 1), ("sum", 2)], x=x[::-1], y=np.asfortranarray(y))
    yield case("shapes (2, 3) and (3,)", [X, Y, ("add", 0, 1), ("sum", 2)], x=x, y=y[0])
    yield case("shapes (2, 1) and (1, 3)", [X, Y, ("mul", 0, 1), ("sum", 2)], x=x[:, :1], y=y[:1])
    yield case("matrices that don't fit", [X, Y, ("matmul", 0, 1), ("sum", 2)], x=x, y=y)
    for times in (2, 3):
        inputs = {"program": [*DIAMOND, ("sum", 5)], "feeds": {"x": x}, "times": times}
        yield Case(f"tape: backward is called {times} times", inputs)
    program: Program = [X, Y, ("mul", 0, 1), ("tanh", 2), ("sum", 3), ("mul", 3, 3), ("add", 5, 0), ("sum", 6)]
    inputs = {"program": program, "feeds": {"x": x, "y": y}, "first": 4, "second": 7}
    yield Case("tape: backward from two results that share a part", inputs, driver=two_results)
    yield case("grad is set to None in between", program, set_to_none, x=x, y=y)
    yield Case("tape: the caller overwrites the data", {"x": x}, driver=var_overwritten)
    yield Case("tape: the caller doubles one grad in place", {"x": x}, driver=grads_written_to)
    inputs = {"x": rng.uniform(0.5, 1, 3), "w": rng.uniform(1.2, 1.9, 3), "limit": 50.0}
    yield Case("tape: a loop until the sum is large", inputs, driver=until_large)
    yield Case("tape: no round at all", {**inputs, "limit": 0.0}, driver=until_large)
    yield Case("tape: gradient descent", {"x": 0.5 * x, "steps": 5, "lr": 0.05}, driver=descent)
    for number in range(1, 7):
        program, feeds = random_program(rng, 6 * number, tape=True)
        yield case(f"random program {number}", program, **feeds)
    yield Case("tape: a chain of 5000", {"length": 5000, "x": x}, driver=var_chain)
    yield Case("tape: diamonds, 30 on top of each other", {"height": 30, "x": x}, driver=var_tower)


SUMS = "total[operand] = self.add(total[operand], g) if operand in total else g"
COLLECT = "totals[origin] += pullback(g)"
KEEP = "var.grad = g.copy() if var.grad is None else var.grad + g"
NEEDED = "return (pred, a if values[pred].item() > 0 else b) if pred in values else (pred,)"
RECURSIVE_RUN = """
class Graph(Graph):
    def run(self, fetches, feed_dict):
        values, self.last_trace = {}, []

        def visit(node):
            if node not in values:
                for operand in self._needed(node, values):
                    visit(operand)
                for operand in self._needed(node, values):
                    visit(operand)
                values[node] = self._evaluate(node, values, feed_dict)
                self.last_trace.append(node)
            return values[node]

        return [visit(fetch).copy() for fetch in fetches]
"""
NO_MEMO = """
class Graph(Graph):
    def run(self, fetches, feed_dict):
        self.last_trace = []

        def visit(node):
            values = {}
            while missing := [operand for operand in self._needed(node, values) if operand not in values]:
                values[missing[0]] = visit(missing[0])
            self.last_trace.append(node)
            if len(self.last_trace) > 5000:  # cases that go on for hours end a submission; this one has to end itself
                raise RuntimeError("too many evaluations")
            return self._evaluate(node, values, feed_dict)

        return [visit(fetch).copy() for fetch in fetches]
"""
RECURSIVE_TAPE = """
class Var(Var):
    def backward(self):
        if self.data.size != 1:
            raise ValueError("backward starts from a single number")
        order, seen = [], set()

        def visit(var):
            if var not in seen:
                seen.add(var)
                for origin, _ in var._origins:
                    visit(origin)
                order.append(var)

        visit(self)
        totals = {var: np.zeros_like(var.data) for var in order}
        totals[self] = np.ones_like(self.data)
        for var in reversed(order):
            g = totals[var]
            var.grad = g.copy() if var.grad is None else var.grad + g
            for origin, pullback in var._origins:
                totals[origin] = totals[origin] + pullback(g)
"""
TOO_EARLY = """
class Var(Var):
    def backward(self):
        if self.data.size != 1:
            raise ValueError("backward starts from a single number")
        totals, stack, steps = {self: np.ones_like(self.data)}, [self], 0
        while stack:
            var, steps = stack.pop(), steps + 1
            if steps > 20_000:  # as above
                raise RuntimeError("too many steps")
            for origin, pullback in var._origins:
                totals[origin] = totals.get(origin, 0.0) + pullback(totals[var])
                stack.append(origin)
        for var, g in totals.items():
            var.grad = np.array(g) if var.grad is None else var.grad + g
"""

exercise = Exercise(
    cpu_seconds=1.0,
    parts=(
        Part(
            "Graph",
            graph_cases,
            driver=fetched,
            uses=("Graph",),
            hints=(
                "Building only takes notes: for each node its kind and the nodes it is computed from.",
                "run needs a dictionary of values that lives as long as the run, and a way to evaluate operands before "
                "what uses them.",
                "Keep a stack, starting with the fetches. If operands of the top node are missing, push them; if not, "
                "evaluate it, write it down in values and last_trace, and pop it. Compare shapes before +, - and *.",
            ),
        ),
        Part(
            "cond",
            cond_cases,
            driver=fetched,
            uses=("Graph",),
            hints=(
                "Which operands a cond needs isn't known before its first operand is.",
                "Ask for pred alone; as soon as it has a value, ask for one of the branches.",
                "In your stack machine: operands of cond are (pred,) while pred has no value, and (pred, taken branch) "
                "afterwards. The value of cond is that of the taken branch.",
            ),
        ),
        Part(
            "gradients",
            gradient_cases,
            driver=differentiated,
            uses=("Graph",),
            hints=(
                "Each kind of operation has a rule from the derivative by its result to those by its operands. "
                "Here the rule makes nodes.",
                "A node passes its derivative on when all that use it have done so. Since operands are older than what "
                "uses them, going through the numbers from y down to 0 is such an order.",
                "Start with ones in the shape of y, kept as a node. sum needs a node that spreads a number over the "
                "shape of another node, relu one that is 1 where its operand is positive, cond one that is zeros.",
            ),
        ),
        Part(
            "Var",
            var_cases,
            driver=backward,
            hints=(
                "Each result remembers the Vars it was made from and, for each, how a derivative is passed back.",
                "backward adds up in a dictionary of its own, in an order in which every Var is complete before it is "
                "passed on, and adds the sums to grad at the end.",
                "Give each Var a running number. Take the youngest waiting Var first (heapq with negative numbers): "
                "everything that was computed from it is younger and therefore done.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "overwrite_grad",
            ("gradients", "Var"),
            "Your derivatives from several paths replace each other; the last one wins.",
            "Differentiate x * x + x by hand. How many times does x get something?",
            edits=((SUMS, "total[operand] = g"), (COLLECT, "totals[origin] = pullback(g)")),
        ),
        Misconception(
            "dfs_double_count",
            "Var",
            "Your backward passes a derivative on before it is complete, and parts of it twice.",
            "In a diamond, when is the derivative of the lower node complete?",
            code=TOO_EARLY,
        ),
        Misconception(
            "no_memo",
            ("Graph", "cond", "gradients"),
            "Your run evaluates a node again for each operation that uses it.",
            "Count the evaluations of the lowest node under 30 diamonds on top of each other.",
            code=NO_MEMO,
        ),
        Misconception(
            "recursive_run",
            ("Graph", "gradients"),
            "Your run recurses, and a long chain of operations ends in RecursionError.",
            "How deep is the call stack for a chain of 5000 operations?",
            code=RECURSIVE_RUN,
        ),
        Misconception(
            "eager_cond",
            "cond",
            "Your cond evaluates both branches and then chooses.",
            "What if something that only the other branch needs isn't fed?",
            edits=(
                (NEEDED, "return pred, a, b"),
                ('"cond": lambda pred, taken: taken,', '"cond": lambda pred, a, b: a if pred.item() > 0 else b,'),
            ),
        ),
        Misconception(
            "cond_at_zero",
            "cond",
            "Your cond takes the first branch at 0.",
            "Is 0 positive?",
            edits=(("values[pred].item() > 0", "values[pred].item() >= 0"),),
        ),
        Misconception(
            "cond_differentiates_both",
            "gradients",
            "Your cond passes its derivative on to both branches.",
            "How does the result change if something in the branch that isn't taken changes?",
            edits=(
                (
                    'self.cond(pred, g, self._add("zeros", a)), self.cond(pred, self._add("zeros", b), g)]',
                    "g, g]",
                ),
            ),
        ),
        Misconception(
            "first_feed_cached",
            ("Graph", "cond", "gradients"),
            "Your second run still uses values of the first one.",
            "Which part of a static graph may change between runs, and which may not?",
            edits=(("values: dict[int, np.ndarray] = {}", "values = self.__dict__.setdefault('_cache', {})"),),
        ),
        Misconception(
            "all_must_be_fed",
            ("Graph", "cond"),
            "Your run asks for all placeholders, whether they are needed or not.",
            "Does the value of x * x depend on y?",
            edits=(
                (
                    "        stack = list(fetches)\n",
                    "        [feed_dict[name] for name in self._given.values() if isinstance(name, str)]\n"
                    "        stack = list(fetches)\n",
                ),
            ),
        ),
        Misconception(
            "everything_is_evaluated",
            ("Graph", "cond"),
            "Your run evaluates nodes that no fetch needs.",
            "Which nodes does the fetch depend on?",
            edits=(
                (
                    "        stack = list(fetches)\n",
                    "        names = [(k, name) for k, name in self._given.items() if isinstance(name, str)]\n"
                    "        unfed = {k for k, name in names if name not in feed_dict}\n"
                    "        for k, operands in enumerate(self._operands):\n"
                    "            unfed |= {k} if unfed.intersection(operands) else set()\n"
                    "        stack = [*fetches, *sorted(set(range(self.num_nodes)) - unfed)]\n",
                ),
            ),
        ),
        Misconception(
            "trace_goes_on",
            "Graph",
            "Your last_trace goes on from run to run.",
            "After two runs, which of them should last_trace tell about?",
            edits=(("        self.last_trace = []\n        stack", "        stack"),),
        ),
        Misconception(
            "silent_broadcasting",
            ("Graph", "Var"),
            "Your operations broadcast operands of different shapes.",
            "What should (2, 1) times (1, 3) give here?",
            edits=(
                ("            self._check_shapes(node, *operands)\n", "            pass\n"),
                ("if self.data.shape != other.data.shape:", "if False:"),
            ),
        ),
        Misconception(
            "sub_sign",
            ("gradients", "Var"),
            "Your difference passes the same derivative to both operands.",
            "What happens to a - b if b grows?",
            edits=(
                ("return [g, self.neg(g)]", "return [g, g]"),
                ("(other, lambda g: -g)", "(other, lambda g: g)"),
            ),
        ),
        Misconception(
            "tanh_of_the_input",
            ("gradients", "Var"),
            "Your derivative of tanh is computed from its input as if that were its output.",
            "Which of the two is squared in it?",
            edits=(
                ('            case "tanh", _:\n', '            case "tanh", (a,):\n'),
                ("self.mul(g, self.mul(node, node))", "self.mul(g, self.mul(a, a))"),
                ("g * (1 - y * y)", "g * (1 - self.data * self.data)"),
            ),
        ),
        Misconception(
            "relu_at_zero",
            ("gradients", "Var"),
            "Your relu has slope 1 at exactly 0.",
            "Which convention does the docstring name for the kink?",
            edits=(
                ("np.where(a > 0, 1.0, 0.0)", "np.where(a >= 0, 1.0, 0.0)"),
                ("g * (self.data > 0)", "g * (self.data >= 0)"),
            ),
        ),
        Misconception(
            "recursive_backward",
            "Var",
            "Your backward recurses, and a long chain of operations ends in RecursionError.",
            "How deep is the call stack for a chain of 5000 operations?",
            code=RECURSIVE_TAPE,
        ),
        Misconception(
            "grad_reset",
            "Var",
            "Your second call of backward replaces grad instead of adding to it.",
            "What does a framework's zero_grad exist for?",
            edits=((KEEP, "var.grad = g.copy()"),),
        ),
        Misconception(
            "old_sums_passed_on",
            "Var",
            "Your second call of backward passes on what the first one has left in the grads of intermediate results.",
            "Which derivatives belong to this call, and which to an earlier one?",
            edits=(
                (
                    "g = totals[var]\n            " + KEEP,
                    KEEP.replace("g.copy()", "totals[var].copy()").replace("+ g", "+ totals[var]")
                    + "\n            g = var.grad",
                ),
            ),
        ),
        Misconception(
            "starts_from_arrays",
            "Var",
            "Your backward starts from any array, as if it had been summed up.",
            "Which derivative is asked for if the result is an array?",
            edits=(("if self.data.size != 1:", "if False:"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "for node in range(y, -1, -1):  # operands are older than what uses them",
            "for node in range(y, ~1, -1):  # operands are older than what uses them",
            "nothing is known of a node -1",
        ),
        Equivalent(
            "for node in range(y, -1, -1):  # operands are older than what uses them",
            "for node in range(y, - 2, -1):  # operands are older than what uses them",
            "nothing is known of a node -1",
        ),
        Equivalent(
            "for node in range(y, -1, -1):  # operands are older than what uses them",
            "for node in range(y, not 1, -1):  # operands are older than what uses them",
            "the first node has no operands",
        ),
        Equivalent(
            "for node in range(y, -1, -1):  # operands are older than what uses them",
            "for node in range(y, - 0, -1):  # operands are older than what uses them",
            "the first node has no operands",
        ),
        Equivalent(
            'if kind == "placeholder":',
            'if kind is "placeholder":',
            "Python keeps one object for such a string",
        ),
        Equivalent(
            'if kind == "constant":',
            'if kind is "constant":',
            "Python keeps one object for such a string",
        ),
        Equivalent(
            'if self._kinds[node] != "cond":',
            'if self._kinds[node] is not "cond":',
            "Python keeps one object for such a string",
        ),
        Equivalent(
            "totals, waiting = {self: np.ones_like(self.data)}, [(-self._age, self)]",
            "totals, waiting = {self: np.ones_like(self.data)}, [(+self._age, self)]",
            "the first one waits alone",
        ),
        Equivalent(
            "totals, waiting = {self: np.ones_like(self.data)}, [(-self._age, self)]",
            "totals, waiting = {self: np.ones_like(self.data)}, [(~self._age, self)]",
            "the first one waits alone",
        ),
        Equivalent(
            "totals, waiting = {self: np.ones_like(self.data)}, [(-self._age, self)]",
            "totals, waiting = {self: np.ones_like(self.data)}, [(not self._age, self)]",
            "the first one waits alone",
        ),
        Equivalent(
            "totals, waiting = {self: np.ones_like(self.data)}, [(-self._age, self)]",
            "totals, waiting = {self: np.ones_like(self.data)}, [(self._age, self)]",
            "the first one waits alone",
        ),
        Equivalent(
            "heapq.heappush(waiting, (-origin._age, origin))",
            "heapq.heappush(waiting, (~origin._age, origin))",
            "that is one less for all of them",
        ),
    ),
)
