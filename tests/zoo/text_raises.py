# raises an exception whose text raises an exception -> failed: raised Shy


class Shy(BaseException):
    def __str__(self):
        raise Shy

    __repr__ = __str__


def double(x):
    raise Shy
