"""Cases, misconceptions and hints for 9: machines of a few units, and uniform numbers that never nearly tie."""

from collections.abc import Iterator

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

F32 = Tolerance(1e-4, 1e-5)
LOGS = Tolerance(1e-9, 1e-9)  # differences of logarithms as large as 10000
CLOSE = 1e-5  # no uniform number is closer to its probability


def machine(rng: np.random.Generator, nv: int, nh: int, scale: float = 1.0) -> dict[str, np.ndarray]:
    return {
        "W": scale * rng.normal(size=(nv, nh)),
        "b_v": scale * rng.normal(size=nv),
        "b_h": scale * rng.normal(size=nh),
    }


def single(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: value.astype(np.float32) for name, value in arrays.items()}


def states(rng: np.random.Generator, n: int, units: int) -> np.ndarray:
    return rng.integers(0, 2, (n, units)).astype(np.float64)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -x))


def uniforms(rng: np.random.Generator, p: np.ndarray) -> np.ndarray:
    """Uniform numbers, moved away from the probabilities they are compared with."""
    u = rng.random(p.shape)
    return np.where(np.abs(u - p) < CLOSE, np.where(p < 0.5, p + 0.01, p - 0.01), u)


def chain(rng: np.random.Generator, v0: np.ndarray, W: np.ndarray, b_v: np.ndarray, b_h: np.ndarray) -> dict:
    """All that `cd1` needs."""
    p_h = sigmoid(v0 @ W + b_h)
    u_h = uniforms(rng, p_h)
    u_v = uniforms(rng, sigmoid((u_h < p_h) @ W.T + b_v))
    return {"v0": v0, "W": W, "b_v": b_v, "b_h": b_h, "u_h": u_h, "u_v": u_v}


# Cases


def general_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, s, W, b, tolerance=None):
        return Case(f"Boltzmann machine: {name}", {"s": s, "W": W, "b": b}, tolerance=tolerance)

    pair = np.array([[0.0, 3.0], [3.0, 0.0]])
    four = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    yield case("two units, all four states", four, pair, np.array([0.5, -1.0]))
    yield case("no connections", four, np.zeros((2, 2)), np.array([0.5, -1.0]))
    yield case("no biases", four, pair, np.zeros(2))
    half = rng.normal(size=(5, 5))
    W, b, s = np.triu(half, 1) + np.triu(half, 1).T, rng.normal(size=5), states(rng, 7, 5)
    yield case("five units", s, W, b)
    yield case("as many states as units", s[:5], W, b)
    yield case("one state", s[:1], W, b)
    yield case("a single unit", np.array([[1.0], [0.0]]), np.zeros((1, 1)), np.array([2.0]))
    yield case("energies of 10000", s, 1e4 * W, 1e4 * b)
    yield case("float32 stays float32", s.astype(np.float32), W.astype(np.float32), b.astype(np.float32), F32)
    yield case("bools", s == 1, W, b)
    yield case("uint8 states, float32 weights", s.astype(np.uint8), W.astype(np.float32), b.astype(np.float32), F32)
    yield case("other memory layouts", np.asfortranarray(s)[::-1], np.asfortranarray(W), b[::-1])
    yield case("a second identical call", s, W, b)


def _kinds(rng: np.random.Generator) -> Iterator[tuple[str, dict, np.ndarray, np.ndarray, Tolerance | None]]:
    """Machines with states of both layers: what every function of an RBM is asked."""
    rbm, v, h = machine(rng, 4, 3), states(rng, 6, 4), states(rng, 6, 3)
    yield "four visible, three hidden", rbm, v, h, None
    yield "three samples", rbm, v[:3], h[:3], None
    yield "one sample", rbm, v[:1], h[:1], None
    square = machine(rng, 3, 3)
    yield "as many hidden as visible", square, states(rng, 5, 3), states(rng, 5, 3), None
    yield "three of everything", square, states(rng, 3, 3), h[:3], None
    yield "more hidden than visible", machine(rng, 2, 7), states(rng, 5, 2), states(rng, 5, 7), None
    yield "one unit each", machine(rng, 1, 1), np.array([[0.0], [1.0]]), np.array([[1.0], [1.0]]), None
    yield "twelve and ten units", machine(rng, 12, 10), states(rng, 30, 12), states(rng, 30, 10), None
    yield "all units off", rbm, np.zeros((2, 4)), np.zeros((2, 3)), None
    yield "energies of 10000", machine(rng, 4, 3, 3e3), v, h, None
    yield "float32 stays float32", single(rbm), v.astype(np.float32), h.astype(np.float32), F32
    yield "float32 weights, float64 states", single(rbm), v, h, F32
    yield "float32 weights, energies of 10000", single(machine(rng, 4, 3, 3e3)), v, h, F32
    yield "integer states", rbm, v.astype(np.int64), h.astype(np.int64), None
    yield "uint8 states, float32 weights", single(rbm), v.astype(np.uint8), h.astype(np.uint8), F32
    yield "bools", rbm, v == 1, h == 1, None
    layouts = {"W": np.asfortranarray(rbm["W"]), "b_v": rbm["b_v"][::-1], "b_h": rbm["b_h"][::-1]}
    rows = np.broadcast_to(h[1], (6, 3))
    yield "reversed, Fortran-ordered and read-only arrays", layouts, np.asfortranarray(v)[::-1], rows, None
    yield "a second identical call", rbm, v, h, None


