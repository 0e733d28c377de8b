# Style: loops over output positions with einsum, gradients scattered window by window; the network layer by layer.
import numpy as np


def two(v):
    return tuple(v) if isinstance(v, (tuple, list)) else (v, v)


def _setup(x, weight, stride, padding, dilation):
    (sh, sw), (ph, pw), (dh, dw) = two(stride), two(padding), two(dilation)
    N, C, H, W = x.shape
    kh, kw = weight.shape[2:]
    span_h, span_w = dh * (kh - 1) + 1, dw * (kw - 1) + 1
    Ho, Wo = (H + 2 * ph - span_h) // sh + 1, (W + 2 * pw - span_w) // sw + 1
    if H + 2 * ph < span_h or W + 2 * pw < span_w:
        raise ValueError("kernel too large")
    xp = np.zeros((N, C, H + 2 * ph, W + 2 * pw), x.dtype)
    xp[:, :, ph : ph + H, pw : pw + W] = x
    places = []
    for i in range(Ho):
        for j in range(Wo):
            top, left = i * sh, j * sw
            places.append((i, j, slice(top, top + span_h, dh), slice(left, left + span_w, dw)))
    return xp, places, (Ho, Wo)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    C, F = x.shape[1], weight.shape[0]
    if weight.shape[1] * groups != C:
        raise ValueError("channels")
    if F % groups != 0:
        raise ValueError("groups")
    xp, places, size = _setup(x, weight, stride, padding, dilation)
    y = np.zeros((x.shape[0], F, *size), x.dtype)
    c, o = C // groups, F // groups
    for g in range(groups):
        w = weight[g * o : (g + 1) * o]
        for i, j, rows, cols in places:
            patch = xp[:, g * c : (g + 1) * c, rows, cols]
            y[:, g * o : (g + 1) * o, i, j] = np.einsum("ncij,ocij->no", patch, w)
    if bias is not None:
        y += bias.reshape(1, -1, 1, 1)
    return y, {"x": x, "w": weight, "b": bias, "args": (stride, padding, dilation, groups)}


def conv2d_backward(dy, cache):
    x, weight = cache["x"], cache["w"]
    stride, padding, dilation, groups = cache["args"]
    xp, places, _ = _setup(x, weight, stride, padding, dilation)
    dxp, dw = np.zeros_like(xp), np.zeros(weight.shape, weight.dtype)
    c, o = weight.shape[1], weight.shape[0] // groups
    for g in range(groups):
        ins, outs = slice(g * c, g * c + c), slice(g * o, g * o + o)
        for i, j, rows, cols in places:
            d = dy[:, outs, i, j]
            dw[outs] += np.einsum("no,ncij->ocij", d, xp[:, ins, rows, cols])
            dxp[:, ins, rows, cols] += np.einsum("no,ocij->ncij", d, weight[outs])
    ph, pw = two(padding)
    dx = dxp[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]].copy()
    db = None if cache["b"] is None else np.array([dy[:, k].sum() for k in range(weight.shape[0])], dtype=dy.dtype)
    return dx, dw, db


def max_pool2d(x, kernel_size, stride=None, padding=0):
    kh, kw = two(kernel_size)
    sh, sw = two(stride if stride is not None else kernel_size)
    ph, pw = two(padding)
    if ph > kh / 2 or pw > kw / 2:
        raise ValueError("padding")
    N, C, H, W = x.shape
    if kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("kernel")
    xp = np.full((N, C, H + 2 * ph, W + 2 * pw), -np.inf, x.dtype)
    xp[:, :, ph : ph + H, pw : pw + W] = x
    Ho, Wo = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    y = np.empty((N, C, Ho, Wo), x.dtype)
    where = np.empty((N, C, Ho, Wo, 2), int)
    for n, c, i, j in np.ndindex(N, C, Ho, Wo):
        window = xp[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
        a, b = divmod(int(np.argmax(window)), kw)
        y[n, c, i, j] = window[a, b]
        where[n, c, i, j] = i * sh + a - ph, j * sw + b - pw
    return y, (x.shape, where)


def max_pool2d_backward(dy, cache):
    shape, where = cache
    dx = np.zeros(shape, dy.dtype)
    for n, c, i, j in np.ndindex(*dy.shape):
        a, b = where[n, c, i, j]
        dx[n, c, a, b] += dy[n, c, i, j]
    return dx


def init_params(image_size, channels, kernel_size, num_classes, rng):
    k, size, c_in, out = kernel_size, image_size, 1, {}
    for number, c in enumerate(channels, start=1):
        std = np.sqrt(2.0 / (c_in * k * k))
        out[f"conv{number}"] = (std * rng.standard_normal((c, c_in, k, k))).astype(np.float32)
        out[f"bias{number}"] = np.zeros(c, np.float32)
        c_in, size = c, (size - k + 1) // 2
    n = c_in * size * size
    out["dense"] = (np.sqrt(2.0 / n) * rng.standard_normal((num_classes, n))).astype(np.float32)
    out["bias3"] = np.zeros(num_classes, np.float32)
    return out


def _run(params, X):
    caches, h = [], X
    for number in (1, 2):
        h, conv = conv2d(h, params[f"conv{number}"], params[f"bias{number}"])
        on = h > 0
        h, pool = max_pool2d(h * on, 2)
        caches.append((conv, on, pool))
    shape = h.shape
    flat = h.reshape(shape[0], int(np.prod(shape[1:])))
    return np.einsum("nf,kf->nk", flat, params["dense"]) + params["bias3"], flat, shape, caches


def loss_and_grads(params, X, y):
    z, flat, shape, caches = _run(params, X)
    top = z.max(1, keepdims=True)
    log_sum = np.log(np.exp(z - top).sum(1, keepdims=True)) + top
    loss = np.mean([log_sum[i, 0] - z[i, y[i]] for i in range(len(y))])
    d = (np.exp(z - log_sum) - np.eye(z.shape[1], dtype=z.dtype)[y]) / z.dtype.type(len(y))
    grads = {"dense": np.einsum("nk,nf->kf", d, flat), "bias3": d.sum(0)}
    d = (d @ params["dense"]).reshape(shape)
    for number in (2, 1):
        conv, on, pool = caches[number - 1]
        d = max_pool2d_backward(d, pool) * on
        d, grads[f"conv{number}"], grads[f"bias{number}"] = conv2d_backward(d, conv)
    return loss, grads


def predict(params, images):
    X = (images / np.float32(255)).astype(np.float32).reshape(images.shape[0], 1, *images.shape[1:])
    return np.argmax(_run(params, X)[0], axis=1)
