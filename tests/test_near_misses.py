"""Nothing that is nearly right passes, nor is it told a mistake that it doesn't make.

Each submission is a solution but for a few edits, which no misconception of the exercise describes: it fails in the
parts that the edits concern, in no others, and gets no diagnosis.
"""

from typing import NamedTuple

import pytest

from grader import engine, kit


class NearMiss(NamedTuple):
    """What is wrong, the parts that fail, and what stands in the solution with what stands there instead."""

    number: str
    name: str
    parts: set[str]
    edits: tuple[tuple[str, str], ...]


ACTIVATIONS = {
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "sigmoid",
    "tanh",
    "softmax",
    "log_softmax",
}
TOO_SMALL = (
    '    if min(counts) < 1:\n        raise ValueError(f"a window of {span} does not fit into a map of {size}")\n'
)

NEAR_MISSES = (
    NearMiss("1", "computed in float32", {"predict_linear"}, (("F.astype(np.float64) @ W", "F @ W"),)),
    NearMiss(
        "1",
        "exp first",
        {"predict_linear"},
        (("F.astype(np.float64) @ W + b,", "np.exp(F.astype(np.float64) @ W + b),"),),
    ),
    NearMiss("1", "lr times float16", {"learn_features"}, (("X, onehot = X.astype(np.float64)", "X, onehot = X"),)),
    NearMiss(
        "1",
        "all pixels scaled",
        {"predict_linear", "learn_features", "apply_features"},
        (
            ("F.astype(np.float64) @ W", "(F / 255 if F.dtype == np.uint8 else F.astype(np.float64)) @ W"),
            ("X, onehot = X.astype(np.float64)", "X, onehot = X / (255 if X.dtype == np.uint8 else 1.0)"),
            ("X.astype(np.float64) @ params", "(X / 255 if X.dtype == np.uint8 else X.astype(np.float64)) @ params"),
        ),
    ),
    NearMiss("1", "l2 never 0", {"fit_linear"}, (("l2 * np.eye", "(l2 + 1e-8) * np.eye"),)),
    NearMiss(
        "1",
        "almost is equal",
        {"predict_linear"},
        (("np.argmax(F.astype(np.float64) @ W + b,", "np.argmax((F.astype(np.float64) @ W + b).round(8),"),),
    ),
    NearMiss("1", "float16 kept", {"handcrafted_features"}, (("else X.astype(np.float64)\n    gx", "else X\n    gx"),)),
    NearMiss(
        "1",
        "the first two arrays",
        {"apply_features"},
        (('params["W1"] + params["b1"]', "list(params.values())[0] + list(params.values())[1]"),),
    ),
    NearMiss(
        "2",
        "weights in their own dtype",
        {"weight_and_ignore_index", "label_smoothing"},
        (("else weight.astype(np.float64)", "else weight"),),
    ),
    NearMiss(
        "2",
        "divisor at least 1",
        {"weight_and_ignore_index"},
        (("row_weight.sum(), reduction", "max(row_weight.sum(), 1.0) if kept.any() else 0.0, reduction"),),
    ),
    NearMiss(
        "2",
        "an ignored class has no share",
        {"label_smoothing"},
        (
            (
                "label_smoothing / classes * weight)",
                "label_smoothing / classes * weight * (np.arange(classes) != ignore_index))",
            ),
        ),
    ),
    NearMiss(
        "2",
        "float16 kept",
        {"binary_cross_entropy_with_logits", "cross_entropy", "mse_loss"},
        (("values if values.dtype == np.float32 else", 'values if values.dtype.kind == "f" else'),),
    ),
    NearMiss("3", "constants as they come", {"Graph"}, (("np.array(value, dtype=np.float64)", "np.array(value)"),)),
    NearMiss(
        "3",
        "results without dimensions broadcast",
        {"Graph"},
        (("if a.shape != b.shape and not has_number", "if a.shape != b.shape and a.ndim and b.ndim"),),
    ),
    NearMiss(
        "3",
        "one graph at a time",
        {"Graph"},
        (
            ("        self._kinds: list[str] = []\n", "        Graph._kinds = []\n"),
            ("        self._operands: list[tuple[int, ...]] = []\n", "        Graph._operands = []\n"),
            ("        self._given = {}", "        Graph._given = {}"),
        ),
    ),
    NearMiss(
        "3",
        "a single element broadcasts",
        {"Graph"},
        (("and not has_number", "and not has_number and max(a.shape) > 1 and max(b.shape) > 1"),),
    ),
    NearMiss(
        "3",
        "only given arrays copied",
        {"Graph"},
        (("[values[fetch].copy() for", "[values[fetch] if self._operands[fetch] else values[fetch].copy() for"),),
    ),
    NearMiss(
        "3",
        "zero without a shape",
        {"gradients"},
        (('self._add("zeros", a)', "self.constant(0.0)"), ('self._add("zeros", b)', "self.constant(0.0)")),
    ),
    NearMiss("3", "each node once in xs", {"gradients"}, (("[total.get(x) for", "[total.pop(x, None) for"),)),
    NearMiss(
        "3",
        "sums broadcast",
        {"Var"},
        (
            (
                "if self.data.shape != other.data.shape:",
                "if self.data.ndim and other.data.ndim and self.data.shape != other.data.shape:",
            ),
        ),
    ),
    NearMiss(
        "4",
        "float16 kept",
        {"MinMaxScaler", "StandardScaler"},
        (("X.dtype == np.float32 else", 'X.dtype.kind == "f" else'),),
    ),
    NearMiss(
        "4",
        "constant without the square",
        {"StandardScaler"},
        (("(total * self.mean_ * eps) ** 2", "total * np.abs(self.mean_) * eps"),),
    ),
    NearMiss(
        "4",
        "the only row kept",
        {"MinMaxScaler"},
        (("X.min(axis=0), X.max", "X.min(axis=0) if len(X) > 1 else X[0], X.max"),),
    ),
    NearMiss("4", "a small range is none", {"MinMaxScaler"}, (("np.where(spread == 0", "np.where(spread < 1e-12"),)),
    NearMiss(
        "4",
        "a range of whole numbers",
        {"MinMaxScaler"},
        (
            (
                "self.feature_range, self.clip = (low, high), clip",
                "self.feature_range, self.clip = (int(low), int(high)), clip",
            ),
        ),
    ),
    NearMiss("4", "1e-8 added", {"normalize_images"}, (("- mean) / std)", "- mean) / (std + 1e-8))"),)),
    NearMiss(
        "4",
        "all batches kept",
        {"channel_stats"},
        (
            (
                "for batch in batches:",
                "for batch in [part for batch in list(batches) for part in np.array_split(batch, 16)]:",
            ),
        ),
    ),
    NearMiss("5", "float16 kept", ACTIVATIONS, (("x if x.dtype == np.float32 else", 'x if x.dtype.kind == "f" else'),)),
    NearMiss(
        "5",
        "float16 kept on the way back",
        ACTIVATIONS - {"relu"},
        (("gradient(_as_float(x), grad", 'gradient(x if x.dtype.kind == "f" else _as_float(x), grad'),),
    ),
    NearMiss(
        "5",
        "the last input of forward",
        ACTIVATIONS,
        (
            ("    return activation(", "    _find.seen = _as_float(x)\n    return activation("),
            ("gradient(_as_float(x), grad", 'gradient(getattr(_find, "seen", _as_float(x)), grad'),
        ),
    ),
    NearMiss(
        "5",
        "the last options of forward",
        {"leaky_relu", "elu", "softplus", "gelu", "softmax", "log_softmax"},
        (
            ("    return activation(", "    _find.seen = options\n    return activation("),
            ("grad_output, **options)\n\n\ndef _as", 'grad_output, **getattr(_find, "seen", options))\n\n\ndef _as'),
        ),
    ),
    NearMiss("6", "partners in pairs", {"mixup"}, (("* values[perm]", "* values[np.argsort(np.argsort(perm))]"),)),
    NearMiss(
        "6",
        "lam a float or an array",
        {"mixup"},
        (("lam = np.reshape(lam,", "lam = np.reshape(lam if isinstance(lam, float) else lam[:],"),),
    ),
    NearMiss(
        "6",
        "nothing to do",
        {"pad_crop_flip"},
        (("    height, width = x", "    if not padding and not flip.any():\n        return x\n    height, width = x"),),
    ),
    NearMiss(
        "6",
        "float16 kept",
        {"mixup"},
        (("values if values.dtype == np.float32 else", 'values if values.dtype.kind == "f" else'),),
    ),
    NearMiss("7", "values are choices", {"sample_configs"}, (('{"type": "choice", "values"', '{"values"'),)),
    NearMiss(
        "7",
        "rungs by logarithms",
        {"successive_halving"},
        (("budget * eta > max_budget", "len(rungs) > math.floor(math.log(max_budget / min_budget, eta))"),),
    ),
    NearMiss(
        "7",
        "an unstable sort",
        {"successive_halving"},
        (
            (
                "ranking = sorted(zip((",
                "ranks = np.array([math.inf if math.isnan(x) else x for x in losses]).argsort()\n"
                "        ranking = list(zip((",
            ),
            (
                "        if len(survivors) == 1 or",
                "        ranking = [ranking[k] for k in ranks]\n        if len(survivors) == 1 or",
            ),
        ),
    ),
    NearMiss(
        "7",
        "only finite losses count",
        {"successive_halving"},
        (("math.inf if math.isnan(x) else x", "x if math.isfinite(x) else math.inf"),),
    ),
    NearMiss(
        "7", "choices as array", {"sample_configs"}, (("return values[", "return np.array(values, dtype=object)["),)
    ),
    NearMiss("7", "small is 0", {"expected_improvement"}, (("open_ended = sigma > 0", "open_ended = sigma > 1e-6"),)),
    NearMiss(
        "7", "1e-9 added", {"expected_improvement"}, (("np.divide(gain, sigma,", "np.divide(gain, sigma + 1e-9,"),)
    ),
    NearMiss(
        "8",
        "orthogonal from uniforms",
        {"init_weight"},
        (
            (
                "normals = rng.standard_normal((shape[0], math.prod(shape[1:])))",
                "normals = rng.random((shape[0], math.prod(shape[1:])))",
            ),
        ),
    ),
    NearMiss(
        "8",
        "computed in float32",
        {"signal_second_moments"},
        (("np.asarray(weight, np.float64) @ h", "(weight @ h.astype(np.result_type(weight, np.float32)))"),),
    ),
    NearMiss(
        "8",
        "a slope counts for every scheme",
        {"init_weight"},
        (
            (
                "    variance = _variance(shape, scheme, nonlinearity, param, mode)\n",
                "    variance = _variance(shape, scheme, nonlinearity, param, mode)\n"
                '    variance *= calculate_gain("leaky_relu", 1 if scheme == "he" else param or 1) ** 2\n',
            ),
        ),
    ),
    NearMiss(
        "8",
        "uniforms take the fan of the mode",
        {"init_weight"},
        (
            (
                "            bound = math.sqrt(3 * variance)",
                '            if mode == "fan_out" and scheme == "lecun":\n'
                "                variance = 1 / calculate_fan(shape)[1]\n"
                "            bound = math.sqrt(3 * variance)",
            ),
        ),
    ),
    NearMiss(
        "9", "512 states at most", {"log_likelihood"}, (("h = np.arange(2**nh)", "h = (np.arange(2**nh) % 512)"),)
    ),
    NearMiss(
        "9",
        "log of probabilities",
        {"log_likelihood"},
        (
            (
                "return float(-free_energy(V, W, b_v, b_h).mean() - _log_partition(W, b_v, b_h))",
                "return float(np.log(np.exp(-free_energy(V, W, b_v, b_h) - _log_partition(W, b_v, b_h))).mean())",
            ),
        ),
    ),
    NearMiss(
        "10",
        "cleanup after a bug",
        {"find_max_batch_size"},
        (
            (
                "        else:\n            return True\n",
                "        except Exception:\n            cleanup()\n            raise\n"
                "        else:\n            return True\n",
            ),
        ),
    ),
    NearMiss(
        "10",
        "out of memory by its text",
        {"find_max_batch_size"},
        (
            ("        except _OUT_OF_MEMORY:\n", "        except (MemoryError, RuntimeError) as error:\n"),
            (
                "            pass  # the",
                '            if isinstance(error, RuntimeError) and "out of memory" not in str(error):\n'
                "                raise\n            pass  # the",
            ),
        ),
    ),
    NearMiss(
        "10",
        "gradients on for good",
        {"evaluate"},
        (
            ("    with torch.no_grad():", "    torch.set_grad_enabled(False)\n    if True:"),
            (
                "    return total / count, correct",
                "    torch.set_grad_enabled(True)\n    return total / count, correct",
            ),
        ),
    ),
    NearMiss(
        "10",
        "frozen",
        {"evaluate"},
        (("    with torch.no_grad():", "    model.requires_grad_(False)\n    with torch.no_grad():"),),
    ),
    NearMiss(
        "10",
        "no gradients ever",
        {"evaluate"},
        (("    with torch.no_grad():", "    torch.set_grad_enabled(False)\n    if True:"),),
    ),
    NearMiss(
        "11",
        "float16 kept",
        {"prototypes", "proto_logits", "contrastive_loss", "triplet_loss"},
        (("x if x.dtype == np.float32 else", 'x if x.dtype.kind == "f" else'),),
    ),
    NearMiss(
        "11",
        "queries x classes x features",
        {"episode_loss", "evaluate_episodes"},
        (
            ("logits = proto_logits(", "logits = _scores("),
            ("predicted = proto_logits(", "predicted = _scores("),
            (
                "def sample_episode(",
                "def _scores(query, protos):\n"
                "    return -((_as_float(query)[:, None] - protos) ** 2).sum(axis=2)\n\n\ndef sample_episode(",
            ),
        ),
    ),
    NearMiss("11", "close is the same", {"contrastive_loss"}, (("where=d > 0)", "where=d > 1e-9)"),)),
    NearMiss("12-1", "read-only weights", {"xor_network"}, (("np.ones((2, 2)),", "np.broadcast_to(1.0, (2, 2)),"),)),
    NearMiss(
        "12-2",
        "a single knot, whatever the word",
        {"relu_interpolant"},
        (
            (
                'if extrapolate not in ("clamp", "linear"):',
                'if len(x_knots) > 1 and extrapolate not in ("clamp", "linear"):',
            ),
        ),
    ),
    NearMiss("12-2", "close is the same", {"relu_interpolant"}, (("np.any(steps == 0)", "np.any(steps < 1e-9)"),)),
    NearMiss(
        "12-2",
        "constant units left out",
        {"net_eval"},
        (('@ net["W2"][0]', '@ (net["W2"][0] * (net["W1"][:, 0] != 0))'),),
    ),
    NearMiss("12-2", "a little more is the same", {"num_segments"}, (("(8 * tol)))", "(8 * tol)) - 1e-6)"),)),
    NearMiss(
        "12-2",
        "knots one by one",
        {"approximate"},
        (("relu_interpolant(knots, f(knots))", "relu_interpolant(knots, np.array([f(x) for x in knots]))"),),
    ),
    NearMiss(
        "12-3",
        "units by reshaping",
        {"DeadUnitMonitor"},
        (
            (
                "        if z.shape[1] != self._active.size:\n",
                "        z = np.moveaxis(z, 1, 0).reshape(self._active.size, -1).T\n"
                "        if z.shape[1] != self._active.size:\n",
            ),
        ),
    ),
    NearMiss(
        "12-3",
        "empty batches aren't looked at",
        {"DeadUnitMonitor"},
        (
            (
                "        if z.shape[1] != self._active.size:\n",
                "        if not len(z):\n            return\n        if z.shape[1] != self._active.size:\n",
            ),
        ),
    ),
    NearMiss(
        "12-3",
        "batches kept",
        {"DeadUnitMonitor"},
        (
            ("        self._seen = 0\n", "        self._seen = 0\n        self._kept = []\n"),
            ("        self._active +=", "        self._kept.append(z.copy())\n        self._active +="),
        ),
    ),
    NearMiss("12-3", "integers summed up as such", {"DeadUnitMonitor"}, ((".sum(dtype=np.float64)", ".sum()"),)),
    NearMiss(
        "12-3",
        "int8 slopes times int8",
        {"prelu_forward"},
        (
            ("    x, weight = _floating(x), _floating(weight)\n", ""),
            (
                "return np.where(x > 0, x, _along_channels(weight, x) * x)",
                "return _floating(np.where(x > 0, x, _along_channels(weight, x) * x))",
            ),
        ),
    ),
    NearMiss(
        "12-3",
        "int8 parameters times int8",
        {"newly_dead"},
        (("    W1, b1, w2, X, y = (_floating(a) for a in (W1, b1, w2, X, y))\n", ""),),
    ),
    NearMiss("12-4", "numpy's own rcond", {"fit_least_squares"}, (("rcond=1e-10", "rcond=None"),)),
    NearMiss("12-4", "a coarse rcond", {"fit_least_squares"}, (("rcond=1e-10", "rcond=1e-5"),)),
    NearMiss("12-4", "numbers as they come", {"sigmoid_midpoint"}, (("-float(b) / float(w)", "-(b / w)"),)),
    NearMiss("12-4", "small is flat", {"sigmoid_midpoint"}, (("if w != 0", "if abs(w) > 1e-12"),)),
    NearMiss(
        "12-4",
        "negative labels of two classes",
        {"prior_bias"},
        (
            (
                "np.bincount(y.astype(np.int64)",
                "np.bincount((y if num_classes > 2 else np.maximum(y, 0)).astype(np.int64)",
            ),
        ),
    ),
    NearMiss(
        "16",
        "uncentred in evaluation mode",
        {"batchnorm_backward_eval"},
        (
            (
                "    dweight, dbias = _parameter_gradients(dy, xhat)\n    dx = dy * _per",
                (
                    "    dbias = dy.sum(_axes(dy)); dweight = ((dy * x).sum(_axes(dy)) - running_mean * dbias) "
                    "* inverse_std\n    dx = dy * _per"
                ),
            ),
        ),
    ),
    NearMiss(
        "16",
        "float16 kept in evaluation mode",
        {"batchnorm_backward_eval"},
        (
            (
                "    dx = dy * _per_channel(weight * inverse_std, x)\n    dtype = _dtype(x)",
                (
                    "    dx = dy * _per_channel(weight * inverse_std, x)\n"
                    "    dtype = x.dtype if x.dtype.kind == 'f' else np.float64"
                ),
            ),
        ),
    ),
    NearMiss(
        "16",
        "the cache holds the variance that is returned",
        {"batchnorm_backward"},
        (
            (
                "return y.astype(dtype), (xhat, weight * inverse_std), mean.astype(dtype), var.astype(dtype)",
                (
                    "var = var.astype(dtype)\n"
                    "    return y.astype(dtype), (xhat, weight, var, eps), mean.astype(dtype), var"
                ),
            ),
            (
                "    xhat, scale = cache\n",
                "    xhat, weight, var, eps = cache\n    scale = weight * _inverse_std(var, eps)\n",
            ),
        ),
    ),
    NearMiss(
        "16-1",
        "predictions become flat",
        {"mc_dropout"},
        (
            (
                "predictions = np.stack([np.asarray(predict(u), dtype=np.float64) for u in us])",
                "predictions = np.stack([np.ravel(np.asarray(predict(u), dtype=np.float64)) for u in us])",
            ),
        ),
    ),
    NearMiss(
        "16-1",
        "channels as they come in evaluation mode",
        {"dropout2d"},
        (
            (
                "    return dropout(x, p, None, training=False)\n",
                "    _check(p)\n    return x.copy(), np.ones(x.shape)\n",
            ),
        ),
    ),
    NearMiss(
        "16-1",
        "a mask of float64 in evaluation mode",
        {"dropout2d"},
        (
            (
                "    return dropout(x, p, None, training=False)\n",
                "    _check(p)\n    return _float(x), np.ones(x.shape)\n",
            ),
        ),
    ),
    NearMiss(
        "16-1",
        "uniforms in float32",
        {"dropout"},
        (("return (u >= p) / (1 - p)", "return (u.astype(np.float32) >= np.float32(p)) / (1 - p)"),),
    ),
    NearMiss(
        "16-2",
        "only layers with weights are loaded",
        {"BatchNorm"},
        (
            (
                "        for name, value in d.items():\n            setattr(self, name, deepcopy(value))\n",
                (
                    "        self.weight, self.bias = d['weight'].copy(), d['bias'].copy()\n"
                    "        for name, value in d.items():\n            setattr(self, name, deepcopy(value))\n"
                ),
            ),
        ),
    ),
    NearMiss(
        "16-2",
        "only layers with running statistics are loaded",
        {"BatchNorm"},
        (
            (
                "        for name, value in d.items():\n            setattr(self, name, deepcopy(value))\n",
                (
                    "        self.running_mean, self.running_var = d['running_mean'].copy(), "
                    "d['running_var'].copy()\n        for name, value in d.items():\n"
                    "            setattr(self, name, deepcopy(value))\n"
                ),
            ),
        ),
    ),
    NearMiss("16-2", "no value at all is enough", {"BatchNorm"}, (("if count < 2:", "if count == 1:"),)),
    NearMiss(
        "16-2",
        "batches are counted in private",
        {"BatchNorm"},
        (
            ("        self.training = True\n", "        self.training = True\n        self._n = 0\n"),
            (
                "        self.num_batches_tracked += 1\n        share = 1 / self.num_batches_tracked",
                "        self.num_batches_tracked += 1\n        self._n += 1\n        share = 1 / self._n",
            ),
            (
                "        for name, value in d.items():\n            setattr(self, name, deepcopy(value))\n",
                (
                    "        for name, value in d.items():\n            setattr(self, name, deepcopy(value))\n"
                    "        self._n = d.get('num_batches_tracked', 0)\n"
                ),
            ),
        ),
    ),
    NearMiss(
        "16-2",
        "momentum None is decided at the start",
        {"BatchNorm"},
        (
            (
                "        self.training = True\n",
                "        self.training = True\n        self._plain = momentum is None\n",
            ),
            ("if self.momentum is None", "if self._plain"),
        ),
    ),
    NearMiss(
        "16-2",
        "evaluation mode after recalibration",
        {"recalibrate"},
        (
            (
                "    bn.running_mean, bn.running_var = mean, spread / total",
                "    bn.running_mean, bn.running_var = mean, spread / total\n    bn.eval()",
            ),
        ),
    ),
    NearMiss(
        "16-2",
        "momentum is lost in recalibration",
        {"recalibrate"},
        (
            (
                "    bn.running_mean, bn.running_var = mean, spread / total",
                "    bn.running_mean, bn.running_var = mean, spread / total\n    bn.momentum = None",
            ),
        ),
    ),
    NearMiss(
        "16-2",
        "the bias is lost in recalibration",
        {"recalibrate"},
        (
            (
                "    bn.running_mean, bn.running_var = mean, spread / total",
                "    bn.running_mean, bn.running_var = mean, spread / total\n    bn.bias = np.zeros(len(mean))",
            ),
        ),
    ),
    NearMiss(
        "16-3",
        "parameters are replaced",
        {"init_dcgan"},
        (
            (
                "torch.nn.init.normal_(layer.weight, mean, 0.02, generator=generator)",
                (
                    "layer.weight = torch.nn.Parameter(torch.nn.init.normal_(torch.empty_like(layer.weight), "
                    "mean, 0.02, generator=generator))"
                ),
            ),
        ),
    ),
    NearMiss(
        "16-3",
        "evaluated behind the training passes",
        {"batch_dependence"},
        (
            (
                "return _change(training, z, mixed), _change(evaluation, z, mixed)",
                "return _change(training, z, mixed), _change(training.eval(), z, mixed)",
            ),
        ),
    ),
    NearMiss(
        "16-3",
        "a seed is set",
        {"batch_dependence", "virtual_batch_norm"},
        (
            (
                "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()",
                (
                    "    torch.manual_seed(0)\n"
                    "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()"
                ),
            ),
            ("    shape = (*x.shape[:2]", "    torch.manual_seed(0)\n    shape = (*x.shape[:2]"),
        ),
    ),
    NearMiss(
        "16-3",
        "the network is frozen",
        {"batch_dependence"},
        (
            (
                "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()",
                (
                    "    gen.requires_grad_(False)\n"
                    "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()"
                ),
            ),
        ),
    ),
    NearMiss(
        "16-3",
        "the momentum of batch norms is lost",
        {"batch_dependence"},
        (
            (
                "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()",
                (
                    "    for m in gen.modules():\n        if isinstance(m, torch.nn.BatchNorm2d):\n"
                    "            m.momentum = 0.0\n"
                    "    training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()"
                ),
            ),
        ),
    ),
    NearMiss(
        "13",
        "nan has converged",
        {"gradient_descent"},
        (("if np.linalg.norm(g) <= gtol:", "if not np.linalg.norm(g) > gtol:"),),
    ),
    NearMiss(
        "13",
        "1e-12 counts as nothing",
        {"backtracking"},
        (("<= here - c * t * (g @ g)", "<= here - c * t * (g @ g) + 1e-12"),),
    ),
    NearMiss(
        "13",
        "one try is always allowed",
        {"backtracking"},
        (("for _ in range(max_iter):", "for _ in range(max(1, max_iter)):"),),
    ),
    NearMiss(
        "13",
        "no step is shorter than 1e-12",
        {"backtracking"},
        (("        t *= beta\n", "        t *= beta\n        if t < 1e-12:\n            break\n"),),
    ),
    NearMiss(
        "13-1",
        "directions are paired with parameters by their order",
        {"loss_surface"},
        (
            (
                "(_moved(params, (alpha, d1), (beta, d2)))",
                "({n: p + alpha * d1[n] + beta * d for (n, p), d in zip(params.items(), d2.values())})",
            ),
        ),
    ),
    NearMiss(
        "13-1",
        "the loss of an alpha is remembered",
        {"loss_slice"},
        (
            (
                "return np.array([loss_fn(_moved(params, (alpha, direction))) for alpha in alphas]",
                "known = {alpha: loss_fn(_moved(params, (alpha, direction))) for alpha in dict.fromkeys(alphas)}\n"
                "    return np.array([known[alpha] for alpha in alphas]",
            ),
        ),
    ),
    NearMiss("13-2", "lr keeps its dtype", {"predicted_change"}, (("    lr = float(lr)\n", ""),)),
    NearMiss("13-2", "a tiny curvature is none", {"critical_lr"}, (("if bend > 0 else", "if bend > 1e-12 else"),)),
    NearMiss("13-2", "a short product is zero", {"sharpness"}, (("if length == 0:", "if length < 1e-12:"),)),
    NearMiss(
        "13-2", "v0 keeps its dtype", {"sharpness"}, (("v = np.asarray(v0, dtype=np.float64)", "v = np.asarray(v0)"),)
    ),
    NearMiss("13-2", "1e-12 is no rise", {"explain_step"}, (("after > before", "after > before + 1e-12"),)),
    NearMiss(
        "13-2",
        "differences of bytes",
        {"count_increases"},
        (
            ("np.asarray(losses, dtype=np.float64)", "np.asarray(losses)"),
            ("losses[window:] > losses[:-window]", "losses[window:] - losses[:-window] > 0"),
        ),
    ),
    NearMiss(
        "13-2",
        "losses in float32",
        {"count_increases"},
        (("np.asarray(losses, dtype=np.float64)", "np.asarray(losses, dtype=np.float32)"),),
    ),
    NearMiss(
        "13-3",
        "the dtype of X decides",
        {"backward", "forward"},
        (("_float_type(X, *params.values())", "_float_type(X)"),),
    ),
    NearMiss(
        "13-3",
        "the dtype of the parameters decides",
        {"backward", "forward"},
        (("_float_type(X, *params.values())", "_float_type(*params.values())"),),
    ),
    NearMiss(
        "13-3",
        "float16 kept",
        {"backward", "forward"},
        (
            (
                "np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64",
                "next((f for f in (np.float32, np.float16) if all(a.dtype == f for a in arrays)), np.float64)",
            ),
        ),
    ),
    NearMiss(
        "13-3",
        "bytes and float32 are float32",
        {"backward", "forward"},
        (
            (
                "np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64",
                "np.result_type(*arrays, np.float32)",
            ),
        ),
    ),
    NearMiss(
        "14",
        "halves of bytes",
        {"classify_critical_point", "escape_direction"},
        (
            (
                "    H = np.asarray(H, dtype=np.float64)\n    return (H + H.T) / 2",
                "    H = np.asarray(H)\n    return ((H + H.T) / 2).astype(np.float64)",
            ),
        ),
    ),
    NearMiss(
        "14",
        "tau from the length of all eigenvalues",
        {"classify_critical_point"},
        (("rtol * np.abs(eigenvalues).max()", "rtol * np.linalg.norm(eigenvalues)"),),
    ),
    NearMiss(
        "14",
        "exactly tau isn't zero",
        {"classify_critical_point"},
        (
            (
                "eigenvalues > tau, eigenvalues < -tau",
                "(eigenvalues > 0) & (eigenvalues >= tau), (eigenvalues < 0) & (eigenvalues <= -tau)",
            ),
        ),
    ),
    NearMiss(
        "14",
        "-1e-13 is not below 0",
        {"escape_direction"},
        (("if eigenvalues[0] >= 0:", "if eigenvalues[0] >= -1e-13:"),),
    ),
    NearMiss(
        "14-1",
        "gradients are paired with parameters by their order",
        {"Adadelta", "Adagrad", "NesterovSGD"},
        (
            (
                "    for name, p in params.items():\n        g = grads.get(name)\n",
                "    for (name, p), g in zip(params.items(), grads.values()):\n",
            ),
        ),
    ),
    NearMiss(
        "14-1",
        "starts keep their dtype",
        {"multi_start"},
        (("x = np.array(start, dtype=np.float64)", "x = np.array(start)"),),
    ),
    NearMiss(
        "14-1",
        "the first of those that are nearly best",
        {"multi_start"},
        (("best = int(np.argmin(values))", "best = int(np.argmin(np.round(values, 9)))"),),
    ),
    NearMiss(
        "14-2",
        "1e-10 is no violation",
        {"convexity_violation"},
        (
            (
                "    return float(np.max(f(weight * X + (1 - weight) * Y) - chord, initial=0.0))",
                "    rise = float(np.max(f(weight * X + (1 - weight) * Y) - chord, initial=0.0))\n"
                "    return rise if rise > 1e-10 else 0.0",
            ),
        ),
    ),
    NearMiss(
        "15",
        "fractional parts to six digits",
        {"largest_remainder"},
        (
            (
                "    places, remainders = np.divmod(numerators, np.sum(counts, dtype=np.int64))\n",
                "    quotas = numerators / np.sum(counts, dtype=np.int64)\n"
                "    places = np.floor(quotas + 1e-12).astype(np.int64)\n"
                "    remainders = np.round(quotas - places, 6)\n",
            ),
        ),
    ),
    NearMiss(
        "15",
        "no draw for a class that goes to the test set entirely",
        {"stratified_split"},
        (
            (
                "    for c, places in enumerate(largest_remainder(counts, size)):\n",
                "    for c, places in enumerate(largest_remainder(counts, size)):\n"
                "        if places == counts[c]:\n"
                "            in_test[label == c] = True\n"
                "            continue\n",
            ),
        ),
    ),
    NearMiss(
        "15",
        "shares rounded by 1e-6",
        {"group_split", "stratified_split", "time_split"},
        (("share * n - 1e-9", "share * n - 1e-6"),),
    ),
    NearMiss(
        "15",
        "shares rounded by 1e-12",
        {"group_split", "stratified_split", "time_split"},
        (("share * n - 1e-9", "share * n - 1e-12"),),
    ),
    NearMiss(
        "15",
        "losses keep their dtype",
        {"generalization_gap"},
        (("np.asarray(losses, np.float64) for", "np.asarray(losses) for"),),
    ),
    NearMiss(
        "15-1",
        "scores keep their dtype",
        {"cross_validate", "nested_cv"},
        (("return np.array(scores, dtype=np.float64)", "return np.array(scores)"),),
    ),
    NearMiss(
        "15-1",
        "one standard error below is too far",
        {"select_one_se"},
        (
            (
                "    good = np.flatnonzero(means >= means[best] - standard_error)\n",
                "    near = means > means[best] - standard_error\n"
                "    good = np.flatnonzero(near | (means == means[best]))\n",
            ),
        ),
    ),
    NearMiss(
        "15-1",
        "a bit more than a standard error",
        {"select_one_se"},
        (("means[best] - standard_error", "means[best] - standard_error - 1e-6"),),
    ),
    NearMiss(
        "15-1",
        "candidates as keys",
        {"nested_cv"},
        (("candidates[np.argmax(means)]", "max((known := dict(zip(candidates, means))), key=known.get)"),),
    ),
    NearMiss(
        "15-1",
        "the mean over rows",
        {"nested_cv"},
        (
            (
                "return float(np.mean(scores))",
                "return float(np.average(scores, weights=[len(val) for _, val in folds]))",
            ),
        ),
    ),
    NearMiss(
        "15-2",
        "whole numbers are compared as such",
        {"clean_split", "exact_overlap"},
        (
            (
                "    return [row.tobytes() for row in flat]",
                "    whole = X.dtype == np.int64\n"
                "    return [row.tobytes() for row in (X.reshape(flat.shape) if whole else flat)]",
            ),
        ),
    ),
    NearMiss(
        "15-2",
        "samples to nine digits",
        {"conflicting_labels"},
        (("enumerate(_keys(X))", "enumerate(_keys(np.round(X, 9)))"),),
    ),
    NearMiss(
        "15-2",
        "short samples are zeros",
        {"near_duplicates"},
        (
            (
                "    flat = _flat(X)\n    with",
                "    flat = _flat(X)\n"
                "    flat = flat * (np.linalg.norm(flat, axis=1, keepdims=True) > 1e-12)\n"
                "    with",
            ),
        ),
    ),
    NearMiss(
        "15-2",
        "0.95 is suspicious",
        {"leaky_features"},
        (("auc_threshold: float = 0.99", "auc_threshold: float = 0.95"),),
    ),
    NearMiss(
        "15-3",
        "bytes are multiplied as such",
        {"kkt_violation"},
        (("    X, y, w = (np.asarray(array, np.float64) for array in (X, y, w))\n", ""),),
    ),
    NearMiss(
        "15-3",
        "steps of bytes",
        {"decay_step"},
        (("    w, g = (np.asarray(array, np.float64) for array in (w, g))\n", ""),),
    ),
    NearMiss(
        "15-3",
        "scales by rows only",
        {"decay_step"},
        (
            ("lr * g / scale", "lr * g / np.resize(scale, w.shape)"),
            ("(g + wd * w) / scale", "(g + wd * w) / np.resize(scale, w.shape)"),
        ),
    ),
    NearMiss("13", "1e-8 is 0", {"gradient_descent"}, (("<= gtol:", "<= max(gtol, 1e-8):"),)),
    NearMiss(
        "15",
        "a row is always left for training",
        {"group_split"},
        (
            (
                "size = _test_rows(test_size, len(groups))",
                "size = min(_test_rows(test_size, len(groups)), len(groups) - 1)",
            ),
        ),
    ),
    NearMiss("15-3", "comes to rest at 1e-7", {"elastic_net"}, (("if largest <= tol:", "if largest <= 1e-7:"),)),
    NearMiss(
        "15-3",
        "small singular values are left out",
        {"effective_dof"},
        (("compute_uv=False) ** 2", "compute_uv=False) ** 2\n    squared = squared[squared > 1e-9]"),),
    ),
    NearMiss(
        "17",
        "the learning rate isn't loaded",
        {"Adam", "AdamW", "RMSprop", "SGD"},
        (('        self.lr = d["lr"]\n', ""),),
    ),
    NearMiss(
        "17",
        "gradients are paired with parameters by their order",
        {"Adam", "AdamW", "RMSprop", "SGD"},
        (
            (
                "    for name, p in params.items():\n        g = grads.get(name)\n",
                "    for (name, p), g in zip(params.items(), grads.values()):\n",
            ),
        ),
    ),
    NearMiss("17", "a momentum below 0 with nesterov", {"SGD"}, (("momentum <= 0 or", "momentum == 0 or"),)),
    NearMiss(
        "17",
        "state by shape",
        {"Adam", "AdamW", "RMSprop", "SGD"},
        (("            yield name, p, g", "            yield str(p.shape), p, g"),),
    ),
    NearMiss(
        "17",
        "nothing to save before the first step",
        {"Adam", "AdamW", "RMSprop"},
        (
            (
                '        return {"lr": self.lr, "state": deepcopy(self.state)}',
                '        next(iter(self.state))\n        return {"lr": self.lr, "state": deepcopy(self.state)}',
            ),
        ),
    ),
    NearMiss(
        "17",
        "a buffer of zeros begins anew",
        {"SGD"},
        (("if name not in self.buffers:", "if name not in self.buffers or not self.buffers[name].any():"),),
    ),
    NearMiss(
        "17",
        "Nesterov turns round when climbing",
        {"SGD"},
        (
            (
                "        return d + self.momentum * self.buffers[name] if self.nesterov",
                ("        return (-d if self.maximize else d) + self.momentum * self.buffers[name] if self.nesterov"),
            ),
        ),
    ),
    NearMiss(
        "17",
        "refused only in a step",
        {"SGD"},
        (
            (
                (
                    "        if nesterov and (momentum <= 0 or dampening != 0):\n"
                    '            raise ValueError("nesterov needs a positive momentum and no dampening")\n'
                ),
                "",
            ),
            (
                "        for name, p, g in _taking_part(self.params, grads):\n            d = (-g",
                (
                    "        if self.nesterov and (self.momentum <= 0 or self.dampening != 0): raise "
                    "ValueError\n        for name, p, g in _taking_part(self.params, grads):\n            d = (-g"
                ),
            ),
        ),
    ),
    NearMiss("17-1", "w0 keeps its dtype", {"sgd"}, (("w = w0.astype(np.float64)", "w = w0 + 0"),)),
    NearMiss(
        "17-1",
        "one sample has no covariance",
        {"gradient_covariance"},
        (
            (
                "    if batch_size > n and not replace:",
                (
                    "    if n == 1:\n"
                    "        return np.zeros((per_sample_grads.shape[1],) * 2, "
                    "np.result_type(per_sample_grads, np.float32))\n    if batch_size > n and not replace:"
                ),
            ),
        ),
    ),
    NearMiss("17-2", "samples have an axis", {"accumulate_gradients"}, (("len(X[part]) / n", "len(X[part, :]) / n"),)),
    NearMiss("17-2", "small is 0", {"noise_scale"}, (("if g2 > 0", "if g2 > 1e-9"),)),
    NearMiss(
        "17-3",
        "what stays keeps its dtype",
        {"convert_velocity"},
        (("return np.array(v, dtype=np.float64)", "return np.array(v)"),),
    ),
    NearMiss(
        "17-3",
        "small is 0",
        {"convert_velocity"},
        (('if lr == 0 and "classical" in (src, dst)', 'if lr < 1e-8 and "classical" in (src, dst)'),),
    ),
    NearMiss(
        "17-3",
        "grad gets the start as it came",
        {"momentum_path"},
        (
            (
                "    theta = np.array(theta0, dtype=np.float64)\n    v = np.zeros_like(theta)",
                "    theta = np.array(theta0)\n    v = np.zeros(theta.shape)",
            ),
            ("return np.stack(path)", "return np.stack(path).astype(np.float64)"),
        ),
    ),
    NearMiss("18-1", "hold for A only", {"speedup"}, (("(curve_b, target, hold)", "(curve_b, target)"),)),
    NearMiss(
        "18-1",
        "costs are compared as they came",
        {"time_to_accuracy"},
        (("    if (np.diff(costs) <= 0).any():", "    if (np.diff(np.asarray(curve)[:, 0]) <= 0).any():"),),
    ),
    NearMiss(
        "18-1",
        "nearly is enough for a curve",
        {"time_to_accuracy"},
        (
            (
                "in_a_row = in_a_row + 1 if metric >= target else 0\n        if in_a_row",
                "in_a_row = in_a_row + 1 if metric >= target - 1e-9 else 0\n        if in_a_row",
            ),
        ),
    ),
    NearMiss(
        "18-1",
        "nearly is enough in a run",
        {"record_curve"},
        (
            (
                "in_a_row = in_a_row + 1 if metric >= target else 0\n        curve",
                "in_a_row = in_a_row + 1 if metric >= target - 1e-9 else 0\n        curve",
            ),
        ),
    ),
    NearMiss(
        "18-1",
        "examples are counted in float32",
        {"examples_curve"},
        (
            (
                "np.column_stack([seen[steps - 1], metrics])",
                "np.column_stack([seen[steps - 1].astype(np.float32), metrics])",
            ),
        ),
    ),
    NearMiss(
        "18-2",
        "one maximum for all samples",
        {"two_layer_gradients"},
        (("logits.max(axis=1, keepdims=True)", "logits.max(initial=-np.inf)"),),
    ),
    NearMiss("18-2", "an rtol of 1e-5", {"gradcheck"}, (("rtol: float = 1e-6", "rtol: float = 1e-5"),)),
    NearMiss("18-2", "small is 0", {"relative_error"}, (("if total != 0 else", "if not total < 1e-10 else"),)),
    NearMiss("18-3", "one maximum for all images", {"loss_and_grads"}, (("z.max(axis=1, keepdims=True)", "z.max()"),)),
    NearMiss(
        "18-3",
        "the second ReLU is open at 0",
        {"loss_and_grads"},
        (("(a2 > 0)", '(conv2d(max_pool2d(a1, 2)[0], params["conv2"], params["bias2"])[0] >= 0)'),),
    ),
    NearMiss(
        "18-3",
        "a kernel is compared with the image without its padding",
        {"conv2d", "conv2d_backward"},
        (
            (
                "    columns = windows.reshape(len(x), groups",
                "    if x.shape[2] < kernel[0] or x.shape[3] < kernel[1]:\n        raise ValueError\n"
                "    columns = windows.reshape(len(x), groups",
            ),
        ),
    ),
    NearMiss(
        "18-3",
        "the padding of the columns counts",
        {"max_pool2d"},
        (("any(2 * p > k for p, k in zip(padding, kernel, strict=True))", "2 * padding[1] > kernel[1]"),),
    ),
    NearMiss(
        "18-3", "padding counts as -1e9", {"max_pool2d", "max_pool2d_backward"}, (("fill=-np.inf)\n", "fill=-1e9)\n"),)
    ),
    NearMiss(
        "19",
        "batches on a list",
        {"make_batches"},
        (
            (
                "        yield _normalised(images[chosen], device), labels[chosen].to(device, torch.int64)\n",
                "        done.append((_normalised(images[chosen], device), labels[chosen].to(device, torch.int64)))\n"
                "    return done\n",
            ),
            ("    for start in range(0, len(order)", "    done = []\n    for start in range(0, len(order)"),
        ),
    ),
    NearMiss(
        "19",
        "predictions on the CPU, whatever the device",
        {"predict"},
        (("model(_normalised(images, device))", 'model(_normalised(images, "cpu"))'),),
    ),
    NearMiss(
        "19",
        "the device has to be a name",
        {"make_batches", "predict"},
        (("images.to(device)[:, None]", 'images.to(device.split(":")[0])[:, None]'),),
    ),
    NearMiss(
        "19",
        "a model in train mode is trusted to be so inside",
        {"train_epoch"},
        (("    model.train()\n    total", "    if not model.training:\n        model.train()\n    total"),),
    ),
    NearMiss(
        "19",
        "a model in eval mode is trusted to be so inside",
        {"predict"},
        (("    model.eval()\n", "    if model.training:\n        model.eval()\n"),),
    ),
    NearMiss(
        "19",
        "modules two levels down don't get their modes back",
        {"predict"},
        (("for module in model.modules()]", "for module in (model, *model.children())]"),),
    ),
    NearMiss(
        "19",
        "every model after one seed is the same",
        {"build_model"},
        (("    return nn.Sequential(", "    torch.manual_seed(torch.initial_seed())\n    return nn.Sequential("),),
    ),
    NearMiss(
        "19-1",
        "only the children of a model are looked at",
        {"permute_mlp_input"},
        (("in permuted.modules() if", "in permuted.children() if"),),
    ),
    NearMiss(
        "19-1",
        "the old model is left in eval mode",
        {"permute_mlp_input"},
        (("    permuted = copy.deepcopy(model)\n", "    permuted = copy.deepcopy(model)\n    model.eval()\n"),),
    ),
    NearMiss(
        "19-1",
        "a model that is a layer isn't looked at",
        {"permute_mlp_input"},
        (("in permuted.modules() if", "in list(permuted.modules())[1:] if"),),
    ),
    NearMiss(
        "19-1",
        "a layer is built for its convolution, which draws its weights",
        {"conv_as_linear"},
        (
            (
                '    return nn.functional.conv2d(units, weight, padding="same").flatten(1).T\n',
                '    layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], padding="same", bias=False)\n'
                "    layer.weight.data = weight.detach()\n    return layer(units).flatten(1).T\n",
            ),
        ),
    ),
    NearMiss(
        "19-1",
        "an MLP with a layer too many",
        {"build_mlp"},
        (
            (
                "nn.ReLU(), nn.Linear(hidden, 10))",
                "nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))",
            ),
        ),
    ),
    NearMiss(
        "19-2",
        "only the last map is looked at",
        {"flat_features"},
        (
            (TOO_SMALL, ""),
            (
                "    return channels * prod(size)",
                "    if min(size) < 1:\n        raise ValueError\n    return channels * prod(size)",
            ),
        ),
    ),
    NearMiss("19-2", "only the height has to be left", {"flat_features"}, (("min(counts) < 1", "counts[0] < 1"),)),
    NearMiss(
        "19-2",
        "ties are broken by a small number for each class",
        {"topk_accuracy"},
        (
            (
                "    own = logits.gather(1, y[:, None])\n",
                "    logits = logits - 1e-9 * torch.arange(logits.shape[1])\n    own = logits.gather(1, y[:, None])\n",
            ),
        ),
    ),
    NearMiss(
        "19-2",
        "parameters are frozen on the way to the gradients",
        {"head_gradients"},
        (
            (
                "    rows = torch.arange(len(y))\n",
                "    weight.requires_grad_(False)\n    bias.requires_grad_(False)\n    rows = torch.arange(len(y))\n",
            ),
        ),
    ),
    NearMiss(
        "19-2",
        "parameters are replaced",
        {"set_trainable"},
        (
            (
                "        parameter.requires_grad_(name in head)\n",
                '        owner, _, own = name.rpartition(".")\n'
                "        new = torch.nn.Parameter(parameter.detach(), name in head)\n"
                "        setattr(model.get_submodule(owner), own, new)\n",
            ),
        ),
    ),
    NearMiss(
        "19-3",
        "modules two levels down don't get their modes back",
        {"evaluate"},
        (("for module in model.modules()]", "for module in (model, *model.children())]"),),
    ),
    NearMiss(
        "19-3",
        "a model in eval mode is trusted to be so inside",
        {"evaluate", "train_with_monitor"},
        (("    model.eval()\n", "    if model.training:\n        model.eval()\n"),),
    ),
    NearMiss(
        "19-3",
        "modes come back after certain errors only",
        {"evaluate"},
        (
            ("            return _means(", "            found = _means("),
            ("    finally:\n", "    except RuntimeError as error:\n        found = error\n    if True:\n"),
            (
                "            module.training = mode\n",
                "            module.training = mode\n    if isinstance(found, RuntimeError):\n        raise found\n"
                "    return found\n",
            ),
        ),
    ),
    NearMiss(
        "20",
        "a stride without a padding isn't looked at",
        {"op_cost"},
        (('op.get("stride", 1)', '(op.get("stride", 1) if "padding" in op else 1)'),),
    ),
    NearMiss(
        "20-1",
        "a NaN of a rank with rows counts as 0",
        {"allreduce_mean_grads"},
        (("sum(grads[name] * weight for", "sum(np.nan_to_num(grads[name]) * weight for"),),
    ),
    NearMiss(
        "20-1",
        "buffers are returned, too",
        {"dp_train"},
        (
            (
                "    model = model_fn()\n",
                "    model = model_fn()\n    buffers = dict(model.named_buffers())\n",
            ),
            (
                "    return _parameters(model)\n\n\ndef _zeros",
                "    return buffers | _parameters(model)\n\n\ndef _zeros",
            ),
        ),
    ),
    NearMiss(
        "20-1",
        "answers have two axes",
        {"dp_train"},
        (
            (
                "loss = torch.nn.functional.mse_loss if",
                "loss = (lambda z, y: ((z - y) ** 2).sum() / len(y) / y.shape[1]) if",
            ),
        ),
    ),
    NearMiss(
        "20-1",
        "only the model of rank 0 is changed in place",
        {"ddp_worker"},
        (
            (
                "    for parameter in model.parameters():\n        comm.broadcast",
                "    model = __import__('copy').deepcopy(model) if comm.rank else model\n"
                "    for parameter in model.parameters():\n        comm.broadcast",
            ),
        ),
    ),
)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("miss", NEAR_MISSES, ids=lambda miss: f"{miss.number}: {miss.name}")
def test_it_fails_without_a_diagnosis(miss: NearMiss, seed: int) -> None:
    entry = kit.find(kit.builtin(), miss.number)
    source = entry.solution.read_text("utf-8")
    for before, after in miss.edits:
        assert before in source
        source = source.replace(before, after)
    report = engine.judge(entry, source.encode(), entry.solution.name, seed)["report"]
    training = kit.load_spec(entry).exercise.training
    failing = {part["name"] for part in report["parts"] if part["passed"] < part["cases"]}
    assert failing - {training and training.name} == miss.parts
    assert report["diagnosis"] is None
