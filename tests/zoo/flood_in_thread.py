# a thread of it prints for ever while it answers -> failed

import threading


def flood():
    while True:
        print("\x1b[2J" * 1000)


def double(x):
    threading.Thread(target=flood, daemon=True).start()
    return x * 3
