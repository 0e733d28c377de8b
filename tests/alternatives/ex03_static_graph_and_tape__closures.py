"""One table of classes for both engines: a function and its derivative rule; nodes are objects, ids their positions."""

import numpy as np


class Node:
    def __init__(self, kind, inputs=(), extra=None):
        self.kind = kind
        self.inputs = inputs
        self.extra = extra


FUNCTIONS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "neg": lambda a: -a,
    "exp": np.exp,
    "tanh": np.tanh,
    "relu": lambda a: a * (a > 0),
    "matmul": np.matmul,
    "transpose": lambda a: a.T,
    "sum": lambda a: a.sum(),
    "like": lambda g, a: np.full(a.shape, g),
    "mask": lambda a: np.heaviside(a, 0.0),
    "times0": lambda a: 0.0 * a,
}


class Graph:
    def __init__(self):
        self.num_nodes = 0
        self.last_trace = []
        self.all = []

    def new(self, kind, *inputs, extra=None):
        self.all.append(Node(kind, inputs, extra))
        self.num_nodes += 1
        return self.num_nodes - 1

    def placeholder(self, name):
        return self.new("placeholder", extra=name)

    def constant(self, value):
        return self.new("constant", extra=np.array(value).astype(np.float64))

    def add(self, a, b):
        return self.new("add", a, b)

    def sub(self, a, b):
        return self.new("sub", a, b)

    def mul(self, a, b):
        return self.new("mul", a, b)

    def neg(self, a):
        return self.new("neg", a)

    def exp(self, a):
        return self.new("exp", a)

    def tanh(self, a):
        return self.new("tanh", a)

    def relu(self, a):
        return self.new("relu", a)

    def matmul(self, a, b):
        return self.new("matmul", a, b)

    def transpose(self, a):
        return self.new("transpose", a)

    def sum(self, a):
        return self.new("sum", a)

    def cond(self, pred, a, b):
        return self.new("cond", pred, a, b)

    def run(self, fetches, feed_dict):
        """Rounds: find what is needed as far as that is known, evaluate it in order of age."""
        values = {}
        self.last_trace = []
        while True:
            needed, stack = set(), [node for node in fetches if node not in values]
            while stack:
                k = stack.pop()
                if k in needed or k in values:
                    continue
                needed.add(k)
                node = self.all[k]
                if node.kind == "cond":
                    pred, a, b = node.inputs
                    stack.append(pred)
                    if pred in values:
                        stack.append(a if values[pred].ravel()[0] > 0 else b)
                else:
                    stack.extend(node.inputs)
            if not needed:
                return [np.array(values[k], dtype=np.float64) for k in fetches]
            for k in sorted(needed):
                self.attempt(k, values, feed_dict)

    def same_shape(self, node, values):
        a, b = [values[j].shape for j in node.inputs]
        if a != b and not any(self.all[j].kind == "constant" and values[j].ndim == 0 for j in node.inputs):
            raise ValueError(f"{a} and {b}")

    def attempt(self, k, values, feed_dict):
        node = self.all[k]
        if node.kind == "placeholder":
            result = np.array(feed_dict[node.extra], dtype=np.float64)
        elif node.kind == "constant":
            result = node.extra
        elif node.kind == "cond":
            pred, a, b = node.inputs
            if pred not in values:
                return
            taken = a if values[pred].ravel()[0] > 0 else b
            if taken not in values:
                return
            result = values[taken]
        else:
            if any(j not in values for j in node.inputs):
                return
            if node.kind in ("add", "sub", "mul"):
                self.same_shape(node, values)
            result = FUNCTIONS[node.kind](*[values[j] for j in node.inputs])
        values[k] = np.asarray(result, dtype=np.float64)
        self.last_trace.append(k)

    def gradients(self, y, xs):
        one = self.constant(1.0)
        slopes = {y: self.new("like", one, y)}
        for k in reversed(range(y + 1)):
            if k not in slopes:
                continue
            g, node = slopes[k], self.all[k]
            for j, piece in zip(node.inputs, self.pieces(k, node, g), strict=False):
                if piece is not None:
                    slopes[j] = piece if j not in slopes else self.add(piece, slopes[j])
        return [slopes.get(x) for x in xs]

    def pieces(self, k, node, g):
        kind, ins = node.kind, node.inputs
        rules = {
            "add": lambda: (g, g),
            "sub": lambda: (g, self.mul(g, self.constant(-1.0))),
            "mul": lambda: (self.mul(g, ins[1]), self.mul(g, ins[0])),
            "neg": lambda: (self.neg(g),),
            "exp": lambda: (self.mul(g, self.exp(ins[0])),),
            "tanh": lambda: (self.sub(g, self.mul(self.mul(g, k), k)),),
            "relu": lambda: (self.mul(g, self.new("mask", ins[0])),),
            "matmul": lambda: (self.matmul(g, self.transpose(ins[1])), self.matmul(self.transpose(ins[0]), g)),
            "transpose": lambda: (self.transpose(g),),
            "sum": lambda: (self.new("like", g, ins[0]),),
            "like": lambda: (self.sum(g),),
            "cond": lambda: (
                None,
                self.cond(ins[0], g, self.new("times0", ins[1])),
                self.cond(ins[0], self.new("times0", ins[2]), g),
            ),
        }
        return rules[kind]() if kind in rules else ()


class Var:
    def __init__(self, data):
        self.data = np.array(data, dtype=np.float64)
        self.grad = None
        self.parents = ()
        self.rule = None

    def then(self, value, rule, *others):
        out = Var(value)
        out.parents = (self, *others)
        out.rule = rule
        return out

    def check(self, other):
        if self.data.shape != other.data.shape:
            raise ValueError("shapes")

    def __add__(self, other):
        if isinstance(other, Var):
            self.check(other)
            return self.then(self.data + other.data, lambda g: (g, g), other)
        return self.then(self.data + other, lambda g: (g,))

    def __radd__(self, other):
        return self.__add__(other)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return (-self) + other

    def __mul__(self, other):
        if isinstance(other, Var):
            self.check(other)
            a, b = self.data, other.data
            return self.then(a * b, lambda g: (g * b, g * a), other)
        return self.then(self.data * other, lambda g: (g * other,))

    def __rmul__(self, other):
        return self.__mul__(other)

    def __matmul__(self, other):
        a, b = self.data, other.data
        return self.then(a @ b, lambda g: (g @ b.T, a.T @ g), other)

    def __neg__(self):
        return self * -1

    def exp(self):
        out = np.exp(self.data)
        return self.then(out, lambda g: (g * out,))

    def tanh(self):
        return self.then(np.tanh(self.data), lambda g: (g / np.cosh(self.data) ** 2,))

    def relu(self):
        return self.then(np.maximum(0.0, self.data), lambda g: (np.where(self.data > 0, g, 0.0),))

    def sum(self):
        return self.then(self.data.sum(), lambda g: (np.broadcast_to(g, self.data.shape),))

    def backward(self):
        if self.data.size != 1:
            raise ValueError("size")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            var, finished = stack.pop()
            if finished:
                order.append(var)
            elif var not in seen:
                seen.add(var)
                stack.append((var, True))
                stack.extend((parent, False) for parent in var.parents)
        slopes = {self: np.ones_like(self.data)}
        for var in reversed(order):
            if var.rule is not None:
                for parent, piece in zip(var.parents, var.rule(slopes[var]), strict=True):
                    slopes[parent] = slopes[parent] + piece if parent in slopes else np.array(piece)
        for var, slope in slopes.items():
            if var.grad is None:
                var.grad = np.zeros(var.data.shape)
            var.grad = var.grad + slope
