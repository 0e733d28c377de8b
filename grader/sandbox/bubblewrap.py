"""Bubblewrap, an outer layer: a view of the machine in which nothing else exists, around all processes that judge.

It is a program of its own that starts another one in namespaces of its own, and needs no privileges. The layers
inside stay what they are. What a submission loses by it is what they leave it: asking whether a file outside exists,
and whatever a flaw in them would open. Arguments: bwrap(1) of bubblewrap 0.8.
"""

# Plain strings for paths: a command that only starts up should not have to import pathlib.
# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH115, PTH117, PTH118, PTH119, PTH120, PTH123

import functools
import os
import sys
from collections.abc import Iterable, Mapping

from grader.errors import MachineError
from grader.text import harmless

TEMPORARY = 16 << 20  # bytes of /tmp, which is in memory
PATIENCE = 20  # seconds
INSTALL = "run `sudo apt install bubblewrap` (Fedora: `sudo dnf install bubblewrap`)"

_NAMESPACES = ("user", "ipc", "pid", "net", "uts", "cgroup-try")
_MERGED = ("/bin", "/lib", "/lib32", "/lib64", "/libx32")  # links into /usr on most systems, folders on others
_SYSTEM = ("/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu")  # the last tells what a CPU can do
_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")
_SITE_NAMES = ("site-packages", "dist-packages")
_REFUSALS = ("permission", "not permitted", "not allow", "namespace")
_SWITCHES = (  # a file of the kernel, its content when it forbids namespaces, and what to do
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor forbids it namespaces; load the profile bwrap-userns-restrict of Ubuntu's package apparmor-profiles",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "the kernel forbids it namespaces; run `sudo sysctl kernel.unprivileged_userns_clone=1`",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "the kernel forbids it namespaces; run `sudo sysctl user.max_user_namespaces=10000`",
    ),
)


@functools.cache
def problem() -> str | None:
    """Why bubblewrap does not work here, in one line; None where it does. Tries it once, with an interpreter in it."""
    if sys.platform != "linux":
        return f"bubblewrap is part of Linux, this is {sys.platform}"
    if _program() is None:
        return f"bubblewrap is not installed; {INSTALL}"
    import subprocess

    attempt = [*beginning({}, ()), sys.executable, "-I", "-S", "-c", ""]
    try:
        done = subprocess.run(attempt, stdin=subprocess.DEVNULL, capture_output=True, env={}, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({harmless(str(error), 200)}); {INSTALL} anew"
    return None if done.returncode == 0 else _reason(done.stderr.decode("utf-8", "replace"))


def beginning(environment: Mapping[str, str], readable: Iterable[str]) -> list[str]:
    """What to put before a command, of this Python for example: it sees nothing but `environment` and `readable`.

    readable: files, and folders with all below them, besides this Python and this package; what doesn't exist is left
    out. Descriptors are inherited. Raises MachineError where bubblewrap isn't installed.

    The command becomes the first process of its namespace: when it ends, the kernel ends all others there. It has to
    end by itself when whoever started it is gone (`--die-with-parent` would end it with the thread that started it),
    and to be started in a session of its own, without a terminal.
    """
    program = _program()
    if program is None:
        raise MachineError(f"bubblewrap is not installed; {INSTALL}")
    arguments = [f"--unshare-{namespace}" for namespace in _NAMESPACES]
    arguments += ["--as-pid-1", "--cap-drop", "ALL", "--hostname", "dlgrade", "--clearenv"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    arguments += ["--ro-bind", "/usr", "/usr", *_merged()]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(TEMPORARY), "--tmpfs", "/tmp"]
    for path in _outermost([*_SYSTEM, *_python(), *readable]):
        arguments += ["--ro-bind-try", path, path]
    return [program, *arguments, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]


def _program() -> str | None:
    import shutil

    return shutil.which("bwrap")


def _merged() -> list[str]:
    arguments = []
    for path in _MERGED:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    return arguments


def _python() -> list[str]:
    """This interpreter, its standard library, installed packages, and this package, but not what lies beside it."""
    parts = [os.path.join(prefix, name) for prefix in (sys.prefix, sys.base_prefix) for name in _PYTHON]
    packages = [entry for entry in sys.path if os.path.basename(entry) in _SITE_NAMES]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return [sys.executable, *parts, *packages, *libraries, ours]


def _outermost(paths: Iterable[str]) -> list[str]:
    """The absolute paths among these that exist, and where their links lead to, without what lies below another."""
    wanted = [path for path in paths if os.path.isabs(path) and os.path.exists(path)]
    found: list[str] = []
    for path in sorted({*map(os.path.normpath, wanted), *map(os.path.realpath, wanted)}):
        if not any(path.startswith(outer + "/") for outer in ("/usr", *_folders(), *found)) and path != "/":
            found.append(path)
    return found


def _folders() -> list[str]:
    return [path for path in _MERGED if os.path.exists(path)]


def _reason(said: str) -> str:
    """What bubblewrap said, and what to do about it, in one line."""
    last = (said.strip().splitlines() or ["it says nothing"])[-1].removeprefix("bwrap: ")
    told = f"bubblewrap does not work here ({harmless(last, 200)})"
    if "unknown option" in last.lower():
        return f"{told}: it is too old; 0.8 is known to work"
    if any(word in last.lower() for word in _REFUSALS):
        return f"{told}: {_remedy()}"
    return told


def _remedy() -> str:
    for path, forbidding, remedy in _SWITCHES:
        try:
            with open(path, encoding="ascii") as file:
                if file.read().strip() == forbidding:
                    return remedy
        except OSError:
            continue
    return "something around this, a container perhaps, forbids it namespaces; let that be the outer wall"
