# starts 300 threads and answers before anyone looks at a clock -> failed: more than 256 threads

import ctypes

libc = ctypes.CDLL(None)


def double(x):
    attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
    libc.pthread_attr_init(attributes)
    libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
    for _ in range(300):
        libc.pthread_create(ctypes.byref(thread), attributes, ctypes.cast(libc.pause, ctypes.c_void_p), None)
    return x * 2
