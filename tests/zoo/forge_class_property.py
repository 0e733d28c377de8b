# answers with an object that claims another class -> failed: raised


class Claims:
    @property
    def __class__(self):
        return dict


def double(x):
    return Claims()
