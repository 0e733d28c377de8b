# loops for ever while it is being loaded -> error: an endless loop

while True:
    pass


def double(x):
    return x
