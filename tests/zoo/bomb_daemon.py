# leaves a daemon behind, in a session of its own -> failed
# needs seccomp

import os
import time


def double(x):
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
        print("got through: fork", flush=True)
    except OSError:
        pass
    return x * 3
