# answers with a list of a quarter of a million numbers -> failed: with too many items


def double(x):
    return [0.0] * 250_000
