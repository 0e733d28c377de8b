# answers with one number that would be broadcast -> failed: the result is the float 0


def double(x):
    return 0.0
