# Style: one strided slice per kernel entry, everything as sums of shifted images; pooling as a running maximum.
import numpy as np


def _pair(v):
    return (v, v) if np.isscalar(v) else tuple(v)


def _slices(shape, kernel, stride, padding, dilation):
    out, sizes = [], []
    for axis in (0, 1):
        room = shape[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1
        if room < 0:
            raise ValueError("the kernel doesn't fit")
        sizes.append(room // stride[axis] + 1)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            a, b = i * dilation[0], j * dilation[1]
            rows = slice(a, a + (sizes[0] - 1) * stride[0] + 1, stride[0])
            cols = slice(b, b + (sizes[1] - 1) * stride[1] + 1, stride[1])
            out.append((i, j, rows, cols))
    return out, sizes


def _pad(x, padding, value):
    (p, q) = padding
    return np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)), mode="constant", constant_values=value)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    stride, padding, dilation = _pair(stride), _pair(padding), _pair(dilation)
    F, per, kh, kw = weight.shape
    N, C = x.shape[:2]
    if per * groups != C or F % groups:
        raise ValueError("groups and channels don't match")
    slices, (ho, wo) = _slices(x.shape[2:], (kh, kw), stride, padding, dilation)
    padded = _pad(x, padding, 0)
    y = np.zeros((N, groups, F // groups, ho, wo), x.dtype)
    w = weight.reshape(groups, F // groups, per, kh, kw)
    for i, j, rows, cols in slices:
        seen = padded[:, :, rows, cols].reshape(N, groups, per, ho, wo)
        y += np.einsum("gop,ngpij->ngoij", w[..., i, j], seen)
    y = y.reshape(N, F, ho, wo)
    if bias is not None:
        y = y + bias[None, :, None, None]
    return y, (padded, w, slices, padding, weight.shape, bias is None)


def conv2d_backward(dy, cache):
    padded, w, slices, (p, q), weight_shape, no_bias = cache
    N, ho, wo = dy.shape[0], dy.shape[2], dy.shape[3]
    groups, filters, per = w.shape[:3]
    d = dy.reshape(N, groups, filters, ho, wo)
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i, j, rows, cols in slices:
        seen = padded[:, :, rows, cols].reshape(N, groups, per, ho, wo)
        dw[..., i, j] = np.einsum("ngoij,ngpij->gop", d, seen)
        back = np.einsum("ngoij,gop->ngpij", d, w[..., i, j])
        dx[:, :, rows, cols] += back.reshape(N, groups * per, ho, wo)
    dx = dx[:, :, p : dx.shape[2] - p, q : dx.shape[3] - q]
    return dx, dw.reshape(weight_shape), None if no_bias else np.einsum("nohw->o", dy)


def max_pool2d(x, kernel_size, stride=None, padding=0):
    kernel, padding = _pair(kernel_size), _pair(padding)
    stride = kernel if stride is None else _pair(stride)
    if 2 * padding[0] > kernel[0] or 2 * padding[1] > kernel[1]:
        raise ValueError("too much padding")
    slices, size = _slices(x.shape[2:], kernel, stride, padding, (1, 1))
    padded = _pad(x, padding, -np.inf)
    best = np.full(x.shape[:2] + tuple(size), -np.inf, x.dtype)
    winner = np.zeros(best.shape, int)
    for number, (_, _, rows, cols) in enumerate(slices):
        now = padded[:, :, rows, cols]
        better = (now > best) | (np.isnan(now) & ~np.isnan(best))
        best = np.where(better, now, best)
        winner[better] = number
    return best, (winner, slices, padded.shape, padding)


def max_pool2d_backward(dy, cache):
    winner, slices, shape, (p, q) = cache
    dx = np.zeros(shape, dy.dtype)
    for number, (_, _, rows, cols) in enumerate(slices):
        dx[:, :, rows, cols] += dy * (winner == number)
    return dx[:, :, p : shape[2] - p, q : shape[3] - q]


def init_params(image_size, channels, kernel_size, num_classes, rng):
    first, second = channels
    after_one = (image_size - (kernel_size - 1)) // 2
    after_two = (after_one - (kernel_size - 1)) // 2
    area = kernel_size**2
    conv1 = rng.standard_normal((first, 1, kernel_size, kernel_size)) / np.sqrt(area / 2)
    conv2 = rng.standard_normal((second, first, kernel_size, kernel_size)) / np.sqrt(first * area / 2)
    inputs = second * after_two * after_two
    dense = rng.standard_normal((num_classes, inputs)) / np.sqrt(inputs / 2)
    params = {"conv1": conv1, "bias1": np.zeros(first), "conv2": conv2, "bias2": np.zeros(second)}
    params.update(dense=dense, bias3=np.zeros(num_classes))
    return {key: value.astype("float32") for key, value in params.items()}


def _forward(params, X):
    y1, c1 = conv2d(X, params["conv1"], params["bias1"])
    p1, m1 = max_pool2d(y1, 2)  # pooling first: ReLU doesn't change the order
    r1 = np.maximum(p1, 0)
    y2, c2 = conv2d(r1, params["conv2"], params["bias2"])
    p2, m2 = max_pool2d(y2, 2)
    r2 = np.maximum(p2, 0)
    flat = r2.reshape((r2.shape[0], params["dense"].shape[1]))
    return flat @ params["dense"].T + params["bias3"], (c1, m1, r1, c2, m2, r2, flat)


def loss_and_grads(params, X, y):
    out, (c1, m1, r1, c2, m2, r2, flat) = _forward(params, X)
    out = out - out.max(axis=-1)[:, None]
    exps = np.exp(out)
    sums = exps.sum(axis=-1)
    n = np.arange(y.size)
    loss = (np.log(sums) - out[n, y]).sum() / y.size
    delta = exps / sums[:, None]
    delta[n, y] -= 1
    delta = delta / y.size
    g = {"bias3": delta.sum(axis=0), "dense": delta.T @ flat}
    back = (delta @ params["dense"]).reshape(r2.shape)
    back = max_pool2d_backward(np.where(r2 > 0, back, 0), m2)
    back, g["conv2"], g["bias2"] = conv2d_backward(back, c2)
    back = max_pool2d_backward(np.where(r1 > 0, back, 0), m1)
    g["conv1"], g["bias1"] = conv2d_backward(back, c1)[1:]
    return float(loss), g


def predict(params, images):
    X = np.divide(images, 255, dtype=np.float32)[:, np.newaxis, :, :]
    return _forward(params, X)[0].argmax(-1)
