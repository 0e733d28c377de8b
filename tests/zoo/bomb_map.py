# maps shared memory without end -> failed: raised OSError
# needs rlimits

import mmap


def double(x):
    maps = []
    while True:
        maps.append(mmap.mmap(-1, 64 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
