"""Second derivatives against torch, kinds against planted spectra, directions against scipy, rarity against theory."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
linalg = pytest.importorskip("scipy.linalg")
solution = load("ex14_critical_points")


def himmelblau(p):
    return (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2


def monkey_saddle(p):
    return p[0] ** 3 - 3 * p[0] * p[1] ** 2


def two_layers(p):
    """Squared error of a linear network 2-2-1 on one sample with target 1."""
    return 0.5 * (p[4:] @ (p[:4].reshape(2, 2) @ torch.tensor([1.0, 2.0], dtype=p.dtype)) - 1) ** 2


def waves(p):
    return torch.sin(p).prod() + torch.exp(-(p**2).sum() / 4)


def gradient(f):
    def grad(x):
        p = torch.from_numpy(x).clone().requires_grad_()
        return torch.autograd.grad(f(p), p)[0].numpy().copy()

    return grad


def hessian(f, x):
    return torch.autograd.functional.hessian(f, torch.from_numpy(np.asarray(x, dtype=np.float64))).numpy()


FUNCTIONS = [(himmelblau, 2), (monkey_saddle, 2), (two_layers, 6), (waves, 1), (waves, 5)]


@pytest.mark.parametrize(("f", "d"), FUNCTIONS)
@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0])
def test_hessian_is_autograds(f, d, scale):
    x = scale * np.random.default_rng(d).uniform(-1, 1, d)
    H = solution.hessian_from_grad(gradient(f), x)
    exact = hessian(f, x)
    np.testing.assert_allclose(H, exact, rtol=1e-6, atol=1e-7 * max(1, np.abs(exact).max()))
    np.testing.assert_array_equal(H, H.T)


@pytest.mark.parametrize("h", [1e-3, np.array([1e-3, 2e-4])])
def test_steps_are_where_they_should_be(h):
    seen = []

    def grad(x):
        seen.append(x.copy())
        return 3 * x**2

    x = np.array([2, -5])
    np.testing.assert_allclose(solution.hessian_from_grad(grad, x, h), np.diag(6.0 * x), atol=1e-9)
    moves = np.array(seen) - x
    np.testing.assert_allclose(sorted(moves.sum(axis=1)), sorted([*(0 * x + h), *(0 * x - h)]), rtol=1e-9)
    assert (np.count_nonzero(moves, axis=1) == 1).all()


def planted(rng, eigenvalues):
    basis = linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))[0]
    return (basis * np.asarray(eigenvalues)) @ basis.T, basis


SPECTRA = {
    "local_min": [[1.0], [0.1, 3.0], [1e-3, 1.0, 2.0, 5.0], list(range(1, 41))],
    "local_max": [[-2.0], [-0.1, -3.0], [-1.0] * 5],
    "saddle": [[-1.0, 1.0], [-1e-3, 0.0, 0.0, 2.0], [-5.0, -4.0, 1e-3], list(np.linspace(-7.05, 3.0, 40))],
    "degenerate": [[0.0], [0.0, 1.0], [-2.0, 0.0, -1.0], [0.0, 0.0, 0.0]],
}


@pytest.mark.parametrize(("kind", "spectrum"), [(kind, s) for kind, spectra in SPECTRA.items() for s in spectra])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_kinds_of_planted_spectra(kind, spectrum, scale):
    spectrum = scale * np.array(spectrum)
    H, _ = planted(np.random.default_rng(len(spectrum)), spectrum)
    H = H + 1e-14 * np.triu(np.full_like(H, np.abs(spectrum).max()))
    found = solution.classify_critical_point(np.zeros(len(H)), H)
    assert found["kind"] == kind
    assert found["index"] == pytest.approx(np.mean(spectrum < 0))
    np.testing.assert_allclose(found["eigenvalues"], np.sort(spectrum), atol=1e-11 * scale)
    assert solution.classify_critical_point(np.full(len(H), 2e-6), H)["kind"] == "not_critical"
    assert solution.classify_critical_point(np.full(len(H), 2e-6), H, gtol=1e-5)["kind"] == kind


def test_himmelblaus_nine_points():
    starts = [
        (3, 2),
        (-2.8, 3.1),
        (-3.8, -3.3),
        (3.6, -1.8),
        (-0.3, -0.9),
        (3.4, 0.1),
        (0.1, 2.9),
        (-3.1, -0.1),
        (-0.1, -2),
    ]
    kinds = []
    for start in starts:
        x = np.array(start, dtype=np.float64)
        for _ in range(20):
            x = x - np.linalg.solve(hessian(himmelblau, x), gradient(himmelblau)(x))
        H = solution.hessian_from_grad(gradient(himmelblau), x)
        kinds.append(solution.classify_critical_point(gradient(himmelblau)(x), H)["kind"])
    assert kinds == 4 * ["local_min"] + ["local_max"] + 4 * ["saddle"]


@pytest.mark.parametrize("spectrum", [[-1.0], [-3.0, -1.0], [-2.0, 0.0, 5.0], list(np.linspace(-4.05, 9.0, 30))])
@pytest.mark.parametrize("seed", range(5))
def test_escape_direction_is_scipys(spectrum, seed):
    H, basis = planted(np.random.default_rng(seed), spectrum)
    v = solution.escape_direction(H)
    _, vectors = linalg.eigh(H, subset_by_index=[0, 0])
    assert abs(v @ basis[:, 0]) == pytest.approx(1) == abs(v @ vectors[:, 0])
    assert v @ H @ v == pytest.approx(min(spectrum)) and np.linalg.norm(v) == pytest.approx(1)
    assert v[np.argmax(np.abs(v))] > 0
    assert solution.escape_direction(planted(np.random.default_rng(seed), 1 + np.abs(spectrum))[0]) is None


def test_no_escape_from_a_flat_point():
    assert solution.escape_direction(np.zeros((3, 3))) is None


@pytest.mark.parametrize(("n", "num"), [(1, 50), (2, 400), (3, 300), (4, 1)])
def test_random_minima_one_by_one(n, num):
    rng = np.random.default_rng(n)
    minima = 0
    for _ in range(num):
        A = rng.standard_normal((n, n))
        minors = [np.linalg.det((A + A.T)[:k, :k]) for k in range(1, n + 1)]  # Sylvester's criterion
        minima += min(minors) > 0
    assert solution.goe_minimum_fraction(n, num, np.random.default_rng(n)) == pytest.approx(minima / num)


@pytest.mark.parametrize(("n", "share"), [(1, 0.5), (2, (2 - 2**0.5) / 4)])
def test_random_minima_are_as_rare_as_theory_says(n, share):
    deviation = (share * (1 - share) / 40_000) ** 0.5
    assert abs(solution.goe_minimum_fraction(n, 40_000, np.random.default_rng(0)) - share) < 5 * deviation
