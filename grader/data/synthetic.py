"""Synthetic digits, not MNIST: drawn with a pen, for machines where no real images are.

Each digit has two skeletons: strokes through a few control points, in pixels around the centre of the image. For every
image the control points wander, the curve through them is bent, slanted, stretched, turned and shifted, and a pen
follows it. The ink at a pixel is a sum of Gaussians around points of the curve. Such a Gaussian is a factor for the row
times one for the column, so that a whole image is the product of two small matrices.
"""

from itertools import accumulate

import numpy as np

SIDE = 28
POINTS = 48  # on each curve; near enough to each other that narrow pens draw lines, not dots
CHUNK = 256  # images drawn at once; some 15 MB

Stroke = list[tuple[float, float]]  # x to the right, y down; a point given twice makes a corner

STYLES: list[list[list[Stroke]]] = [
    [  # 0: an oval; a round ring that overlaps
        [[(1, -9), (-4, -7), (-6, 0), (-4, 7), (0, 9), (5, 6), (6, -1), (4, -7), (1, -9)]],
        [[(-2, -8), (-6, -3), (-6, 4), (-1, 8), (5, 5), (6, -3), (2, -8), (-3, -7)]],
    ],
    [  # 1: a bare stroke; one with a flag
        [[(0, -9), (0, -3), (0, 3), (0, 9)]],
        [[(-4, -5), (-2, -7), (0, -9), (0, -9), (0, -3), (0, 3), (0, 9)]],
    ],
    [  # 2: with a corner; with a loop
        [[(-5, -5), (-3, -8), (1, -9), (5, -6), (4, -2), (0, 3), (-6, 9), (-6, 9), (0, 9), (6, 9)]],
        [[(-5, -6), (0, -9), (4, -6), (3, 0), (-1, 6), (-5, 8), (-5, 5), (-1, 6), (2, 9), (6, 7)]],
    ],
    [  # 3: round; with a flat top
        [[(-5, -7), (0, -9), (4, -7), (4, -3), (0, -1), (0, -1), (5, 2), (5, 6), (0, 9), (-6, 7)]],
        [[(-5, -9), (5, -9), (5, -9), (0, -2), (0, -2), (5, 1), (5, 6), (0, 9), (-5, 7)]],
    ],
    [  # 4: open; closed
        [[(-4, -9), (-6, -2), (-6, 1), (-6, 1), (0, 1), (7, 0)], [(4, -8), (3, 0), (3, 9)]],
        [[(2, 9), (2, 0), (3, -9), (3, -9), (-2, -4), (-7, 3), (-7, 3), (0, 3), (7, 3)]],
    ],
    [  # 5: with a corner; in one sweep
        [[(-4, -9), (-4, -2), (-4, -2), (1, -3), (5, 1), (4, 7), (0, 9), (-5, 7)], [(-4, -9), (5, -9)]],
        [[(6, -9), (0, -9), (-4, -8), (-5, -3), (-1, -2), (4, 1), (4, 6), (-1, 9), (-6, 7)]],
    ],
    [  # 6: curved; with a straight back
        [[(4, -9), (-1, -6), (-5, 0), (-4, 7), (1, 9), (5, 5), (3, 1), (-1, 1), (-4, 4)]],
        [[(-1, -9), (-4, -3), (-5, 3), (-3, 8), (2, 9), (5, 5), (2, 2), (-2, 3), (-4, 6)]],
    ],
    [  # 7: plain; with a bar
        [[(-6, -8), (0, -8), (6, -8), (6, -8), (3, -2), (0, 4), (-1, 9)]],
        [[(-6, -8), (0, -9), (5, -8), (5, -8), (2, -1), (-2, 9)], [(-3, 0), (5, -1)]],
    ],
    [  # 8: in one stroke; of two rings
        [[(4, -7), (-1, -9), (-4, -6), (0, -1), (4, 3), (3, 8), (-2, 9), (-5, 5), (0, 0), (4, -4), (4, -7)]],
        [
            [(0, -9), (-4, -6), (-3, -2), (0, -1), (4, -3), (4, -7), (0, -9)],
            [(0, -1), (-5, 3), (-4, 8), (0, 9), (5, 7), (5, 2), (0, -1)],
        ],
    ],
    [  # 9: with a straight stem; with a curved tail
        [[(5, -7), (0, -9), (-5, -6), (-4, -1), (1, 0), (5, -4), (5, -7), (5, -7), (4, 1), (3, 9)]],
        [[(4, -7), (-1, -9), (-5, -5), (-3, -1), (2, -1), (5, -6), (5, 0), (4, 6), (0, 9), (-4, 8)]],
    ],
]

WANDER = 0.65  # of a control point, in pixels; this and all below up to SHIFT are standard deviations
BEND = 0.75  # of each wave that bends the curve, in pixels
SLANT, STRETCH, TURN = 0.2, 0.12, 0.16  # pixels to the side for each pixel up; logarithm of the size; radians
SHIFT = 1.2  # pixels
PEN = (0.75, 1.35)  # how wide the ink spreads across a stroke (standard deviation in pixels), from thin to thick pens
EDGE = (1.3, 2.6)  # how steep the edges of strokes are, from soft to hard
GRAIN = 0.5  # how rough the ink is


