"""13-3 · How would you explain backpropagation?

The best explanation is a working one: write it for any chain of dense layers, without a framework. `forward` runs
the network and keeps what the way back will need; `backward` turns the gradient in the output into the gradient in
every parameter and in the input.

A network is a dictionary of arrays and a list of layers, as in
    params = {"W": W, "b": b, "head": V}
    layers = [{"weight": "W", "bias": "b", "act": "tanh", "residual": True},
              {"weight": "W", "bias": None, "act": "tanh", "residual": True},
              {"weight": "head", "bias": None, "act": None, "residual": False}]
All four keys are always there. A layer turns h, shape (N, in), into
    act(h @ W.T + b)          or, with "residual": True,          act(h @ W.T + b) + h
where "weight" names W, (out, in), and "bias" names b, (out,), or is None (no bias). "act" is "relu", "tanh",
"sigmoid" or None (identity). Layers may share parameters: the same name may occur in several of them. `params` may
hold parameters that no layer uses. An empty list of layers is the identity.

Rules for both functions:
- No argument is changed, and nothing that is returned shares memory with X, dout or a parameter.
- If all arrays that go in are float32, all arrays that come out are. Otherwise everything is computed in, and
  returned as, float64: integers, too.
- A batch may be empty, N = 0: the output is (0, out), and every parameter has gradient 0.
- relu'(0) = 0. Pre-activations of +-1000 are ordinary and give finite results.

Sources: Rumelhart, Hinton, Williams 1986 (Nature 323); Goodfellow, Bengio, Courville, Deep Learning, section 6.5;
Baydin et al. 2018, arXiv:1502.05767.
"""

import numpy as np


def forward(params: dict[str, np.ndarray], layers: list[dict], X: np.ndarray) -> tuple[np.ndarray, object]:
    """Run the network on a batch; return (output, cache).

    X: (N, in of the first layer). output: (N, out of the last layer).
    cache: anything that helps your `backward`. It belongs to this call alone: the caller may overwrite `output`,
        or run `forward` on another batch, before the cache is used.
    Raises ValueError if a residual layer's input and output differ in width, 1 and 3 included.
    """
    # TODO: go through the layers; at each, what will the way back ask for?
    raise NotImplementedError


def backward(
    params: dict[str, np.ndarray], layers: list[dict], cache: object, dout: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return (grads, dX) for the batch that `cache` came from.

    dout: dL/d(output), shape of the output. If L is a mean over the batch, dout already contains the 1/N.
    grads: {name: dL/d(parameter)} for every name in `params`, each with its parameter's shape; zeros for one that
        no layer uses; the total over all layers for one that several use.
    dX: dL/dX, shape of X.
    The cache is not used up: further calls, with the same or another dout, must work, too, even if the caller has
    overwritten the arrays that earlier calls returned.
    """
    # TODO: start from dout and undo the layers one by one, the last one first; where a value was used twice, what
    # happens to the two gradients that come back?
    raise NotImplementedError
