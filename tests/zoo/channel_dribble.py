# sends its answer byte by byte -> failed: is wrong

import sys
import time


def double(x):
    channel = sys._getframe(2).f_locals["channel"]
    send = type(channel).send

    def slowly(raw):
        for i in range(len(raw)):
            send(channel, raw[i : i + 1])
            if i % 50 == 0:
                time.sleep(0.001)

    channel.send = slowly
    return x * 3
