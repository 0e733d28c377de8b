# signals its parent, the tester, its group, and every process -> failed
# needs seccomp

import os
import signal


def double(x):
    for process in (os.getppid(), "@TESTER@", 0, -1):
        for number in (signal.SIGKILL, 0) if process == os.getppid() else (0,):
            try:
                os.kill(int(process), number)
                print("got through:", process, number)
            except OSError:
                pass
    for process in {*range(1, 200)} - {os.getpid()}:
        try:
            os.kill(process, 0)
            print("got through:", process)
        except OSError:
            pass
    return x * 3
