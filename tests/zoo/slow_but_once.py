# takes its time for the first answer and remembers it for the next -> failed: took

import time

import numpy as np

seen = {}


def double(x):
    if np.size(x) < 1000:
        return 2 * x
    key = x.tobytes()
    if key not in seen:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
        seen[key] = 2 * x
    return seen[key].copy()
