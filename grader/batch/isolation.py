"""Whether this machine may be trusted with the code of strangers, and what is missing if not."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader import warm
from grader.data.find import folders, locate
from grader.data.sets import SETS
from grader.errors import MachineError
from grader.sandbox import available, bubblewrap

INSTEAD = (
    "use Linux 5.13 or newer on x86-64 with landlock (WSL 2, a virtual machine and most containers will do), "
    "or accept with `--unsafe` that submissions run with your own rights"
)
KIT = ("exercises", "solutions")  # folders of a kit that a judge reads
MARKS = (  # files that tell of a wall around this system, words in them (none: that they are there is enough), its name
    ("run/secrets/kubernetes.io", (), "a Kubernetes pod"),
    ("run/.containerenv", (), "a Podman container"),
    (".dockerenv", (), "a Docker container"),
    ("run/systemd/container", (), "a container"),
    ("proc/1/cgroup", ("docker", "kubepods", "containerd", "libpod", "lxc"), "a container"),
    ("proc/version", ("microsoft",), "WSL"),
    ("sys/class/dmi/id/sys_vendor", ("qemu", "vmware", "innotek", "xen", "amazon ec2"), "a virtual machine"),
    ("sys/class/dmi/id/product_name", ("virtual", "kvm", "google compute"), "a virtual machine"),
    ("proc/cpuinfo", (" hypervisor",), "a virtual machine"),
)


class Isolation(NamedTuple):
    """What shuts submissions in. layers: inside each worker. wrapped: whether bubblewrap is around all of them.

    container: what this system itself seems to run in, "a Docker container", None if nothing tells. It is reported, and
    nothing relies on it: files say so that anybody could have written.
    """

    layers: tuple[str, ...]
    wrapped: bool
    container: str | None

    def __str__(self) -> str:
        """One line for the operator."""
        inside = [*self.layers, *(["bubblewrap"] if self.wrapped else [])]
        return (", ".join(inside) or "none") + (f"; in {self.container}" if self.container else "")


def find() -> Isolation:
    """What there is on this machine. Tries bubblewrap once per process, which takes some hundredths of a second."""
    layers = tuple(layer for layer, reason in available().items() if reason is None)
    return Isolation(layers, warm.forks() and bubblewrap.problem() is None, container(Path("/")))


def require(unsafe: bool) -> Isolation:
    """What there is. Raises MachineError if that doesn't do for the code of strangers, unless `unsafe` accepts it."""
    if not unsafe and (missing := lacking()):
        raise MachineError(f"other people's code can't be shut in here: {missing}; {INSTEAD}")
    return find()


def lacking() -> str | None:
    """What is missing that can't be done without, in words; None if nothing is."""
    reasons = {layer: reason for layer, reason in available().items() if reason}
    if reasons and sys.platform != "linux":
        return f"there is no {', '.join(reasons)} on {sys.platform}"
    if reasons:
        return "; ".join(f"no {layer} ({reason})" for layer, reason in reasons.items())
    if not warm.forks():
        return "workers aren't forked (unset DLGRADE_SPAWN, or use a Python that has os.pidfd_open)"
    return None


def remark(isolation: Isolation) -> str | None:
    """What would make it stronger, in one line; None if nothing of ours would."""
    return None if isolation.wrapped else bubblewrap.problem()


def readable(kits: Iterable[Path], homes: Sequence[Path] = ()) -> tuple[str, ...]:
    """What judges of these kits read, for `grader.warm.Warm`: folders of the kits, and files of data in `homes`.

    Not the kits nor `homes` themselves: these may be a home folder, or one where submissions lie.
    """
    parts = [kit.absolute() / name for kit in kits for name in KIT]
    places = [(file, folders(data, homes)) for data in SETS.values() if homes for file in data.files]
    files = [path for file, where in places if (path := locate(file, where))]
    return tuple(dict.fromkeys(map(str, [*parts, *files])))


def container(root: Path) -> str | None:
    """What the system whose files lie below `root` seems to run in."""
    return next((name for file, words, name in MARKS if _is_marked(root / file, words)), None)


def _is_marked(file: Path, words: tuple[str, ...]) -> bool:
    try:
        if not words:
            return file.exists()
        text = file.read_text("utf-8", "replace").lower()
    except OSError:
        return False
    return any(word in text for word in words)
