# answers with a dict whose keys are hostile -> failed: a dict with 6 keys


def double(x):
    return {"\x1b[2J\u202e\0": 1, (1, (2, (3,))): 2, float("nan"): 3, "k" * 100_000: 4, frozenset([1]): 5, None: 6}
