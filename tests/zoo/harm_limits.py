# raises its own limits and lowers those of others -> failed
# needs seccomp

import os
import resource

MANY = resource.RLIM_INFINITY


def double(x):
    actions = (
        lambda: resource.setrlimit(resource.RLIMIT_CPU, (MANY, MANY)),
        lambda: resource.setrlimit(resource.RLIMIT_AS, (MANY, MANY)),
        lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)),
        lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
        lambda: os.nice(-5),
        lambda: os.sched_setaffinity(os.getppid(), {0}),
        lambda: os.setuid(0),
        lambda: os.setsid(),
    )
    for action in actions:
        try:
            action()
            print("got through:", action.__code__.co_firstlineno)
        except (OSError, ValueError):
            pass
    return x * 3
