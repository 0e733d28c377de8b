# writes answers before it is asked -> failed

import os
import sys

wire = sys._getframe(1).f_globals["wire"]


def double(x):
    channel = sys._getframe(2).f_locals["channel"]
    for number in range(1, 40):
        os.write(channel._write, wire.message({"id": number, "answered": x, "changed": [], "shared": []}))
    return x * 3
