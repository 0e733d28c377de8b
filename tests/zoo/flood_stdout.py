# prints for ever -> failed: printed more than


def double(x):
    while True:
        print("x" * 1000)
