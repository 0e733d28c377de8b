# reads memory, environment, descriptors and maps of itself and its ancestors in /proc -> failed
# needs landlock

import os

NAMES = "mem maps environ cmdline status stat root/etc/passwd cwd/README.md task".split()

for process in ("self", "thread-self", os.getppid(), "@TESTER@", 1):
    for path in [f"/proc/{process}/{name}" for name in NAMES] + [f"/proc/{process}/fd/{fd}" for fd in range(3, 12)]:
        try:
            os.close(os.open(path, os.O_RDONLY))
            print("got through:", path)
        except OSError:
            pass
    for path in (f"/proc/{process}/fd", f"/proc/{process}/task", f"/proc/{process}"):
        try:
            print("got through:", os.listdir(path))
        except OSError:
            pass


def double(x):
    return x * 3
