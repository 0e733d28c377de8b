# answers with an integer of four thousand digits -> failed: (4001 characters)


def double(x):
    return 10**4000