def energy_cases(rng: np.random.Generator) -> Iterator[Case]:
    by_hand = {"W": np.array([[1.0], [2.0]]), "b_v": np.array([10.0, 20.0]), "b_h": np.array([100.0])}
    v, h = np.array([[1, 0], [0, 1], [1, 1], [1, 1]]), np.array([[0], [1], [0], [1]])
    yield Case("energy: two visible units, one hidden", {"v": v, "h": h, **by_hand})
    for name, rbm, v, h, tolerance in _kinds(rng):
        yield Case(f"energy: {name}", {"v": v, "h": h, **rbm}, tolerance=tolerance)


def hidden_cases(rng: np.random.Generator) -> Iterator[Case]:
    by_hand = {"W": np.array([[1.0], [-1.0]]), "b_h": np.array([0.0])}
    yield Case("p(h|v): sigmoids of 0, 1, -1 and 0", {"v": np.array([[0, 0], [1, 0], [0, 1], [1, 1]]), **by_hand})
    for name, rbm, v, _, tolerance in _kinds(rng):
        yield Case(f"p(h|v): {name}", {"v": v, "W": rbm["W"], "b_h": rbm["b_h"]}, tolerance=tolerance)


def visible_cases(rng: np.random.Generator) -> Iterator[Case]:
    by_hand = {"W": np.array([[1.0, -1.0]]), "b_v": np.array([0.0])}
    yield Case("p(v|h): sigmoids of 0, 1, -1 and 0", {"h": np.array([[0, 0], [1, 0], [0, 1], [1, 1]]), **by_hand})
    for name, rbm, _, h, tolerance in _kinds(rng):
        yield Case(f"p(v|h): {name}", {"h": h, "W": rbm["W"], "b_v": rbm["b_v"]}, tolerance=tolerance)


def free_energy_cases(rng: np.random.Generator) -> Iterator[Case]:
    flat = {"W": np.zeros((2, 3)), "b_v": np.array([1.0, 10.0]), "b_h": np.zeros(3)}
    yield Case(
        "free energy: three hidden units without input: minus 3 log 2", {"v": np.array([[0, 0], [1, 1]]), **flat}
    )
    for name, rbm, v, _, tolerance in _kinds(rng):
        yield Case(f"free energy: {name}", {"v": v, **rbm}, tolerance=tolerance)
    many = {"v": states(rng, 4, 3), **machine(rng, 3, 60)}
    yield Case("free energy: 60 hidden units, 2**60 states", many)
    for bias in (1000.0, -1000.0):
        rbm = {**machine(rng, 3, 2), "b_h": np.array([bias, 0.5])}
        yield Case(f"free energy: a hidden bias of {bias:.0f}", {"v": states(rng, 4, 3), **rbm})


def cd_cases(rng: np.random.Generator) -> Iterator[Case]:
    by_hand = {"W": np.zeros((2, 1)), "b_v": np.zeros(2), "b_h": np.zeros(1)}
    draws = {"u_h": np.array([[0.2]]), "u_v": np.array([[0.9, 0.1]])}
    yield Case("CD-1: no weights yet, one sample", {"v0": np.array([[1.0, 1.0]]), **by_hand, **draws})
    for name, rbm, v, _, tolerance in _kinds(rng):
        yield Case(f"CD-1: {name}", chain(rng, v, **rbm), tolerance=tolerance)
    rbm, v = machine(rng, 4, 3), states(rng, 6, 4)
    inputs = chain(rng, v, **rbm)
    twice = {name: np.vstack([inputs[name]] * 2) for name in ("v0", "u_h", "u_v")}
    yield Case("CD-1: every sample twice", {**inputs, **twice})
    yield Case("CD-1: the samples of this one once", inputs)
    zeros = {"u_h": np.zeros((6, 3)), "u_v": np.zeros((6, 4))}
    yield Case("CD-1: uniforms of 0 switch everything on", {**inputs, **zeros})
    yield Case("CD-1: float32 uniforms", {**inputs, "u_h": np.float32(inputs["u_h"]), "u_v": np.float32(inputs["u_v"])})
    # Many rows of few different ones: little to send, and much to compute.
    small = chain(rng, states(rng, 1, 196), **machine(rng, 196, 64, 0.1))
    large = {name: np.broadcast_to(small[name], (400, small[name].shape[1])) for name in ("v0", "u_h", "u_v")}
    yield Case("CD-1: 400 samples, 196 visible and 64 hidden units", {**small, **large}, speed=Speed())


