# its counts have keys with escape sequences and a hundred thousand characters -> failed


class Counter:
    def __init__(self):
        self.counts = {"\x1b[2J\x1b]0;owned\x07\u202e\0" + "k" * 100_000: 1}

    def add(self, word, times=1):
        return 1

    def top(self):
        return "\x1b[31m" * 1000, 1
