# fills a dict with keys of the same hash -> failed: an endless loop


def double(x):
    return {k * (2**61 - 1): 0 for k in range(1, 10**5)}
