# aborts -> failed: ended by signal 6

import os


def double(x):
    os.abort()