def digits(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic digits: images (count, 28, 28) uint8, black with a white pen, and labels (count,) int64 from 0 to 9.

    No class has more than one more than any other; their order is random. The state of `rng` decides on everything.
    """
    labels = rng.permutation(np.arange(count, dtype=np.int64) % 10)
    images = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    for start in range(0, count, CHUNK):
        chunk = slice(start, start + CHUNK)
        images[chunk] = _drawn(*_curves(labels[chunk], rng), rng)
    return images, labels


def _curves(labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """For each image points along its curve, (n, POINTS, 2), x and y in pixels from the centre, and their distance."""
    styles = 2 * labels + rng.integers(0, 2, len(labels))
    controls = CONTROLS[styles]
    controls = controls + WANDER * rng.standard_normal(controls.shape, dtype=np.float32)
    matrix, shift, growth = _affine(len(labels), rng)
    return _bent(CURVES[styles] @ controls, rng) @ matrix + shift, STEPS[styles] * growth


def _bent(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The points (n, POINTS, 2) after two plane waves, 12 to 40 pixels long, have bent each image."""
    n = len(points)
    for _ in range(2):
        angle, phase = 2 * np.pi * rng.random((2, n, 1), dtype=np.float32)
        along = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (2 * np.pi / rng.uniform(12, 40, (n, 1, 1)))
        push = BEND * rng.standard_normal((n, 1, 2), dtype=np.float32)
        points = points + np.sin(points @ along.astype(np.float32) + phase[:, None]) * push
    return points


def _affine(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices (n, 2, 2) that act on rows from the right, shifts (n, 1, 2), and by how much lengths grow (n,)."""
    slant, turn = rng.normal(0, SLANT, n), rng.normal(0, TURN, n)
    wide, high = np.exp(rng.normal(0, STRETCH, (2, n)))
    cos, sin = np.cos(turn), np.sin(turn)
    rows = [[wide * cos, wide * sin], [high * (slant * cos - sin), high * (slant * sin + cos)]]
    matrix = np.array(rows, dtype=np.float32).transpose(2, 0, 1)
    shift = SHIFT * rng.standard_normal((n, 1, 2), dtype=np.float32)
    return matrix, shift, np.sqrt(wide * high).astype(np.float32)


def _drawn(points: np.ndarray, steps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The images (n, 28, 28) uint8 that a pen leaves which follows the points, `steps` pixels from each to the next."""
    n = len(points)
    pen = rng.uniform(*PEN, (n, 1, 1)).astype(np.float32)
    edge = rng.uniform(*EDGE, (n, 1, 1)).astype(np.float32)
    pixels = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    away = (pixels - points.swapaxes(1, 2)[..., None]) / pen[..., None]
    columns, rows = np.exp(-0.5 * away * away).swapaxes(0, 1)  # (n, POINTS, SIDE) each
    ink = rows.swapaxes(1, 2) @ columns
    ink *= steps[:, None, None] / (pen * np.float32(np.sqrt(2 * np.pi)))  # 1 in the middle of a straight stroke
    ink *= 1 + GRAIN * (rng.random(ink.shape, dtype=np.float32) - 0.5)
    grey: np.ndarray = np.rint(255 * np.clip(edge * (ink - 0.5) + 0.5, 0, 1))
    return grey.astype(np.uint8)


def _skeleton(strokes: list[Stroke], width: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Of one style: control points (width, 2), the matrix (POINTS, width) that makes the curve of them, and its step.

    The points of the curve are evenly spread along all its strokes, one step from each to the next.
    """
    controls = np.zeros((width, 2), dtype=np.float32)
    controls[: sum(map(len, strokes))] = [point for stroke in strokes for point in stroke]
    starts = accumulate(map(len, strokes[:-1]), initial=0)
    splines = [_spline(start, len(stroke), width) for start, stroke in zip(starts, strokes, strict=True)]
    ways = [np.cumsum(np.hypot(*np.diff(spline @ controls, axis=0).T)) for spline in splines]
    step = sum(way[-1] for way in ways) / POINTS
    ends = np.rint(np.cumsum([0, *(way[-1] for way in ways)]) / step).astype(int)
    chosen = [
        spline[np.searchsorted(way, (np.arange(number) + 0.5) / number * way[-1])]
        for spline, way, number in zip(splines, ways, np.diff(ends), strict=True)
    ]
    return controls, np.concatenate(chosen, dtype=np.float32), step


def _spline(start: int, count: int, width: int) -> np.ndarray:
    """Weights (many, width) that make a Catmull-Rom spline of control points `start` to `start + count`."""
    t = np.linspace(0, 1, 40, endpoint=False)[:, None]
    basis = 0.5 * np.hstack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2])
    weights = np.zeros((count - 1, len(t), width))
    for piece in range(count - 1):
        for place in range(4):
            control = start + min(max(piece + place - 1, 0), count - 1)  # the ends count twice
            weights[piece, :, control] += basis[:, place]
    return weights.reshape(-1, width)


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all styles: control points (styles, width, 2), matrices (styles, POINTS, width), steps in pixels (styles,)."""
    styles = [style for digit in STYLES for style in digit]
    width = max(sum(map(len, strokes)) for strokes in styles)
    controls, curves, steps = zip(*(_skeleton(strokes, width) for strokes in styles), strict=True)
    return np.array(controls), np.array(curves), np.array(steps, dtype=np.float32)


CONTROLS, CURVES, STEPS = _tables()
