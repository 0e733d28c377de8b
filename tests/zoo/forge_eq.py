# answers with an object that is equal to everything -> failed: an object of type ex01_toy.Equal
# fools a grader in the same process


class Equal:
    def __eq__(self, other):
        return True

    __hash__ = None
    __le__ = __ge__ = __lt__ = __gt__ = __eq__

    def __ne__(self, other):
        return False

    def __array_ufunc__(self, ufunc, method, *arguments, **options):
        return True

    def __array_function__(self, function, types, arguments, options):
        return True


def double(x):
    return Equal()
