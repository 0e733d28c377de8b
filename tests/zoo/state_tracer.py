# traces and profiles the worker to change what it sends -> failed

import sys
import threading


def trace(frame, event, argument):
    if frame.f_code.co_name in ("respond", "message", "pack"):
        for name in frame.f_locals:
            if name in ("changed", "shared", "expected"):
                frame.f_locals[name] = []
    return trace


sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)


def double(x):
    x *= 2
    return x
