# answers with complex numbers -> failed: complex


def double(x):
    return 2 * x + 0j
