"""The layers put together: chosen and prepared once, entered by every worker."""

import errno
import os
import sys
from collections.abc import Collection, Sequence

from . import descriptors, interpreter, landlock, limits, privileges, seccomp, trees
from .limits import Limits

_REASONS = {"rlimits": limits.why_not, "seccomp": seccomp.why_not, "landlock": landlock.why_not}


def available() -> dict[str, str | None]:
    """Each layer with None if it works here, else why it does not, in one line. Changes nothing."""
    return {layer: why_not() for layer, why_not in _REASONS.items()}


class Sandbox:
    """Prepared once in the process that forks the workers, entered by each worker after its fork."""

    layers: tuple[str, ...]
    """The layers in force, e.g. ("rlimits", "seccomp", "landlock")."""

    def __init__(
        self,
        readable: Sequence[str],
        hidden: Sequence[str],
        layers: Collection[str] | None = None,
    ) -> None:
        """Prepare what all workers share.

        readable: files, and folders with all below them, that a worker may read
        hidden:   paths it may not read although they lie in a readable folder; the most specific path decides
        layers:   exactly these; None takes all that work here

        Raises OSError if a layer that was asked for does not work here, ValueError if there is no such layer.
        """
        self.layers = _choose(layers)
        self._owner, self._above = os.getpid(), os.getppid()
        self._filter = seccomp.prepare() if "seccomp" in self.layers else None
        self._rules: int | None = None
        if "landlock" in self.layers:
            self._rules = landlock.prepare(trees.grants(readable, hidden))
            interpreter.fill_import_caches()

    def enter(self, limits: Limits, keep: Collection[int]) -> None:
        """Shut this process in, for good, and close all descriptors but those in `keep`.

        Called by a child forked by the process that prepared the sandbox, or by that process itself.
        Kept sockets must be streams; a datagram socket with an address could talk to others.
        Raises OSError if anything that is in force cannot be applied; the process must then end without
        running foreign code. Does nothing on Windows.
        """
        if sys.platform == "win32":
            return
        os.setsid()
        if sys.platform == "linux":
            _require_single_thread()
            privileges.die_with(self._above if os.getpid() == self._owner else self._owner)
        own = () if self._rules is None else (self._rules,)
        descriptors.close_all_but({*keep, *own})
        self._apply(limits)

    def _apply(self, bounds: Limits) -> None:
        if "rlimits" in self.layers:
            limits.apply(bounds)
        if sys.platform == "linux":
            privileges.drop()
        if self._rules is not None:
            landlock.enter(self._rules)
            os.close(self._rules)
        if self._filter is not None:  # last, because it forbids all the others
            seccomp.enter(self._filter)


def _choose(layers: Collection[str] | None) -> tuple[str, ...]:
    reasons = available()
    if layers is None:
        return tuple(layer for layer, reason in reasons.items() if reason is None)
    for layer in layers:
        if layer not in reasons:
            raise ValueError(f"no sandbox layer is called {layer!r}; there are {', '.join(reasons)}")
        if reasons[layer] is not None:
            raise OSError(errno.ENOTSUP, reasons[layer])
    return tuple(layer for layer in reasons if layer in layers)


def _require_single_thread() -> None:
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 (numbers, not paths)
    if threads > 1:
        raise OSError(errno.EBUSY, f"the worker has {threads} threads, the sandbox holds one; fork it anew")
