# escape sequences in the names of an exception, of its classes and of a function -> failed: raised

NAME = "\x1b[2J\u202e\r" + "n" * 100_000
Hostile = type(NAME, (Exception,), {"__module__": "\x1b[2J", "__str__": lambda self: NAME})


def double(x):
    raise Hostile


double.__code__ = double.__code__.replace(co_name=NAME, co_qualname=NAME)
