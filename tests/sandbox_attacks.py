"""Hostile work for test_sandbox, run inside a worker. Each attack ends quietly if it succeeds.

`ATTACKS` maps a name to the attack and to what must become of it under all layers. Without a sandbox each of
them ends otherwise, on a machine that allows it; a test holds that too, so that no attack counts as refused
because it is broken.
"""

# Attacks call the operating system the way hostile code does.
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH208, PTH211

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
from collections.abc import Callable
from typing import Any

Attack = Callable[[Any], object]
ATTACKS: dict[str, tuple[Attack, str]] = {}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_MEBIBYTE = 1 << 20


def raw(number: int, *arguments: object) -> int:
    """A system call by its x86_64 number, past the C library and past Python."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = _libc.syscall(ctypes.c_long(number), *wide)
    if result == -1:
        raise OSError(ctypes.get_errno(), f"call {number}")
    return result


def forbid(number: int, answer: int) -> None:
    """Make the kernel answer the call `number` with the error `answer` from now on, as a container may do."""
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | answer), (0x06, 0, 0, 0x7FFF0000)]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(program, len(program))
    _libc.prctl(38, 1, 0, 0, 0)
    raw(317, 1, 0, struct.pack("@HP", len(steps), ctypes.addressof(buffer)))


def refused(outcome: str) -> Callable[[Attack], Attack]:
    def enter(attack: Attack) -> Attack:
        ATTACKS[attack.__name__] = (attack, outcome)
        return attack

    return enter


def by_number(name: str, number: int, *arguments: object, outcome: str = "EPERM") -> None:
    ATTACKS[name] = (lambda world: raw(number, *arguments), outcome)


# Files


@refused("EACCES")
def read_secret(world: Any) -> None:
    os.close(os.open(world.secret, os.O_RDONLY))


@refused("EACCES")
def read_secret_by_old_open(world: Any) -> None:
    os.close(raw(2, world.secret.encode(), os.O_RDONLY))


@refused("EACCES")
def read_hidden(world: Any) -> None:
    os.close(os.open(f"{world.readable}/hidden/secret.txt", os.O_RDONLY))


@refused("EACCES")
def read_hidden_through_link(world: Any) -> None:
    os.close(os.open(f"{world.readable}/link.txt", os.O_RDONLY))


@refused("EACCES")
def read_outside_through_link(world: Any) -> None:
    os.close(os.open(f"{world.readable}/open/outside.txt", os.O_RDONLY))


@refused("EACCES")
def read_by_path_descriptor(world: Any) -> None:
    folder = os.open(world.folder, os.O_PATH)
    os.close(os.open("secret.txt", os.O_RDONLY, dir_fd=folder))


@refused("EACCES")
def read_by_dots(world: Any) -> None:
    os.close(os.open(f"{world.readable}/open/../../secret.txt", os.O_RDONLY))


@refused("EACCES")
def list_folder(world: Any) -> None:
    os.listdir(world.folder)


@refused("EACCES")
def list_root(world: Any) -> None:
    os.listdir("/")


@refused("EPERM")
def overwrite(world: Any) -> None:
    os.close(os.open(world.secret, os.O_WRONLY))


@refused("EPERM")
def overwrite_by_old_open(world: Any) -> None:
    os.close(raw(2, world.secret.encode(), os.O_WRONLY))


@refused("EPERM")
def read_and_write(world: Any) -> None:
    os.close(os.open(f"{world.readable}/plain.txt", os.O_RDWR))


@refused("EPERM")
def create(world: Any) -> None:
    os.close(os.open(f"{world.readable}/new.txt", os.O_RDONLY | os.O_CREAT))


@refused("EPERM")
def create_unnamed(world: Any) -> None:
    os.close(os.open(world.folder, os.O_RDWR | os.O_TMPFILE))


@refused("EPERM")
def truncate_by_opening(world: Any) -> None:
    os.close(os.open(f"{world.readable}/open/plain.txt", os.O_RDONLY | os.O_TRUNC))


@refused("EPERM")
def truncate(world: Any) -> None:
    os.truncate(f"{world.readable}/open/plain.txt", 0)


@refused("EPERM")
def unlink(world: Any) -> None:
    os.unlink(f"{world.folder}/to-unlink")


@refused("EPERM")
def rename(world: Any) -> None:
    os.rename(f"{world.folder}/to-rename", f"{world.readable}/renamed")


@refused("EPERM")
def make_folder(world: Any) -> None:
    os.mkdir(f"{world.folder}/new-folder")


@refused("EPERM")
def make_symbolic_link(world: Any) -> None:
    os.symlink(world.secret, f"{world.readable}/new-link")


@refused("EPERM")
def make_hard_link(world: Any) -> None:
    os.link(world.secret, f"{world.readable}/new-hard-link")


@refused("EPERM")
def make_fifo(world: Any) -> None:
    os.mkfifo(f"{world.folder}/fifo")


@refused("EPERM")
def change_mode(world: Any) -> None:
    os.chmod(world.secret, 0o600)


@refused("EPERM")
def change_mode_of_open_file(world: Any) -> None:
    os.fchmod(os.open(f"{world.readable}/plain.txt", os.O_RDONLY), 0o600)


@refused("EPERM")
def change_owner(world: Any) -> None:
    os.chown(world.secret, os.getuid(), os.getgid())


@refused("EPERM")
def change_times(world: Any) -> None:
    os.utime(world.secret, (0, 0))


@refused("EPERM")
def set_attribute(world: Any) -> None:
    os.setxattr(world.secret, "user.note", b"hello")


@refused("EPERM")
def watch(world: Any) -> None:
    raw(254, raw(294, 0), world.secret.encode(), 2)


@refused("EPERM")
def lock_file(world: Any) -> None:
    fcntl.flock(os.open(f"{world.readable}/plain.txt", os.O_RDONLY), fcntl.LOCK_SH)


@refused("EPERM")
def lock_record(world: Any) -> None:
    fcntl.lockf(os.open(f"{world.readable}/plain.txt", os.O_RDONLY), fcntl.LOCK_SH)


@refused("EPERM")
def lease_file(world: Any) -> None:
    fcntl.fcntl(os.open(f"{world.readable}/plain.txt", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)


@refused("EPERM")
def write_own_memory_file(world: Any) -> None:
    os.close(os.open("/proc/self/mem", os.O_RDWR))


@refused("EACCES")
def read_own_status(world: Any) -> None:
    os.close(os.open("/proc/self/status", os.O_RDONLY))


# Other processes


def _read_of_victim(name: str) -> Attack:
    def attack(world: Any) -> None:
        os.close(os.open(f"/proc/{world.victim}/{name}", os.O_RDONLY))

    return attack


for _name in ("mem", "environ", "cmdline", "maps", "fd"):
    ATTACKS[f"read_{_name}_of_victim"] = (_read_of_victim(_name), "EACCES")


@refused("EPERM")
def signal_victim(world: Any) -> None:
    os.kill(world.victim, 0)


@refused("EPERM")
def signal_parent(world: Any) -> None:
    os.kill(os.getppid(), 0)


@refused("EPERM")
def signal_own_group(world: Any) -> None:
    os.kill(0, 0)


@refused("EPERM")
def signal_everybody(world: Any) -> None:
    os.kill(-1, 0)


@refused("EPERM")
def signal_group_of_victim(world: Any) -> None:
    os.killpg(os.getpgid(world.victim), 0)


@refused("EPERM")
def signal_thread_of_victim(world: Any) -> None:
    raw(234, world.victim, world.victim, 0)


@refused("EPERM")
def signal_thread_the_old_way(world: Any) -> None:
    raw(200, world.victim, 0)


@refused("EPERM")
def signal_by_pid_with_high_bits(world: Any) -> None:
    raw(62, world.victim | (os.getpid() << 32), 0)


@refused("EPERM")
def have_the_kernel_signal_victim(world: Any) -> None:
    """A descriptor that is ready sends its owner a signal, and anybody may be made its owner."""
    fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, world.victim)


@refused("EPERM")
def have_an_extended_owner_signalled(world: Any) -> None:
    fcntl.fcntl(os.pipe()[0], 15, struct.pack("=ii", 1, world.victim))


@refused("EPERM")
def open_victim(world: Any) -> None:
    os.close(os.pidfd_open(world.victim))


@refused("EPERM")
def trace_victim(world: Any) -> None:
    raw(101, 0x4206, world.victim, 0, 0)


def _vectors(world: Any) -> tuple[Any, bytes, bytes]:
    here = ctypes.create_string_buffer(5)
    return here, struct.pack("@PN", ctypes.addressof(here), 5), struct.pack("@PN", world.secret_address, 5)


@refused("EPERM")
def read_memory_of_victim(world: Any) -> None:
    here, local, remote = _vectors(world)
    raw(310, world.victim, local, 1, remote, 1, 0)
    assert here.raw == b"the a"


@refused("EPERM")
def write_memory_of_victim(world: Any) -> None:
    here, local, remote = _vectors(world)
    here.raw = b"the a"
    raw(311, world.victim, local, 1, remote, 1, 0)


@refused("EPERM")
def compare_with_victim(world: Any) -> None:
    raw(312, world.victim, world.victim, 0, 0, 0)


@refused("EPERM")
def read_limits_of_victim(world: Any) -> None:
    raw(302, world.victim, resource.RLIMIT_NOFILE, None, ctypes.create_string_buffer(16))


@refused("EPERM")
def set_limits_of_victim(world: Any) -> None:
    raw(302, world.victim, resource.RLIMIT_CORE, struct.pack("=QQ", 0, 0), None)


@refused("EPERM")
def set_own_limits(world: Any) -> None:
    raw(302, 0, resource.RLIMIT_CORE, struct.pack("=QQ", 0, 0), None)


@refused("EPERM")
def slow_victim_down(world: Any) -> None:
    os.setpriority(os.PRIO_PROCESS, world.victim, 1)


@refused("EPERM")
def pin_victim(world: Any) -> None:
    os.sched_setaffinity(world.victim, os.sched_getaffinity(0))


@refused("EPERM")
def reschedule_victim(world: Any) -> None:
    os.sched_setscheduler(world.victim, os.SCHED_BATCH, os.sched_param(0))


@refused("EPERM")
def delay_disk_of_victim(world: Any) -> None:
    raw(251, 1, world.victim, 2 << 13 | 7)


# New processes


@refused("EPERM")
def fork(world: Any) -> None:
    if os.fork() == 0:
        os._exit(0)


@refused("EPERM")
def fork_as_daemon(world: Any) -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)


@refused("EPERM")
def execute(world: Any) -> None:
    os.execv("/bin/true", ["true"])


@refused("EPERM")
def execute_by_descriptor(world: Any) -> None:
    raw(322, -1, b"/bin/true", None, None, 0)


@refused("EPERM")
def spawn(world: Any) -> None:
    os.posix_spawn("/bin/true", ["true"], {})


@refused("EPERM")
def run_program(world: Any) -> None:
    import subprocess

    subprocess.run(["/bin/true"], check=True)


@refused("EPERM")
def clone_process(world: Any) -> None:
    if raw(56, signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)


@refused("EPERM")
def clone_process_in_new_namespaces(world: Any) -> None:
    if raw(56, signal.SIGCHLD | 0x10000000, 0, 0, 0, 0) == 0:
        os._exit(0)


by_number("clone_thread_in_new_namespace", 56, 0x3D0F00 & ~0x100 | 0x10000000, 0, 0, 0, 0)
by_number("clone_by_structure", 435, None, 0, outcome="ENOSYS")
by_number("leave_session", 112)
by_number("change_group", 109, 0, 0)

# Network


def _socket(family: int, kind: int, protocol: int = 0) -> Attack:
    return lambda world: socket.socket(family, kind, protocol).close()


for _name, _family, _kind in (
    ("tcp", socket.AF_INET, socket.SOCK_STREAM),
    ("tcp6", socket.AF_INET6, socket.SOCK_STREAM),
    ("unix", socket.AF_UNIX, socket.SOCK_STREAM),
    ("netlink", socket.AF_NETLINK, socket.SOCK_RAW),
    ("vsock", socket.AF_VSOCK, socket.SOCK_STREAM),
    ("cipher", socket.AF_ALG, socket.SOCK_SEQPACKET),
    ("packet", socket.AF_PACKET, socket.SOCK_RAW),
):
    ATTACKS[f"{_name}_socket"] = (_socket(_family, _kind), "EPERM")


@refused("EPERM")
def connect_tcp(world: Any) -> None:
    socket.create_connection(("127.0.0.1", world.tcp_port)).close()


@refused("EPERM")
def send_udp(world: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.sendto(b"answers?", ("127.0.0.1", world.udp_port))


@refused("EPERM")
def connect_by_path(world: Any) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(world.stream)


@refused("EPERM")
def connect_by_abstract_name(world: Any) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(world.abstract)


@refused("EPERM")
def send_from_datagram_pair(world: Any) -> None:
    """A pair of datagram sockets needs no network, yet each of the two can be sent anywhere by address."""
    for door in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
        door.sendto(b"answers?", world.datagram)


@refused("EPERM")
def datagram_pair(world: Any) -> None:
    for door in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
        door.close()


@refused("EPERM")
def send_to_address_from_stream_pair(world: Any) -> None:
    left, _ = socket.socketpair()
    left.sendto(b"answers?", world.stream)


@refused("EPERM")
def pass_descriptor(world: Any) -> None:
    left, _ = socket.socketpair()
    socket.send_fds(left, [b"x"], [left.fileno()])


@refused("EPERM")
def listen(world: Any) -> None:
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    raw(49, left.fileno(), b"\x01\x00", 2)


@refused("EPERM")
def filter_own_socket(world: Any) -> None:
    left, _ = socket.socketpair()
    left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100000)


# Shared memory and other meeting points of processes


@refused("EPERM")
def memory_file(world: Any) -> None:
    os.close(os.memfd_create("meeting"))


@refused("EPERM")
def shared_memory_file(world: Any) -> None:
    os.close(os.open("/dev/shm", os.O_RDWR | os.O_TMPFILE))


@refused("EPERM")
def bigger_pipe(world: Any) -> None:
    fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, _MEBIBYTE)


@refused("EPERM")
def watch_folder(world: Any) -> None:
    folder = os.open(f"{world.readable}/open", os.O_RDONLY)
    fcntl.fcntl(folder, fcntl.F_NOTIFY, 0)


@refused("EPERM")
def type_into_terminal(world: Any) -> None:
    fcntl.ioctl(os.pipe()[0], 0x5412, b"x")


by_number("system_v_shared_memory", 29, 0, 4096, 0o1600)
by_number("system_v_semaphore", 64, 0, 1, 0o1600)
by_number("system_v_queue", 68, 0, 0o1600)
by_number("message_queue", 240, b"no/slash", 0, 0, None)
by_number("add_key", 248, b"user", b"dlgrade", b"x", 1, -1)
by_number("find_key", 250, 0, -3, 0)
by_number("secret_memory", 447, 0)
by_number("lock_memory", 149, 0, 0)

# Doors into the kernel

by_number("io_uring", 425, 1, ctypes.create_string_buffer(120))
by_number("load_kernel_program", 321, -1, None, 0)
by_number("count_events", 298, None, 0, -1, -1, 0)
by_number("handle_page_faults", 323, -1)
by_number("new_user_namespace", 272, 0x10000000)
by_number("join_namespace", 308, -1, 0)
by_number("mount", 165, None, b"/nowhere", None, 0, None)
by_number("new_mount_interface", 430, None, 0)
by_number("change_root", 161, b"/nowhere")
by_number("change_folder", 80, b"/")
by_number("file_handle", 303, -100, b"/", None, None, 0)
by_number("splice", 275, -1, None, -1, None, 1, 0)
by_number("personality", 135, 0xFFFFFFFF)
by_number("become_root", 105, 0)
by_number("take_capabilities", 126, None, None)
by_number("reboot", 169, 0, 0, 0, None)
by_number("load_module", 313, -1, b"", 0)
by_number("allow_longer_life", 157, 1, 0, 0, 0, 0)
by_number("become_dumpable", 157, 4, 1, 0, 0, 0)
by_number("adopt_orphans", 157, 36, 1, 0, 0, 0)
by_number("another_filter", 317, 1, 0, None)
by_number("another_filter_the_old_way", 157, 22, 2, None, 0, 0)
by_number("landlock_rules", 444, None, 0, 1)
by_number("no_such_call", 9999)


def _machine_code(code: bytes) -> None:
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    executable = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, flags=private, prot=executable)
    page.write(code)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


@refused(f"signal {int(signal.SIGSYS)}")
def call_as_32_bit(world: Any) -> None:
    _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, getpid of i386; int 0x80; ret


@refused(f"signal {int(signal.SIGSYS)}")
def call_as_x32(world: Any) -> None:
    raw(0x40000000 | 39)


# Resources


@refused("MemoryError")
def private_memory(world: Any) -> None:
    bytes(1024 * _MEBIBYTE)


@refused("MemoryError")
def small_objects(world: Any) -> None:
    hoard = []
    for _ in range(400):
        hoard.append(bytes(_MEBIBYTE))


@refused("ENOMEM")
def shared_memory(world: Any) -> None:
    mmap.mmap(-1, 1024 * _MEBIBYTE)


@refused("EMFILE")
def descriptors(world: Any) -> None:
    for _ in range(200):
        os.open(os.devnull, os.O_RDONLY)


@refused(f"signal {int(signal.SIGKILL)}")
def processor_time(world: Any) -> None:
    import time

    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
    while time.process_time() < 1.6:
        pass
