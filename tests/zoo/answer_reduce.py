# answers with an object that runs code when it is unpickled -> failed: an object of type


class Payload:
    def __reduce__(self):
        return print, ("got through",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()  # noqa: E731


def double(x):
    return Payload()
