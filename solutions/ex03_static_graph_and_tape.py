"""3 · How do define-and-run and define-by-run differ? Build one of each

Frameworks differ in when the computation graph comes into being. `Graph` is define-and-run: first you describe the
computation, with names in place of data, then you run it as often as you like. `Var` is define-by-run: every
operation is executed at once and remembered on a tape. Both differentiate by going backwards through the graph.

Rules for both:

* All values are float64 arrays; whatever comes in (integers, float32) is converted. Arrays that come in are copied:
  the caller may overwrite them, and finds them unchanged. Results that are handed out are new arrays.
* Operands of +, -, * have the same shape, otherwise ValueError: nothing is broadcast. The one exception is a plain
  number, which goes with any shape: in a Graph a constant without dimensions, with Var a Python number.
* matmul takes two matrices (ValueError if they don't fit together), sum adds up all elements and has no dimensions.
* relu has slope 0 at 0.
* A chain of 5000 operations is ordinary, and so is a node that is reached on a billion paths. Don't recurse, and visit
  each node once.

Only numpy: neither PyTorch nor TensorFlow is needed, and importing them isn't allowed here.
Sources: Abadi et al. 2016, TensorFlow (OSDI), arXiv 1605.08695; Paszke et al. 2019, PyTorch, arXiv 1912.01703;
Baydin et al. 2018, Automatic differentiation in machine learning: a survey, arXiv 1502.05767
"""

import heapq
import itertools
from collections.abc import Callable

import numpy as np


