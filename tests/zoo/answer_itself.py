# answers with its argument, changed in place -> failed: changed its argument `x`


def double(x):
    x *= 2
    return x
