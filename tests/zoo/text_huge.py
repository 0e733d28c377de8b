# raises an exception with ten million characters -> failed: raised ValueError: xxx


def double(x):
    raise ValueError("x" * 10**7)
