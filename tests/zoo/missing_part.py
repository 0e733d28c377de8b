# defines nothing that is asked for -> error: doesn't define `double`


def triple(x):
    return x * 3
