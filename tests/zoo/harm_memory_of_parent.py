# traces its parent, and reads and writes its memory -> failed
# needs seccomp, landlock

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)


def double(x):
    here = ctypes.create_string_buffer(64)
    local = struct.pack("@PN", ctypes.addressof(here), 64)
    remote = struct.pack("@PN", id(x), 64)
    for process in (os.getppid(), int("@TESTER@")):
        for call in (
            lambda: libc.ptrace(16, process, None, None),
            lambda: libc.ptrace(0x4206, process, None, None),
            lambda: libc.process_vm_readv(process, local, 1, remote, 1, 0),
            lambda: libc.process_vm_writev(process, local, 1, remote, 1, 0),
            lambda: libc.syscall(438, libc.syscall(434, process, 0), 0, 0),
        ):
            if call() != -1:
                print("got through:", call)
    return x * 3
