# raises an exception with a thousand causes and a group in a group in a group -> failed: raised ExceptionGroup


def double(x):
    error = ValueError("innermost")
    for _ in range(1000):
        outer = ExceptionGroup("group", [error])
        outer.__cause__ = outer.__context__ = error
        error = outer
    raise error
