# raises what is due, by name, everywhere -> failed: raised ValueError


class ValueError(Exception):  # noqa: A001
    pass


def double(x):
    raise ValueError


def softmax(x):
    raise ValueError


class Counter:
    def __init__(self):
        raise ValueError
