# loops in several threads while the main thread sleeps -> failed: an endless loop

import threading
import time


def loop():
    while True:
        pass


def double(x):
    for _ in range(4):
        threading.Thread(target=loop, daemon=True).start()
    time.sleep(1000)
