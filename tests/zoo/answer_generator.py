# answers with a generator -> failed: an object of type generator


def double(x):
    return (2 * value for value in x)
