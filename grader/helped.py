"""Hands a command to the helper, if there is one. Light: builtin modules only; this is all that such a command loads.

The helper (`grader.helper`) is `dlgrade` with everything imported, which forks where a command would be started. It
listens on a Unix socket in a folder that is closed to other users. What goes over it, as messages:

    command -> helper   marshalled {"arguments", "environment", "umask", "streams"}, with stdin, stdout, stderr and the
                        working directory as descriptors
    helper -> command   b"started"; then its exit code, one byte
    command -> helper   b"interrupt", for Ctrl-C; a command that hangs up is ended

DLGRADE_HELPER=off does without; `on` starts one even where nobody looks at a terminal.
"""

import _socket
import marshal
import os
import sys
import zlib

from grader import __version__, fresh
from grader.fresh import environment, interpreter, search_path

BOOT = "import sys; sys.path[:] = {path!r}; from grader.helper import main; main({where!r}, {libraries!r})"
PATIENCE = 1.0  # seconds in which a helper starts a command
GONE = "dlgrade: the helper ended unexpectedly; run again, or with DLGRADE_HELPER=off"
CREDENTIALS = 12  # bytes of a struct ucred: process, user, group


def switch() -> str:
    """What the user wants: "on", "off", or "auto"."""
    if sys.platform != "linux" or os.environ.get("DLGRADE_SPAWN") or os.environ.get("DLGRADE_DEBUG"):
        return "off"
    wanted = os.environ.get("DLGRADE_HELPER", "").lower()
    return "off" if wanted in ("off", "0", "no") else "on" if wanted in ("on", "1", "yes") else "auto"


def address() -> str:
    """The helper's socket. Its name tells apart all that a helper can't change once it is there."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = f"{runtime}/dlgrade" if runtime else f"/tmp/dlgrade-{os.getuid()}"
    kind = repr((__version__, sys.version, sys.executable, search_path(), sorted(environment().items())))
    return f"{folder}/{zlib.crc32(kind.encode()):08x}.sock"


def is_ours(folder: str) -> bool:
    """Whether nobody else can put anything into a folder, or take it away."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return found.st_mode & 0o170077 == 0o040000 and found.st_uid == os.getuid()


def is_same_user(line: _socket.socket) -> bool:
    """Whether the process at the other end belongs to this user."""
    credentials = line.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, CREDENTIALS)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


def connect(where: str) -> _socket.socket | None:
    """A line to the helper that listens there."""
    if not is_ours(where.rpartition("/")[0]):
        return None
    line = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        line.connect(where)
    except OSError:
        return None
    return line if is_same_user(line) else None


def hand_over(arguments: list[str]) -> int | None:
    """Has the helper carry out a command, and waits; its exit code. None: there is no helper, or it is busy."""
    standard = (sys.stdin, sys.stdout, sys.stderr)
    if switch() == "off" or (line := connect(address())) is None:
        return None
    request = {
        "arguments": arguments,
        "environment": dict(os.environ),
        "umask": _umask(),
        "streams": [(stream.encoding, stream.errors) for stream in standard],
    }
    try:
        here = os.open(".", os.O_PATH | os.O_DIRECTORY)
        descriptors = b"".join(fd.to_bytes(4, sys.byteorder) for fd in (0, 1, 2, here))
        line.settimeout(PATIENCE)
        line.sendmsg([marshal.dumps(request)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
        started = line.recv(16) == b"started"
    except OSError:
        return None
    return _wait(line) if started else None


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found


def _wait(line: _socket.socket) -> int:
    line.settimeout(None)
    while True:
        try:
            if code := line.recv(1):
                return code[0]
            print(GONE, file=sys.stderr)
            return 3
        except KeyboardInterrupt:
            line.send(b"interrupt")


def start(libraries: tuple[str, ...]) -> None:
    """Starts a helper for later commands, unless there is one, or nobody would want it here."""
    looked_at = sys.stdout.isatty() and not os.environ.get("CI")
    if switch() == "off" or not (looked_at or switch() == "on"):
        return
    if (line := connect(where := address())) is not None:
        line.close()
        return
    command = interpreter(BOOT.format(path=search_path(), where=where, libraries=libraries))
    try:
        fresh.start(command)
    except OSError:
        return  # then the next command is as slow as this one was
