# Style: sliding windows, convolutions and closed forms instead of loops.
import numpy as np


def time_to_accuracy(curve, target, hold=3):
    curve = np.array(curve, dtype=float)
    costs, good = curve[:, 0], curve[:, 1] >= target
    if not np.all(costs[1:] > costs[:-1]):
        raise ValueError("costs")
    if len(good) < hold:
        return np.nan
    windows = np.lib.stride_tricks.sliding_window_view(good, hold).all(axis=1)
    return costs[np.argmax(windows)] if windows.any() else np.nan


def speedup(curve_a, curve_b, target, hold=3):
    a = time_to_accuracy(curve_a, target, hold)
    b = time_to_accuracy(curve_b, target, hold=hold)
    with np.errstate(all="ignore"):
        if np.isnan(a) and np.isnan(b):
            return np.float64("nan")
        return np.nan_to_num(b, nan=np.inf) / np.nan_to_num(a, nan=np.inf)


def smooth(values, beta):
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    age = np.arange(n)[:, None] - np.arange(n)[None, :]
    weights = np.where(age >= 0, np.power(float(beta), np.maximum(age, 0)), 0.0)
    return weights @ x / weights.sum(axis=1) if n else np.zeros(0)


def examples_curve(batch_sizes, eval_steps, metrics):
    out = np.empty((len(eval_steps), 2))
    for row, (k, metric) in enumerate(zip(eval_steps, metrics, strict=True)):
        out[row] = sum(int(size) for size in batch_sizes[:k]), metric
    return out


def record_curve(train, evaluate, clock, target, budget, hold=3):
    rows = []
    spent = 0.0
    while True:
        before = clock()
        train()
        after = clock()
        spent = spent + (after - before)
        rows.append([spent, float(evaluate())])
        last = [m for _, m in rows[-hold:]]
        if len(last) == hold and all(m >= target for m in last):
            break
        if spent >= budget:
            break
    return np.array(rows)


def median_time(times):
    times = np.sort(np.asarray(times).astype(float))  # NaN goes to the end
    n = len(times)
    return float((times[(n - 1) // 2] + times[n // 2]) / 2)
