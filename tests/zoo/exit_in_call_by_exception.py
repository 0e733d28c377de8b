# raises SystemExit with status 0 in a call -> failed: raised SystemExit
# fools a grader in the same process

import sys


def double(x):
    sys.exit(0)
