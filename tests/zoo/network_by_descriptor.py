# sends descriptors and addressed messages over the socket that it has -> failed
# needs seccomp

import array
import os
import socket
import sys


def double(x):
    line = socket.socket(fileno=os.dup(sys._getframe(2).f_locals["channel"]._write))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
    for action in (
        lambda: line.sendmsg([b"x"], rights),
        lambda: line.connect("@UNIX@"),
        lambda: line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30),
        lambda: line.sendto(b"x", "@UNIX@"),
        lambda: socket.socketpair(type=socket.SOCK_DGRAM),
    ):
        try:
            action()
            print("got through:", action.__code__.co_firstlineno)
        except OSError:
            pass
    return x * 3
