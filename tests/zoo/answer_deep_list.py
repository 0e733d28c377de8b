# answers with a list nested a million levels deep -> failed


def double(x):
    nested = []
    for _ in range(10**6):
        nested = [nested]
    return nested
