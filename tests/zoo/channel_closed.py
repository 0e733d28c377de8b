# closes every descriptor and goes on -> failed

import os
import time


def double(x):
    os.closerange(0, 1024)
    time.sleep(1000)
