# answers with the right numbers as text -> failed: the result is


def double(x):
    return str(2 * x)
