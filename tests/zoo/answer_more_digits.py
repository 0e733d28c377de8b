# answers with an integer of a million digits -> failed: raised ValueError


def double(x):
    return 1 << 3_000_000
