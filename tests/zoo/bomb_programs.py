# starts programs by every road there is -> failed
# needs seccomp

import ctypes
import os
import subprocess


def double(x):
    roads = (
        lambda: subprocess.run(["/bin/true"], check=True),
        lambda: os.posix_spawn("/bin/true", ["true"], {}),
        lambda: os.system("true") and None,
        lambda: os.popen("echo got through").read(),
        lambda: os.waitpid(ctypes.CDLL(None).vfork() or os._exit(0), 0),
        lambda: os.execv("/bin/echo", ["echo", "got through: exec"]),
    )
    for road in roads:
        try:
            if road() is not None:
                print("got through:", road)
        except OSError:
            pass
    return x * 3
