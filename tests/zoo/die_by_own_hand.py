# kills itself -> failed: the process was killed

import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGKILL)
