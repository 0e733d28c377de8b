# raises an exception whose text holds NUL, escape sequences and the like -> failed: raised ValueError: \x1b[2J


def double(x):
    raise ValueError("\x1b[2J\x1b]0;owned\x07 \0 \u202e\u2066 \ud800 \x9b31m \r overwritten")