class Graph:
    """A computation graph that is built first and run later.

    Nodes are integers, counted from 0 in the order in which they are made. Nothing is computed before `run`; so
    shapes aren't known before either, and one graph serves batches of any size.

    num_nodes: int, how many nodes there are. Running adds none.
    last_trace: list of the nodes that the last `run` evaluated, each once, operands before what needs them.
        Placeholders and constants may be in it or not.
    """

    def __init__(self) -> None:
        """Make an empty graph."""
        self.num_nodes = 0
        self.last_trace: list[int] = []
        self._kinds: list[str] = []
        self._operands: list[tuple[int, ...]] = []
        self._given = {}  # the name of a placeholder, the value of a constant

    def placeholder(self, name: str) -> int:
        """Add a node whose value comes from feed_dict[name]. Every placeholder has a name of its own."""
        node = self._add("placeholder")
        self._given[node] = name
        return node

    def constant(self, value: float | np.ndarray) -> int:
        """Add a node with a fixed value, a number or an array."""
        node = self._add("constant")
        self._given[node] = np.array(value, dtype=np.float64)
        return node

    def add(self, a: int, b: int) -> int:
        """Add the node a + b."""
        return self._add("add", a, b)

    def sub(self, a: int, b: int) -> int:
        """Add the node a - b."""
        return self._add("sub", a, b)

    def mul(self, a: int, b: int) -> int:
        """Add the node a * b, element by element."""
        return self._add("mul", a, b)

    def neg(self, a: int) -> int:
        """Add the node -a."""
        return self._add("neg", a)

    def exp(self, a: int) -> int:
        """Add the node exp(a)."""
        return self._add("exp", a)

    def tanh(self, a: int) -> int:
        """Add the node tanh(a)."""
        return self._add("tanh", a)

    def relu(self, a: int) -> int:
        """Add the node max(a, 0)."""
        return self._add("relu", a)

    def matmul(self, a: int, b: int) -> int:
        """Add the node a @ b for matrices a and b."""
        return self._add("matmul", a, b)

    def transpose(self, a: int) -> int:
        """Add the node a.T for a matrix a."""
        return self._add("transpose", a)

    def sum(self, a: int) -> int:
        """Add the node with the sum of all elements of a."""
        return self._add("sum", a)

    def cond(self, pred: int, a: int, b: int) -> int:
        """Add the node with the value of a if pred > 0, else that of b.

        pred has a single element. The choice is made anew in each run, and it is lazy: what only the other branch
        needs isn't evaluated and needn't be fed.
        """
        return self._add("cond", pred, a, b)

    def gradients(self, y: int, xs: list[int]) -> list[int | None]:
        """Add nodes for the derivatives of the sum of y's elements by each of xs, and return them.

        xs: placeholders or results of operations. None stands for one that y doesn't depend on; y itself has ones.
        The nodes are ordinary ones: they can be fetched, used in further operations, and differentiated again.
        Through cond, only the branch that is taken gets a derivative; the other one gets zeros. pred gets none
        (for something that y depends on by way of pred only, None and zeros are both right). Derivatives need not
        be lazy: when they are fetched, everything is fed.
        """
        total = {y: self._add("ones", y)}
        for node in range(y, -1, -1):  # operands are older than what uses them
            if node in total:
                for operand, g in zip(self._operands[node], self._pullback(node, total[node]), strict=False):
                    if g is not None:
                        total[operand] = self.add(total[operand], g) if operand in total else g
        return [total.get(x) for x in xs]

    def run(self, fetches: list[int], feed_dict: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Return the values of the nodes in `fetches`.

        feed_dict: placeholder's name -> value. Names that nobody needs may be missing or be there.
        Only what the fetches need is evaluated, each node at most once. Nothing of one run is left over in the next.
        Raises KeyError if a placeholder that is needed isn't fed, ValueError if shapes don't fit.
        """
        values: dict[int, np.ndarray] = {}
        self.last_trace = []
        stack = list(fetches)
        while stack:
            node = stack[-1]
            missing = [operand for operand in self._needed(node, values) if operand not in values]
            if missing and node not in values:
                stack += missing
                continue
            stack.pop()
            if node not in values:
                values[node] = self._evaluate(node, values, feed_dict)
                self.last_trace.append(node)
        return [values[fetch].copy() for fetch in fetches]

    def _add(self, kind: str, *operands: int) -> int:
        self._kinds.append(kind)
        self._operands.append(operands)
        self.num_nodes += 1
        return self.num_nodes - 1

    def _needed(self, node: int, values: dict[int, np.ndarray]) -> tuple[int, ...]:
        """The operands that must be known before `node` can be evaluated, as far as that is known yet."""
        if self._kinds[node] != "cond":
            return self._operands[node]
        pred, a, b = self._operands[node]
        return (pred, a if values[pred].item() > 0 else b) if pred in values else (pred,)

    def _evaluate(self, node: int, values: dict[int, np.ndarray], feed_dict: dict[str, np.ndarray]) -> np.ndarray:
        kind = self._kinds[node]
        if kind == "placeholder":
            return np.array(feed_dict[self._given[node]], dtype=np.float64)
        if kind == "constant":
            return self._given[node]
        operands = [values[operand] for operand in self._needed(node, values)]
        if kind in ("add", "sub", "mul"):
            self._check_shapes(node, *operands)
        return np.asarray(_FORWARD[kind](*operands))

    def _check_shapes(self, node: int, a: np.ndarray, b: np.ndarray) -> None:
        has_number = any(self._kinds[k] == "constant" and self._given[k].ndim == 0 for k in self._operands[node])
        if a.shape != b.shape and not has_number:
            raise ValueError(f"operands have the shapes {a.shape} and {b.shape}")

    def _pullback(self, node: int, g: int) -> list[int | None]:
        """Nodes for the derivative by each operand, given that by the node itself."""
        match self._kinds[node], self._operands[node]:
            case "add", _:
                return [g, g]
            case "sub", _:
                return [g, self.neg(g)]
            case "mul", (a, b):
                return [self.mul(g, b), self.mul(g, a)]
            case "neg", _:
                return [self.neg(g)]
            case "exp", _:
                return [self.mul(g, node)]
            case "tanh", _:
                return [self.sub(g, self.mul(g, self.mul(node, node)))]
            case "relu", (a,):
                return [self.mul(g, self._add("step", a))]
            case "matmul", (a, b):
                return [self.matmul(g, self.transpose(b)), self.matmul(self.transpose(a), g)]
            case "transpose", _:
                return [self.transpose(g)]
            case "sum", (a,):
                return [self._add("spread", g, a)]
            case "spread", _:
                return [self.sum(g), None]
            case "cond", (pred, a, b):
                return [None, self.cond(pred, g, self._add("zeros", a)), self.cond(pred, self._add("zeros", b), g)]
        return []


class Var:
    """An array that remembers how it was computed.

    data: float64 array. grad: None, or the derivatives that the calls of `backward` have added up so far, an array of
    the shape of data. Only the grad of a Var made by Var(...) matters; that of results is nobody's business.
    Results of operations are Vars. Each operation works with another Var or, in +, - and *, with a Python number, on
    either side. What is done with Python's own `if`, `for` and `while` in between needs no operation of its own.
    """

    def __init__(self, data: float | np.ndarray) -> None:
        """Make a Var that wasn't computed from others; grad is None."""
        self.data = np.array(data, dtype=np.float64)
        self.grad: np.ndarray | None = None
        self._origins: tuple[tuple[Var, Callable[[np.ndarray], np.ndarray]], ...] = ()
        self._age = next(_ages)

    def __add__(self, other: "Var | float") -> "Var":
        """Return self + other."""
        other = self._partner(other)
        return _result(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __radd__(self, other: float) -> "Var":
        """Return other + self for a number."""
        return self + other

    def __sub__(self, other: "Var | float") -> "Var":
        """Return self - other."""
        other = self._partner(other)
        return _result(self.data - other.data, (self, lambda g: g), (other, lambda g: -g))

    def __rsub__(self, other: float) -> "Var":
        """Return other - self for a number."""
        return self._partner(other) - self

    def __mul__(self, other: "Var | float") -> "Var":
        """Return self * other, element by element."""
        other = self._partner(other)
        return _result(self.data * other.data, (self, lambda g: g * other.data), (other, lambda g: g * self.data))

    def __rmul__(self, other: float) -> "Var":
        """Return other * self for a number."""
        return self * other

    def __matmul__(self, other: "Var") -> "Var":
        """Return the matrix product self @ other."""
        origins = (self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)
        return _result(self.data @ other.data, *origins)

    def __neg__(self) -> "Var":
        """Return -self."""
        return _result(-self.data, (self, lambda g: -g))

    def exp(self) -> "Var":
        """Return exp(self)."""
        y = np.exp(self.data)
        return _result(y, (self, lambda g: g * y))

    def tanh(self) -> "Var":
        """Return tanh(self)."""
        y = np.tanh(self.data)
        return _result(y, (self, lambda g: g * (1 - y * y)))

    def relu(self) -> "Var":
        """Return max(self, 0)."""
        return _result(np.maximum(self.data, 0), (self, lambda g: g * (self.data > 0)))

    def sum(self) -> "Var":
        """Return the sum of all elements."""
        return _result(self.data.sum(), (self, lambda g: np.full(self.data.shape, g)))

    def backward(self) -> None:
        """Add the derivatives of self to the grad of all Vars it was computed from.

        self has a single element, of which the derivative is 1. Those from other calls, of this or of other results,
        are added up, and the tape stays: `backward` can be called again. Set grad to None to start afresh.
        Raises ValueError if self doesn't have exactly one element.
        """
        if self.data.size != 1:
            raise ValueError(f"backward starts from a single number, not from an array of shape {self.data.shape}")
        totals, waiting = {self: np.ones_like(self.data)}, [(-self._age, self)]
        while waiting:
            _, var = heapq.heappop(waiting)  # the youngest: all that was computed from it is done
            g = totals[var]
            var.grad = g.copy() if var.grad is None else var.grad + g
            for origin, pullback in var._origins:
                if origin not in totals:
                    totals[origin] = np.zeros_like(origin.data)
                    heapq.heappush(waiting, (-origin._age, origin))
                totals[origin] += pullback(g)

    def _partner(self, other: "Var | float") -> "Var":
        other = other if isinstance(other, Var) else Var(np.full(self.data.shape, other))
        if self.data.shape != other.data.shape:
            raise ValueError(f"operands have the shapes {self.data.shape} and {other.data.shape}")
        return other


def _result(data: np.ndarray, *origins: tuple[Var, Callable[[np.ndarray], np.ndarray]]) -> Var:
    var = Var(data)
    var._origins = origins
    return var


_ages = itertools.count()

_FORWARD: dict[str, Callable[..., np.ndarray]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "neg": np.negative,
    "exp": np.exp,
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "matmul": np.matmul,
    "transpose": np.transpose,
    "sum": np.sum,
    "cond": lambda pred, taken: taken,
    "ones": np.ones_like,
    "zeros": np.zeros_like,
    "step": lambda a: np.where(a > 0, 1.0, 0.0),
    "spread": lambda g, like: np.broadcast_to(g, like.shape),
}
