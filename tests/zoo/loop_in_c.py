# computes an integer of a billion digits, in C code that hears of no signal -> failed: an endless loop


def double(x):
    return str(9 ** (9**9))
