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
        # TODO: what must be remembered of a node?
        raise NotImplementedError

    def placeholder(self, name: str) -> int:
        """Add a node whose value comes from feed_dict[name]. Every placeholder has a name of its own."""
        # TODO: remember the name.
        raise NotImplementedError

    def constant(self, value: float | np.ndarray) -> int:
        """Add a node with a fixed value, a number or an array."""
        # TODO: remember a copy.
        raise NotImplementedError

    def add(self, a: int, b: int) -> int:
        """Add the node a + b."""
        # TODO: remember the kind and the operands; compute nothing.
        raise NotImplementedError

    def sub(self, a: int, b: int) -> int:
        """Add the node a - b."""
        # TODO: as above.
        raise NotImplementedError

    def mul(self, a: int, b: int) -> int:
        """Add the node a * b, element by element."""
        # TODO: as above.
        raise NotImplementedError

    def neg(self, a: int) -> int:
        """Add the node -a."""
        # TODO: as above.
        raise NotImplementedError

    def exp(self, a: int) -> int:
        """Add the node exp(a)."""
        # TODO: as above.
        raise NotImplementedError

    def tanh(self, a: int) -> int:
        """Add the node tanh(a)."""
        # TODO: as above.
        raise NotImplementedError

    def relu(self, a: int) -> int:
        """Add the node max(a, 0)."""
        # TODO: as above.
        raise NotImplementedError

    def matmul(self, a: int, b: int) -> int:
        """Add the node a @ b for matrices a and b."""
        # TODO: as above.
        raise NotImplementedError

    def transpose(self, a: int) -> int:
        """Add the node a.T for a matrix a."""
        # TODO: as above.
        raise NotImplementedError

    def sum(self, a: int) -> int:
        """Add the node with the sum of all elements of a."""
        # TODO: as above.
        raise NotImplementedError

    def cond(self, pred: int, a: int, b: int) -> int:
        """Add the node with the value of a if pred > 0, else that of b.

        pred has a single element. The choice is made anew in each run, and it is lazy: what only the other branch
        needs isn't evaluated and needn't be fed.
        """
        # TODO: as above. What `run` may evaluate depends on a value, this time.
        raise NotImplementedError

    def gradients(self, y: int, xs: list[int]) -> list[int | None]:
        """Add nodes for the derivatives of the sum of y's elements by each of xs, and return them.

        xs: placeholders or results of operations. None stands for one that y doesn't depend on; y itself has ones.
        The nodes are ordinary ones: they can be fetched, used in further operations, and differentiated again.
        Through cond, only the branch that is taken gets a derivative; the other one gets zeros. pred gets none
        (for something that y depends on by way of pred only, None and zeros are both right). Derivatives need not
        be lazy: when they are fetched, everything is fed.
        """
        # TODO: go backwards from y, and add up all that arrives at a node before passing it on. The derivative of an
        # operation is made of operations. Which order of nodes is a safe one?
        raise NotImplementedError

    def run(self, fetches: list[int], feed_dict: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Return the values of the nodes in `fetches`.

        feed_dict: placeholder's name -> value. Names that nobody needs may be missing or be there.
        Only what the fetches need is evaluated, each node at most once. Nothing of one run is left over in the next.
        Raises KeyError if a placeholder that is needed isn't fed, ValueError if shapes don't fit.
        """
        # TODO: a stack of nodes that are waited for: a node is evaluated as soon as its operands are there. For
        # cond, ask for pred first.
        raise NotImplementedError


class Var:
    """An array that remembers how it was computed.

    data: float64 array. grad: None, or the derivatives that the calls of `backward` have added up so far, an array of
    the shape of data. Only the grad of a Var made by Var(...) matters; that of results is nobody's business.
    Results of operations are Vars. Each operation works with another Var or, in +, - and *, with a Python number, on
    either side. What is done with Python's own `if`, `for` and `while` in between needs no operation of its own.
    """

    def __init__(self, data: float | np.ndarray) -> None:
        """Make a Var that wasn't computed from others; grad is None."""
        # TODO: a copy of the data, and nothing to go back to.
        raise NotImplementedError

    def __add__(self, other: "Var | float") -> "Var":
        """Return self + other."""
        # TODO: compute, and remember for each operand how to pass a derivative back to it.
        raise NotImplementedError

    def __radd__(self, other: float) -> "Var":
        """Return other + self for a number."""
        # TODO: that is nothing new.
        raise NotImplementedError

    def __sub__(self, other: "Var | float") -> "Var":
        """Return self - other."""
        # TODO: as for +. What is passed back to the second operand?
        raise NotImplementedError

    def __rsub__(self, other: float) -> "Var":
        """Return other - self for a number."""
        # TODO: careful with the order.
        raise NotImplementedError

    def __mul__(self, other: "Var | float") -> "Var":
        """Return self * other, element by element."""
        # TODO: as for +.
        raise NotImplementedError

    def __rmul__(self, other: float) -> "Var":
        """Return other * self for a number."""
        # TODO: that is nothing new.
        raise NotImplementedError

    def __matmul__(self, other: "Var") -> "Var":
        """Return the matrix product self @ other."""
        # TODO: which products have the shapes of the two operands?
        raise NotImplementedError

    def __neg__(self) -> "Var":
        """Return -self."""
        # TODO: one operand.
        raise NotImplementedError

    def exp(self) -> "Var":
        """Return exp(self)."""
        # TODO: the derivative is the result.
        raise NotImplementedError

    def tanh(self) -> "Var":
        """Return tanh(self)."""
        # TODO: the derivative follows from the result.
        raise NotImplementedError

    def relu(self) -> "Var":
        """Return max(self, 0)."""
        # TODO: where does the derivative get through?
        raise NotImplementedError

    def sum(self) -> "Var":
        """Return the sum of all elements."""
        # TODO: every element gets the same derivative.
        raise NotImplementedError

    def backward(self) -> None:
        """Add the derivatives of self to the grad of all Vars it was computed from.

        self has a single element, of which the derivative is 1. Those from other calls, of this or of other results,
        are added up, and the tape stays: `backward` can be called again. Set grad to None to start afresh.
        Raises ValueError if self doesn't have exactly one element.
        """
        # TODO: a Var may pass its derivative on only when it is complete: in which order were they made? And keep the
        # sums of this call apart from those of earlier ones.
        raise NotImplementedError
