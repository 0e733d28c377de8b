# answers with a list that holds itself, many times -> failed


def double(x):
    cycle = []
    cycle += [cycle] * 1000
    return cycle
