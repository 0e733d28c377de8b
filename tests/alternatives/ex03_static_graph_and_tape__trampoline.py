"""Generators that ask for the values they need, run by a loop; consumers counted before the way back."""

import numpy as np


class Graph:
    def __init__(self):
        self.nodes = []
        self.last_trace = []

    @property
    def num_nodes(self):
        return len(self.nodes)

    def node(self, kind, *args):
        self.nodes.append((kind, args))
        return len(self.nodes) - 1

    def placeholder(self, name):
        return self.node("placeholder", name)

    def constant(self, value):
        return self.node("constant", np.array(value, dtype=float))

    def add(self, a, b):
        return self.node("add", a, b)

    def sub(self, a, b):
        return self.node("sub", a, b)

    def mul(self, a, b):
        return self.node("mul", a, b)

    def neg(self, a):
        return self.node("neg", a)

    def exp(self, a):
        return self.node("exp", a)

    def tanh(self, a):
        return self.node("tanh", a)

    def relu(self, a):
        return self.node("relu", a)

    def matmul(self, a, b):
        return self.node("matmul", a, b)

    def transpose(self, a):
        return self.node("transpose", a)

    def sum(self, a):
        return self.node("sum", a)

    def cond(self, pred, a, b):
        return self.node("cond", pred, a, b)

    def operands(self, node):
        kind, args = self.nodes[node]
        return () if kind in ("placeholder", "constant") else args

    def evaluate(self, node, feed_dict):
        kind, args = self.nodes[node]
        if kind == "placeholder":
            return np.array(feed_dict[args[0]], dtype=float)
        if kind == "constant":
            return args[0]
        first = yield args[0]
        if kind == "cond":
            chosen = yield args[1] if float(first.reshape(())) > 0 else args[2]
            return chosen
        if len(args) == 1:
            return self.unary(kind, first)
        second = yield args[1]
        if kind == "matmul":
            return first @ second
        if kind == "spread":
            return np.ones(second.shape) * first
        number = any(self.nodes[arg][0] == "constant" and self.nodes[arg][1][0].shape == () for arg in args)
        if first.shape != second.shape and not number:
            raise ValueError("operands of different shapes")
        return first + second if kind == "add" else first - second if kind == "sub" else first * second

    def unary(self, kind, x):
        if kind == "neg":
            return -x
        if kind == "exp":
            return np.exp(x)
        if kind == "tanh":
            return np.tanh(x)
        if kind == "relu":
            return np.where(x > 0, x, 0.0)
        if kind == "positive":
            return (x > 0) * 1.0
        if kind == "zeros":
            return np.zeros(x.shape)
        if kind == "ones":
            return np.ones(x.shape)
        return x.T if kind == "transpose" else np.array(x.sum())

    def run(self, fetches, feed_dict):
        known, trace = {}, []
        for fetch in fetches:
            if fetch in known:
                continue
            stack, answer = [(fetch, self.evaluate(fetch, feed_dict))], None
            while stack:
                node, work = stack[-1]
                try:
                    wanted = work.send(answer)
                except StopIteration as done:
                    stack.pop()
                    known[node] = answer = np.asarray(done.value)
                    trace.append(node)
                    continue
                answer = known.get(wanted)
                if answer is None:
                    stack.append((wanted, self.evaluate(wanted, feed_dict)))
        self.last_trace = trace
        return [np.array(known[fetch]) for fetch in fetches]

    def gradients(self, y, xs):
        reached, stack = {y}, [y]
        while stack:
            for operand in self.operands(stack.pop()):
                if operand not in reached:
                    reached.add(operand)
                    stack.append(operand)
        arriving = {node: [] for node in reached}
        arriving[y].append(self.node("ones", y))
        results = {}
        for node in sorted(reached, reverse=True):
            if not arriving[node]:
                continue
            total = arriving[node][0]
            for more in arriving[node][1:]:
                total = self.add(total, more)
            results[node] = total
            for operand, part in self.parts(node, total):
                arriving[operand].append(part)
        return [results.get(x) for x in xs]

    def parts(self, node, g):
        kind, args = self.nodes[node]
        if kind == "add":
            return [(args[0], g), (args[1], g)]
        if kind == "sub":
            return [(args[0], g), (args[1], self.neg(g))]
        if kind == "mul":
            return [(args[0], self.mul(args[1], g)), (args[1], self.mul(args[0], g))]
        if kind == "neg":
            return [(args[0], self.neg(g))]
        if kind == "exp":
            return [(args[0], self.mul(node, g))]
        if kind == "tanh":
            slope = self.sub(self.constant(1.0), self.mul(node, node))
            return [(args[0], self.mul(slope, g))]
        if kind == "relu":
            return [(args[0], self.mul(self.node("positive", args[0]), g))]
        if kind == "matmul":
            a, b = args
            return [(a, self.matmul(g, self.transpose(b))), (b, self.matmul(self.transpose(a), g))]
        if kind == "transpose":
            return [(args[0], self.transpose(g))]
        if kind == "sum":
            return [(args[0], self.node("spread", g, args[0]))]
        if kind == "spread":
            return [(args[0], self.sum(g))]
        if kind == "cond":
            pred, a, b = args
            none_a, none_b = self.node("zeros", a), self.node("zeros", b)
            return [(a, self.cond(pred, g, none_a)), (b, self.cond(pred, none_b, g))]
        return []


