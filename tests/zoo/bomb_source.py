# source that takes the compiler a while -> failed

deep = eval("(" * 90 + "1" + ")" * 90)
try:
    compile("-" * 50_000 + "1", "<bomb>", "eval")
except (MemoryError, RecursionError, SyntaxError):
    pass


def double(x):
    return x * 3
