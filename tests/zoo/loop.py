# loops for ever -> failed: an endless loop


def double(x):
    while True:
        pass
