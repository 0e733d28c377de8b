# answers with a float that is close to everything -> failed: an object of type
# fools a grader in the same process


class Close(float):
    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__
    __array_priority__ = 1e9

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return True

    def __array_function__(self, function, types, arguments, options):
        return True


def double(x):
    return Close(0.0)
