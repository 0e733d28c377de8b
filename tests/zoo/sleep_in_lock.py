# waits for a lock that it holds itself -> failed: is it waiting for something?
# waits

import threading


def double(x):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
