# ends the main thread alone, while another goes on -> failed: stopped after
# waits

import ctypes
import threading
import time


def double(x):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    ctypes.CDLL(None).syscall(60, 0)
