# sleeps for ever -> failed: is it waiting for something?
# waits

import time


def double(x):
    while True:
        time.sleep(1000)
