# matches a pattern that takes exponential time -> failed: an endless loop

import re


def double(x):
    return re.match(r"(a+)+$", "a" * 64 + "!")