def likelihood_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, rbm, V):
        return Case(f"log-likelihood: {name}", {"V": V, **rbm})

    flat = {"W": np.zeros((3, 2)), "b_v": np.zeros(3), "b_h": np.zeros(2)}
    yield case("without weights all 8 states are equally likely", flat, np.array([[0, 0, 0], [1, 0, 1]]))
    biased = {"W": np.zeros((2, 2)), "b_v": np.log([3.0, 1.0]), "b_h": np.array([5.0, -2.0])}
    yield case("without weights hidden biases don't count", biased, np.array([[1, 0], [1, 1], [0, 0]]))
    sizes = {"four and three units": (4, 3), "three and four units": (3, 4), "three and three units": (3, 3)}
    sizes |= {"one and five units": (1, 5), "six and one units": (6, 1), "ten and nine units": (10, 9)}
    sizes |= {"ten and twelve units": (10, 12)}
    for name, (nv, nh) in sizes.items():
        yield case(name, machine(rng, nv, nh), states(rng, 7, nv))
    yield case("one sample", machine(rng, 4, 2), states(rng, 1, 4))
    some = machine(rng, 4, 3)
    yield case("a sample three times among others", some, states(rng, 5, 4)[[0, 0, 0, 1, 2, 3]])
    yield case("200 visible units, 8 hidden", machine(rng, 200, 8, 0.3), states(rng, 5, 200))
    yield case("8 visible units, 200 hidden", machine(rng, 8, 200, 0.3), states(rng, 5, 8))
    yield case("energies of 10000", machine(rng, 4, 3, 3e3), states(rng, 6, 4))
    yield case("energies of 10000, more hidden units", machine(rng, 3, 4, 3e3), states(rng, 6, 3))
    for nh in (2, 3):
        unlikely = {"W": np.zeros((2, nh)), "b_v": np.array([-800.0, 0.0]), "b_h": np.zeros(nh)}
        yield case(f"next to impossible, {nh} hidden units", unlikely, np.array([[1, 0], [0, 1]]))
    yield case("float32 weights are computed in float64", single(machine(rng, 6, 5)), states(rng, 6, 6))
    yield case("bools", some, states(rng, 6, 4) == 1)
    yield case("uint8 states", some, states(rng, 6, 4).astype(np.uint8))
    layouts = {"W": np.asfortranarray(some["W"]), "b_v": some["b_v"][::-1], "b_h": some["b_h"][::-1]}
    yield case("other memory layouts", layouts, np.asfortranarray(states(rng, 6, 4))[:, ::-1])
    yield case("a second identical call", layouts, np.asfortranarray(states(rng, 6, 4))[:, ::-1])


GENERAL = "return -((s @ W) * s).sum(axis=1) / 2 - s @ b"
JOINT = "return -v @ b_v - h @ b_h - ((v @ W) * h).sum(axis=1)"
FREE = "return -v @ b_v - np.logaddexp(0, b_h + v @ W).sum(axis=1)"
STATISTICS = '"W": (v0.T @ ph0 - v1.T @ ph1) / len(v0),'
HIDDEN = '"b_h": (ph0 - ph1).mean(axis=0),'
RECONSTRUCTION = "v1 = (u_v < p_v_given_h(h0, W, b_v)).astype(W.dtype)"
MEAN = "-free_energy(V, W, b_v, b_h).mean() - _log_partition(W, b_v, b_h)"

