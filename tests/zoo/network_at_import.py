# calls home while it is being loaded -> failed
# needs seccomp

import socket

ANSWERS = "@TCP@", "@UDP@", "@UNIX@"


def call_home():
    for action in (
        lambda: socket.create_connection(("127.0.0.1", int("@TCP@")), 1).sendall(b"secret"),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"secret", ("127.0.0.1", int("@UDP@"))),
        lambda: socket.socket(socket.AF_UNIX).connect("@UNIX@"),
        lambda: socket.socket(socket.AF_INET6).connect(("::1", int("@TCP@"))),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
        lambda: socket.socket(socket.AF_VSOCK),
        lambda: socket.create_server(("127.0.0.1", 0)),
        lambda: socket.getaddrinfo("localhost.localdomain.invalid", 80),
    ):
        try:
            action()
            print("got through:", action.__code__.co_firstlineno)
        except OSError:
            pass


def double(x):
    return x * 3


call_home()
