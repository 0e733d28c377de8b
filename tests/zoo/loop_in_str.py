# raises an exception whose text takes for ever -> failed: an endless loop


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def double(x):
    raise Endless
