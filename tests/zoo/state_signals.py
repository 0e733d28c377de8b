# handles signals and sets timers that interrupt the worker for ever -> failed

import signal


def interrupt(number, frame):
    raise KeyboardInterrupt


def double(x):
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    return x * 3
