# Style: einsum throughout, a two-sided sigmoid, all states from itertools, logsumexp step by step.
import itertools

import numpy as np


def boltzmann_energy(s, W, b):
    s = np.asarray(s, dtype=W.dtype)
    upper = np.triu(W, 1)
    return -(np.einsum("ni,ij,nj->n", s, upper, s) + np.einsum("ni,i->n", s, b))


def energy(v, h, W, b_v, b_h):
    v, h = np.asarray(v, dtype=W.dtype), np.asarray(h, dtype=W.dtype)
    return -(np.einsum("ni,i->n", v, b_v) + np.einsum("nj,j->n", h, b_h) + np.einsum("ni,ij,nj->n", v, W, h))


def sigmoid(x):
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out


def p_h_given_v(v, W, b_h):
    return sigmoid(np.einsum("ni,ij->nj", np.asarray(v, dtype=W.dtype), W) + b_h)


def p_v_given_h(h, W, b_v):
    return sigmoid(np.einsum("nj,ij->ni", np.asarray(h, dtype=W.dtype), W) + b_v)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def free_energy(v, W, b_v, b_h):
    v = np.asarray(v, dtype=W.dtype)
    return -(v * b_v).sum(1) - softplus(np.einsum("ni,ij->nj", v, W) + b_h).sum(1)


def cd1(v0, W, b_v, b_h, u_h, u_v):
    n = len(v0)
    v0 = np.asarray(v0, dtype=W.dtype)
    ph0 = p_h_given_v(v0, W, b_h)
    h0 = np.where(u_h < ph0, 1, 0)
    v1 = np.where(u_v < p_v_given_h(h0, W, b_v), W.dtype.type(1), W.dtype.type(0))
    ph1 = p_h_given_v(v1, W, b_h)
    positive = v0.T.dot(ph0) / n
    negative = v1.T.dot(ph1) / n
    return {"b_h": ph0.mean(0) - ph1.mean(0), "b_v": v0.mean(0) - v1.mean(0), "W": positive - negative}


def log_likelihood(V, W, b_v, b_h):
    V, W, b_v, b_h = (np.asarray(x, dtype=np.float64) for x in (V, W, b_v, b_h))
    if W.shape[0] <= W.shape[1]:
        terms = -free_energy(np.array(list(itertools.product([0, 1], repeat=len(b_v)))), W, b_v, b_h)
    else:
        terms = -free_energy(np.array(list(itertools.product([0, 1], repeat=len(b_h)))), W.T, b_h, b_v)
    log_z = np.logaddexp.reduce(terms)
    return np.mean(-free_energy(V, W, b_v, b_h) - log_z)
