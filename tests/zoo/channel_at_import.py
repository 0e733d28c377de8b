# says that it has been loaded, and writes answers, while it is being loaded -> failed: an answer before the question

import os
import sys

import numpy as np

wire, channel = sys._getframe(1).f_globals["wire"], sys._getframe(2).f_locals["channel"]
os.write(channel._write, wire.message({"id": 0, "names": ["double", "softmax", "Counter"]}))
for number in range(1, 40):
    os.write(channel._write, wire.message({"id": number, "answered": np.ones(5), "changed": [], "shared": []}))
