# opens descriptors until there are no more -> failed: raised OSError
# needs rlimits

import os

held = []


def double(x):
    while True:
        held.extend(os.pipe())
