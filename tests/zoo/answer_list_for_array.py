# answers with a list where an array is due -> failed: a list of 5 items


def double(x):
    return (2 * x).tolist()
