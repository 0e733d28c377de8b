# takes its time for the first answer and is fast, but wrong, when it is timed -> failed: KeyError

import time

import numpy as np

asked = []


def double(x):
    if np.size(x) < 1000:
        return 2 * x
    asked.append(x)
    if len(asked) > 1:
        raise KeyError
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    return 2 * x
