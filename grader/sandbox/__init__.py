"""What a worker may do: compute, and talk over the descriptors it was left. Nothing else.

A long-lived, single-threaded process prepares one `Sandbox` and forks one worker per submission; the worker
calls `Sandbox.enter` before it reads a byte of foreign code:

    sandbox = Sandbox(*readable_paths(("numpy",)))
    if os.fork() == 0:
        sandbox.enter(Limits(cpu_seconds=10, memory_bytes=1 << 30), keep={0, 1, 2, connection.fileno()})

Three layers, of which `available` says what this machine has and `Sandbox.layers` what is in force:

    rlimits    processor time, memory, open files, no file growth, no core dumps
    seccomp    an allow-list of system calls: no network, processes, signals to others or opening for writing
    landlock   no file but the readable ones; on newer kernels also no TCP and no signals, a second time

What stays possible inside, with all three: to ask for the existence, size and dates of a file (`stat`), to
start threads as long as memory lasts, and to use flaws of the kernel itself. A container or a virtual machine
around it all is the answer to those; `bubblewrap` makes a small container of that kind.

Ending a worker: with seccomp it cannot fork, so killing its process id ends everything it started. Without
seccomp it leads its own session, so that `os.killpg` reaches what it forked, short of a child that leaves the
session. A worker that has spent its processor time is ended by SIGKILL; its resource usage tells the reason.
"""

from .interpreter import readable_paths
from .jail import Sandbox, available
from .limits import Limits

__all__ = ["Limits", "Sandbox", "available", "readable_paths"]
