"""13-1 · Why gradients, and what are the axes of that famous picture?

The picture of a ball in a valley has a parameter on one axis and the loss on the other. Draw it for real networks:
walk along a line, or over a plane, in the space of all parameters and record the loss. Then look at what a gradient
says about such a line, at what gradients do during training, and at what they would cost without backpropagation.

Rules for every part:

* Parameters, directions and gradients are dictionaries of float64 arrays with at least one axis, with the same names
  and shapes: `params = {"weight": (10, 4), "bias": (10,)}`.
* No argument is changed, and no result shares memory with one. Arrays that are returned are float64.
* `loss_fn(params)` takes such a dictionary and returns a float. Every call gets a dictionary of its own with arrays of
  its own: `loss_fn` may write into them, or keep them, without any harm to the caller's arrays or to other calls.

Sources: Goodfellow, Vinyals & Saxe 2015 (arXiv:1412.6544); Li et al. 2018 (arXiv:1712.09913); Griewank & Walther,
Evaluating Derivatives, 2008.
"""

from collections.abc import Callable

import numpy as np


def loss_slice(
    loss_fn: Callable[[dict[str, np.ndarray]], float],
    params: dict[str, np.ndarray],
    direction: dict[str, np.ndarray],
    alphas: np.ndarray,
) -> np.ndarray:
    """The loss along a line through params: entry i is the loss at params + alphas[i] * direction.

    alphas: (A,), in any order; may be empty. The direction is taken as it is, without any normalisation.
    Returns (A,). `loss_fn` is called once per entry.
    Source: Goodfellow, Vinyals & Saxe 2015, section 2.
    """
    # TODO: for each alpha, build a new dictionary of displaced parameters and evaluate it.
    raise NotImplementedError


def loss_surface(
    loss_fn: Callable[[dict[str, np.ndarray]], float],
    params: dict[str, np.ndarray],
    d1: dict[str, np.ndarray],
    d2: dict[str, np.ndarray],
    alphas: np.ndarray,
    betas: np.ndarray,
) -> np.ndarray:
    """The loss over a plane: entry (i, j) is the loss at params + alphas[i] * d1 + betas[j] * d2.

    alphas: (A,); betas: (B,); either may be empty.
    Returns (A, B). `loss_fn` is called once per entry.
    Source: Li et al. 2018, section 3.
    """
    # TODO: the same with two displacements. Which of the two belongs to the rows?
    raise NotImplementedError


def filter_normalize(direction: dict[str, np.ndarray], params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give each filter of the direction the length of the corresponding filter in params.

    A filter is what produces one output: w[i], where axis 0 counts the outputs of a dense layer (out, in) or a
    convolution (out, in, height, width). Each d[i] is multiplied by |w[i]| / (|d[i]| + 1e-10), with Euclidean norms
    over all of the filter's entries.
    Arrays with one axis (biases, scales and shifts of normalisation layers) are left out of the picture: zeros.

    Returns a new dictionary with the names and shapes of `direction`.
    Source: Li et al. 2018, section 4.
    """
    # TODO: one norm per index of axis 0, kept in a shape that broadcasts against the array.
    raise NotImplementedError


def directional_derivative(grads: dict[str, np.ndarray], direction: dict[str, np.ndarray]) -> float:
    """The slope of the slice at alpha = 0: d/d alpha of the loss at params + alpha * direction.

    grads: the gradient of the loss at params. The direction is taken as it is, not brought to length 1.
    Source: Goodfellow, Bengio & Courville, Deep Learning, section 4.3.
    """
    # TODO: all parameters form one long vector, however many arrays they are stored in.
    raise NotImplementedError


def sign_flip_rate(grad_history: np.ndarray) -> np.ndarray:
    """How often each gradient component changes its sign from one step to the next.

    grad_history: (T, d), one gradient per row, in order of time; floats or integers; T and d may be 0.
    A pair of consecutive steps counts for a component if the component isn't exactly 0 in either step; 1e-200 has a
    sign, too. The rate is the share of the counted pairs with opposite signs. It is 0 for a component with fewer than
    two counted pairs.

    Returns (d,).
    """
    # TODO: compare signs of neighbouring rows, and count separately what flips and what could have flipped.
    raise NotImplementedError


def num_evaluations(n_params: int, scheme: str) -> int:
    """How many times the loss must be evaluated to get the gradient in n_params >= 1 parameters.

    scheme: "forward", one-sided differences: all of them compare with the same unperturbed loss;
        "central", two-sided differences; or "backprop", one evaluation, followed by one backward pass (not counted).
    Raises ValueError for any other scheme.
    Source: Griewank & Walther 2008; Baydin et al. 2018 (arXiv:1502.05767).
    """
    # TODO: which points does each scheme look at?
    raise NotImplementedError
