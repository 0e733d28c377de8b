# fills memory with a list -> failed: raised MemoryError
# needs rlimits


def double(x):
    hog = [0]
    while True:
        hog += hog
