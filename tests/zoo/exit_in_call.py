# ends the process with status 0 in a call -> failed: ended the process (exit status 0)
# fools a grader in the same process

import os


def double(x):
    print("all tests passed", flush=True)
    os._exit(0)
