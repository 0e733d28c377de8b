# prints for ever while it is being loaded -> error: printed more than

while True:
    print("x" * 1000)


def double(x):
    return x
