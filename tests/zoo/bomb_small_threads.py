# starts tens of thousands of threads with tiny stacks, by C code -> failed: more than 256 threads

import ctypes

libc = ctypes.CDLL(None)


def double(x):
    attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
    libc.pthread_attr_init(attributes)
    libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
    libc.pthread_attr_setguardsize(attributes, ctypes.c_size_t(0))
    while libc.pthread_create(ctypes.byref(thread), attributes, ctypes.cast(libc.pause, ctypes.c_void_p), None) == 0:
        pass
    return x * 3
