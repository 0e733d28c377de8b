"""The system calls a worker may make on x86_64. Whatever is not here is refused with EPERM.

Left out on purpose, though Python offers them: recvmsg and sendmsg (they pass descriptors and address
datagrams), setsockopt (it attaches programs to sockets), locks and F_SETOWN of fcntl
(they reach other processes).
Numbers: Linux, arch/x86/entry/syscalls/syscall_64.tbl.
"""

from typing import NamedTuple

ARCHITECTURE = 0xC000003E
X32_BIT = 0x40000000  # calls of the x32 variant carry it in their number
SECCOMP = 317
CLONE3 = 435  # its flags lie in memory, where no filter can look; C libraries fall back to clone

ALLOWED = {
    # descriptors it already has
    "read": 0,
    "write": 1,
    "readv": 19,
    "writev": 20,
    "pread64": 17,
    "close": 3,
    "lseek": 8,
    "fstat": 5,
    "dup": 32,
    "dup2": 33,
    "dup3": 292,
    "pipe2": 293,
    "pipe": 22,
    "eventfd2": 290,
    "getdents64": 217,
    # files, read-only by the checks below and by landlock
    "stat": 4,
    "lstat": 6,
    "newfstatat": 262,
    "statx": 332,
    "access": 21,
    "faccessat": 269,
    "faccessat2": 439,
    "readlink": 89,
    "readlinkat": 267,
    "getcwd": 79,
    # memory
    "mmap": 9,
    "munmap": 11,
    "mprotect": 10,
    "mremap": 25,
    "madvise": 28,
    "brk": 12,
    # waiting
    "poll": 7,
    "ppoll": 271,
    "select": 23,
    "pselect6": 270,
    "epoll_create1": 291,
    "epoll_ctl": 233,
    "epoll_wait": 232,
    "epoll_pwait": 281,
    "epoll_pwait2": 441,
    "futex": 202,
    "nanosleep": 35,
    "clock_nanosleep": 230,
    "sched_yield": 24,
    "pause": 34,
    "restart_syscall": 219,
    # time and own timers
    "clock_gettime": 228,
    "clock_getres": 229,
    "gettimeofday": 96,
    "time": 201,
    "times": 100,
    "setitimer": 38,
    "getitimer": 36,
    "alarm": 37,
    # own signal handling
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "rt_sigpending": 127,
    "rt_sigtimedwait": 128,
    "sigaltstack": 131,
    # facts about itself and the machine
    "getpid": 39,
    "gettid": 186,
    "getppid": 110,
    "getuid": 102,
    "geteuid": 107,
    "getgid": 104,
    "getegid": 108,
    "getresuid": 118,
    "getresgid": 120,
    "getgroups": 115,
    "getrusage": 98,
    "getrlimit": 97,
    "uname": 63,
    "sysinfo": 99,
    "getcpu": 309,
    "sched_getaffinity": 204,
    "getrandom": 318,
    # threads, and the end
    "set_robust_list": 273,
    "set_tid_address": 218,
    "rseq": 334,
    "exit": 60,
    "exit_group": 231,
    # sockets it already has
    "recvfrom": 45,
    "shutdown": 48,
    "getsockname": 51,
    "getpeername": 52,
}

# To this process alone: their first argument must be its own id.
SIGNALS = {"kill": 62, "tgkill": 234}


class Condition(NamedTuple):
    """Half of an argument, masked, equals `value`. Of an int the kernel itself ignores the upper half."""

    argument: int
    value: int = 0
    mask: int = 0xFFFFFFFF
    upper_half: bool = False


def _one_of(argument: int, *values: int) -> list[list[Condition]]:
    return [[Condition(argument, value)] for value in values]


def _null(argument: int) -> list[Condition]:
    return [Condition(argument), Condition(argument, upper_half=True)]


_FOR_WRITING = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
_NEW_THREAD = 0x3D0F00  # exactly what pthread_create asks for: no new process, no new namespace
_DETACHED = 0x400000  # musl adds this; it does nothing
_UNIX, _STREAM, _TYPE = 1, 1, 0xF  # the rest of a socket's type argument is flags
_SOL_SOCKET = 1

# name -> its number, and choices: lists of conditions of which one must hold as a whole
CHECKED = {
    "open": (2, [[Condition(1, 0, _FOR_WRITING)]]),
    "openat": (257, [[Condition(2, 0, _FOR_WRITING)]]),
    "clone": (56, [[Condition(0, _NEW_THREAD, ~_DETACHED & 0xFFFFFFFF)]]),
    # duplicates, flags and the size of a pipe
    "fcntl": (72, _one_of(1, 0, 1, 2, 3, 4, 1030, 1032)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    "ioctl": (16, _one_of(1, 0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
    "prctl": (157, _one_of(0, 15, 16, 0x53564D41)),
    # which large register states it has, and asking for them (matrix units)
    "arch_prctl": (158, _one_of(0, 0x1021, 0x1022, 0x1023)),
    # reading its own limits
    "prlimit64": (302, [[Condition(0), *_null(2)]]),
    # a datagram socket could be sent to any other program's socket by its address
    "socketpair": (53, [[Condition(0, _UNIX), Condition(1, _STREAM, _TYPE)]]),
    "sendto": (44, [_null(4)]),
    "getsockopt": (55, [[Condition(1, _SOL_SOCKET)]]),
}
