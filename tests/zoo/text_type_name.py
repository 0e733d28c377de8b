# escape sequences in the name of the type that it answers with -> failed: an object of type


def double(x):
    return type("\x1b[2J\u202e\r" + "n" * 100_000, (), {"__module__": "\x1b[31m"})()
