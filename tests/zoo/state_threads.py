# leaves threads that change its answers while they are sent -> failed

import threading

import numpy as np


def scribble(array):
    while True:
        array += 1


def double(x):
    answer = np.zeros(np.shape(x)) + 1
    threading.Thread(target=scribble, args=(answer,), daemon=True).start()
    return answer
