"""9 · What is a Boltzmann machine?

A network of units that are 0 or 1, with symmetric connections. It gives every joint state an energy, and is in state
x with probability exp(-energy(x)) / Z, where Z is the sum of exp(-energy) over all states. Learning makes the states
in the data likely. In a *restricted* machine (RBM) visible units are connected with hidden units only, and that makes
nearly everything computable. Write its energies and conditional probabilities, one step of contrastive divergence,
and the exact log-likelihood of small machines, against which everything else can be checked.

Rules for all parts:

* Rows are samples, N >= 1. States s, v, h hold zeros and ones in any dtype (bool, integers, floats) and memory
  layout.
* W and the biases have one floating dtype. It decides: float32 gives float32, float64 float64, whatever the dtype of
  the states.
* In an RBM W has shape (nv, nh), b_v (nv,) and b_h (nh,).
* Energies may be as large as 10000, with either sign: nothing overflows.
* Arguments stay as they are. Work on whole arrays, not on single connections.

Sources: Ackley, Hinton & Sejnowski 1985 (Cognitive Science 9); Smolensky 1986; Hinton 2002 (Neural Computation 14);
Hinton 2010, A Practical Guide to Training Restricted Boltzmann Machines (UTML TR 2010-003).
"""

import numpy as np


def boltzmann_energy(s: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Energy of states of a general Boltzmann machine: any two of its units may be connected.

    s: (N, n). W: (n, n), symmetric with zeros on the diagonal. b: (n,).
    Two units that are both on contribute minus the weight of their connection, which counts once though it stands in
    W twice; a unit that is on contributes minus its bias.
    Returns (N,).
    Source: Ackley et al. 1985.
    """
    s = s.astype(W.dtype)
    return -((s @ W) * s).sum(axis=1) / 2 - s @ b


def energy(v: np.ndarray, h: np.ndarray, W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Energy of joint states of an RBM: the same rule, with connections between the two layers only.

    v: (N, nv). h: (N, nh); row i of both belong together.
    Returns (N,).
    Source: Hinton 2010, equation 1.
    """
    v, h = v.astype(W.dtype), h.astype(W.dtype)
    return -v @ b_v - h @ b_h - ((v @ W) * h).sum(axis=1)


def p_h_given_v(v: np.ndarray, W: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Probability of each hidden unit to be on, given the visible ones: (N, nv) -> (N, nh).

    Given the visible layer, hidden units are independent: each is the logistic sigmoid of its total input.
    Source: Hinton 2010, equation 7.
    """
    return _sigmoid(b_h + v.astype(W.dtype) @ W)


def p_v_given_h(h: np.ndarray, W: np.ndarray, b_v: np.ndarray) -> np.ndarray:
    """Probability of each visible unit to be on, given the hidden ones: (N, nh) -> (N, nv).

    Source: Hinton 2010, equation 8.
    """
    return p_h_given_v(h, W.T, b_v)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -x))


def free_energy(v: np.ndarray, W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Free energy of visible states: minus the logarithm of the sum of exp(-energy(v, h)) over all hidden states h.

    The sum has 2**nh terms, but factorises over the hidden units, so that it takes no longer than one energy.

    v: (N, nv). Returns (N,).
    Source: Hinton 2010, section 16.1.
    """
    v = v.astype(W.dtype)
    return -v @ b_v - np.logaddexp(0, b_h + v @ W).sum(axis=1)


def cd1(
    v0: np.ndarray, W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray, u_h: np.ndarray, u_v: np.ndarray
) -> dict[str, np.ndarray]:
    """One step of contrastive divergence (CD-1): the direction in which the parameters should move, uphill.

    From the data v0 the hidden units are sampled, from these the visible ones (the *reconstruction*), and from these
    the probabilities of the hidden ones are computed once more. A unit with probability p is on where its uniform
    number is less than p.

    The direction is what is seen with the data minus what is seen with the reconstruction, averaged over the samples:
    for a connection the product of its two units, for a bias its unit. Visible units count with their states (those
    of the data, and the sampled ones). Hidden units count with their PROBABILITIES on both sides: their samples only
    serve to make the reconstruction.

    v0: (N, nv). u_h: (N, nh) and u_v: (N, nv), uniform numbers in [0, 1), none close to the probability it decides
        on.
    Returns {"W": (nv, nh), "b_v": (nv,), "b_h": (nh,)}.
    Source: Hinton 2010, sections 2 and 3; Hinton 2002.
    """
    v0 = v0.astype(W.dtype)
    ph0 = p_h_given_v(v0, W, b_h)
    h0 = u_h < ph0
    v1 = (u_v < p_v_given_h(h0, W, b_v)).astype(W.dtype)
    ph1 = p_h_given_v(v1, W, b_h)
    return {
        "W": (v0.T @ ph0 - v1.T @ ph1) / len(v0),
        "b_v": (v0 - v1).mean(axis=0),
        "b_h": (ph0 - ph1).mean(axis=0),
    }


def log_likelihood(V: np.ndarray, W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray) -> float:
    """Mean of log p(v) over samples, exactly: p(v) is the sum of exp(-energy(v, h)) over all h, divided by Z.

    Z sums over all joint states. One layer can be summed out as in `free_energy`; the states of the other one have to
    be enumerated. The smaller of the two layers, visible or hidden, has at most 10 units, the larger may have
    hundreds.

    V: (N, nv). Returns a Python float, computed in float64 whatever the dtype of W (natural logarithm).
    Source: Hinton 2010, equations 3 and 4.
    """
    W, b_v, b_h = (x.astype(np.float64) for x in (W, b_v, b_h))
    return float(-free_energy(V, W, b_v, b_h).mean() - _log_partition(W, b_v, b_h))


def _log_partition(W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray) -> float:
    nv, nh = W.shape
    if nv < nh:
        return _log_partition(W.T, b_h, b_v)
    h = np.arange(2**nh)[:, None] >> np.arange(nh) & 1
    log_weights = -free_energy(h, W.T, b_h, b_v)  # of hidden states, the visible ones summed out
    top = log_weights.max()
    return float(top + np.log(np.exp(log_weights - top).sum()))