class Var:
    def __init__(self, data):
        self.data = np.array(data, dtype=float)
        self.grad = None
        self.sources = []

    def make(self, data, *sources):
        out = Var(data)
        out.sources = list(sources)
        return out

    def lift(self, other):
        if not isinstance(other, Var):
            return Var(np.zeros(self.data.shape) + other)
        if other.data.shape != self.data.shape:
            raise ValueError("different shapes")
        return other

    def __add__(self, other):
        other = self.lift(other)
        return self.make(self.data + other.data, (self, 1.0), (other, 1.0))

    __radd__ = __add__

    def __sub__(self, other):
        other = self.lift(other)
        return self.make(self.data - other.data, (self, 1.0), (other, -1.0))

    def __rsub__(self, other):
        return self.lift(other) - self

    def __mul__(self, other):
        other = self.lift(other)
        return self.make(self.data * other.data, (self, other.data.copy()), (other, self.data.copy()))

    __rmul__ = __mul__

    def __matmul__(self, other):
        a, b = self.data.copy(), other.data.copy()
        return self.make(a @ b, (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))

    def __neg__(self):
        return self.make(-self.data, (self, -1.0))

    def exp(self):
        value = np.exp(self.data)
        return self.make(value, (self, value))

    def tanh(self):
        value = np.tanh(self.data)
        return self.make(value, (self, 1.0 - value**2))

    def relu(self):
        on = self.data > 0
        return self.make(self.data * on, (self, on.astype(float)))

    def sum(self):
        return self.make(np.sum(self.data), (self, np.ones(self.data.shape)))

    def backward(self):
        if self.data.size != 1:
            raise ValueError("not a single number")
        uses, found, stack = {id(self): 0}, [self], [self]
        while stack:
            for source, _ in stack.pop().sources:
                if id(source) not in uses:
                    uses[id(source)] = 0
                    found.append(source)
                    stack.append(source)
                uses[id(source)] += 1
        sums = {id(var): np.zeros(var.data.shape) for var in found}
        sums[id(self)] = np.ones(self.data.shape)
        ready = [self]
        while ready:
            var = ready.pop()
            g = sums[id(var)]
            for source, local in var.sources:
                sums[id(source)] = sums[id(source)] + (local(g) if callable(local) else local * g)
                uses[id(source)] -= 1
                if uses[id(source)] == 0:
                    ready.append(source)
        for var in found:
            var.grad = sums[id(var)] if var.grad is None else sums[id(var)] + var.grad
