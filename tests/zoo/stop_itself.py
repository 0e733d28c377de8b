# stops itself and waits to be continued -> failed: stopped after
# waits

import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGSTOP)
