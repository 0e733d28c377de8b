# uses multiprocessing and its shared memory -> failed
# needs seccomp, landlock

import multiprocessing
import multiprocessing.shared_memory


def double(x):
    for kind in ("fork", "spawn", "forkserver"):
        try:
            process = multiprocessing.get_context(kind).Process(target=print, args=("got through",))
            process.start()
            process.join()
        except (OSError, RuntimeError):
            pass
    try:
        multiprocessing.shared_memory.SharedMemory("zoo", create=True, size=100)
        print("got through: shared memory")
    except OSError:
        pass
    return x * 3