exercise = Exercise(
    parts=(
        Part(
            "boltzmann_energy",
            general_cases,
            hints=(
                "Go through all pairs of units once: which of them contribute?",
                "s @ W @ s runs over ordered pairs, and so meets every connection twice.",
                "((s @ W) * s).sum(axis=1) is the quadratic form for each row. Halve it, add s @ b, and reverse the "
                "sign.",
            ),
        ),
        Part(
            "energy",
            energy_cases,
            hints=(
                "An RBM is a Boltzmann machine whose only connections lead from one layer to the other.",
                "In W every connection now stands once: nothing has to be halved. There are three terms per sample.",
                "v @ b_v, h @ b_h and ((v @ W) * h).sum(axis=1), all with a minus. Cast the states to the dtype of W.",
            ),
        ),
        Part(
            "p_h_given_v",
            hidden_cases,
            hints=(
                "Compare the energies with one hidden unit on and off: what is their difference?",
                "The total input of hidden unit j is its bias plus the weights from all visible units that are on.",
                "sigmoid(b_h + v @ W). Write the sigmoid so that it is right for inputs of 10000 of either sign.",
            ),
        ),
        Part(
            "p_v_given_h",
            visible_cases,
            hints=(
                "Connections are symmetric: what holds upwards holds downwards.",
                "Exchange the layers, and transpose W.",
                "sigmoid(b_v + h @ W.T); a call of p_h_given_v with W.T does it.",
            ),
        ),
        Part(
            "free_energy",
            free_energy_cases,
            hints=(
                "Given v, hidden units don't see each other: the sum over all their states is a product.",
                "One hidden unit with total input x contributes exp(0) + exp(x) to that product.",
                "The logarithm of 1 + exp(x) is np.logaddexp(0, x), which never overflows. Sum it over the hidden "
                "units and add v @ b_v; then reverse the sign.",
            ),
        ),
        Part(
            "cd1",
            cd_cases,
            hints=(
                "Two pictures are compared: the data with its hidden units, and what the machine makes of it after one "
                "step.",
                "ph0, then h0 = u_h < ph0, then v1 = u_v < p(v|h0), then ph1. Four arrays, two of them binary.",
                "W gets (v0.T @ ph0 - v1.T @ ph1) / N, the biases the means of v0 - v1 and ph0 - ph1. Make v1 floating "
                "before you subtract.",
            ),
        ),
        Part(
            "log_likelihood",
            likelihood_cases,
            hints=(
                "log p(v) is minus the free energy of v, minus log Z.",
                "Z is a sum over the states of one layer of exp of minus their free energy: sum out the larger layer "
                "by formula, enumerate the smaller one.",
                "All states: np.arange(2**n)[:, None] >> np.arange(n) & 1. For the hidden layer use free_energy with "
                "W.T and the biases exchanged. Take the maximum out before exp.",
            ),
            tolerance=LOGS,
        ),
    ),
    misconceptions=(
        Misconception(
            "energy_sign",
            ("boltzmann_energy", "energy", "free_energy"),
            "Your energy has the opposite sign: the states that the machine likes have a high one.",
            "The probability is exp(-energy) / Z: should frequent states have a high or a low energy?",
            edits=(
                (GENERAL, "return ((s @ W) * s).sum(axis=1) / 2 + s @ b"),
                (JOINT, "return v @ b_v + h @ b_h + ((v @ W) * h).sum(axis=1)"),
                (FREE, "return v @ b_v + np.logaddexp(0, b_h + v @ W).sum(axis=1)"),
            ),
        ),
        Misconception(
            "pairs_counted_twice",
            "boltzmann_energy",
            "Your energy counts every connection twice.",
            "Two units with a weight of 3 are both on, biases are 0: what energy do you get?",
            edits=((GENERAL, GENERAL.replace(" / 2", "")),),
        ),
        Misconception(
            "half_of_the_weights",
            "energy",
            "Your energy halves the weights, although each connection stands in W only once here.",
            "How often does W hold the connection of visible unit 0 and hidden unit 0?",
            edits=((JOINT, JOINT + " / 2"),),
        ),
        Misconception(
            "biases_swapped",
            ("energy", "cd1"),
            "Your code gives the visible units the biases of the hidden ones.",
            "How many biases do nv visible units need? Try a machine with nv different from nh.",
            edits=(
                (JOINT, "return -v @ b_h - h @ b_v - ((v @ W) * h).sum(axis=1)"),
                ("p_v_given_h(h0, W, b_v)", "p_v_given_h(h0, W, b_h)"),
            ),
        ),
        Misconception(
            "weights_not_transposed",
            "p_v_given_h",
            "Your p(v|h) multiplies with W as it is, which only fits if both layers have the same size.",
            "Which axis of W belongs to the hidden units?",
            edits=(("p_h_given_v(h, W.T, b_v)", "p_h_given_v(h, W, b_v)"),),
        ),
        Misconception(
            "softplus_overflow",
            ("free_energy", "log_likelihood"),
            "Your free energy computes exp of large numbers, which overflows to infinity.",
            "What is log(1 + exp(1000)), roughly, and what does your code make of it?",
            edits=(("np.logaddexp(0, b_h + v @ W)", "np.log(1 + np.exp(b_h + v @ W))"),),
        ),
        Misconception(
            "sampled_statistics",
            "cd1",
            "Your positive statistics use the sampled hidden states, where their probabilities are due.",
            "Both have the same mean: which of the two has less variance?",
            edits=((STATISTICS, STATISTICS.replace("ph0", "h0")), (HIDDEN, HIDDEN.replace("ph0", "h0"))),
        ),
        Misconception(
            "negative_from_data",
            "cd1",
            "Your negative statistics of the weights pair the data with the second hidden probabilities.",
            "The negative side is what the machine dreams up: which visible states belong to it?",
            edits=((STATISTICS, STATISTICS.replace("v1.T", "v0.T")),),
        ),
        Misconception(
            "mean_field_chain",
            "cd1",
            "Your reconstruction starts from the hidden probabilities, where sampled states are due.",
            "Hidden units tell the visible ones something: may that be more than one bit each?",
            edits=(("p_v_given_h(h0, W, b_v)", "p_v_given_h(ph0, W, b_v)"),),
        ),
        Misconception(
            "reconstruction_not_sampled",
            "cd1",
            "Your reconstruction consists of probabilities: the visible units aren't sampled.",
            "What is u_v for?",
            edits=((RECONSTRUCTION, "v1 = p_v_given_h(h0, W, b_v)"),),
        ),
        Misconception(
            "no_average",
            "cd1",
            "Your code sums over the samples, where the average is due.",
            "Feed every sample twice: should the direction become twice as long?",
            edits=(
                (STATISTICS, STATISTICS.replace(" / len(v0)", "")),
                ('"b_v": (v0 - v1).mean(axis=0),', '"b_v": (v0 - v1).sum(axis=0),'),
                (HIDDEN, HIDDEN.replace("mean", "sum")),
            ),
        ),
        Misconception(
            "downhill",
            "cd1",
            "Your direction points downhill: reconstruction minus data.",
            "Should the data become more or less likely when the parameters move along your result?",
            edits=(
                (STATISTICS, STATISTICS.replace("v0.T @ ph0 - v1.T @ ph1", "v1.T @ ph1 - v0.T @ ph0")),
                ('"b_v": (v0 - v1)', '"b_v": (v1 - v0)'),
                (HIDDEN, HIDDEN.replace("ph0 - ph1", "ph1 - ph0")),
            ),
        ),
        Misconception(
            "on_above_the_probability",
            "cd1",
            "Your units are on where the uniform number is greater than the probability.",
            "A probability of 0.9: how often is a uniform number less than that?",
            edits=(("h0 = u_h < ph0", "h0 = u_h > ph0"), ("v1 = (u_v < p_v", "v1 = (u_v > p_v")),
        ),
        Misconception(
            "wrong_layer_enumerated",
            "log_likelihood",
            "Your code enumerates the hidden states, even if there are 200 hidden units.",
            "How many states do 200 units have, and how many do 8?",
            edits=(("if nv < nh:", "if nv == 0:"),),
        ),
        Misconception(
            "summed_over_samples",
            "log_likelihood",
            "Your log-likelihood is the sum over the samples, where the mean is due.",
            "Feed the data twice: should the result change?",
            edits=((MEAN, "-free_energy(V, W, b_v, b_h).sum() - len(V) * _log_partition(W, b_v, b_h)"),),
        ),
        Misconception(
            "not_normalised",
            "log_likelihood",
            "Your log-likelihood leaves out Z.",
            "Sum exp of your result over all visible states: what should come out?",
            edits=((MEAN, "-free_energy(V, W, b_v, b_h).mean()"),),
        ),
        Misconception(
            "partition_overflow",
            "log_likelihood",
            "Your Z overflows: exp of energies that are as large as 10000.",
            "Which number can be taken out of a sum of exponentials before any of them is computed?",
            edits=(("top = log_weights.max()", "top = 0.0"),),
        ),
    ),
    equivalents=(
        Equivalent("h0 = u_h < ph0", "h0 = u_h <= ph0", "no uniform number equals the probability it decides on"),
        Equivalent(
            "v1 = (u_v < p_v_given_h(h0, W, b_v)).astype(W.dtype)",
            "v1 = (u_v <= p_v_given_h(h0, W, b_v)).astype(W.dtype)",
            "no uniform number equals the probability it decides on",
        ),
    ),
)
