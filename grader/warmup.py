"""Imports libraries, and does once what every worker would do first."""

import functools
import gc
import importlib
import linecache
from collections.abc import Sequence

USUAL = ("copy", "dataclasses", "heapq", "statistics", "tracemalloc")  # what numpy doesn't import, and many others do


def prepare(libraries: Sequence[str]) -> None:
    """Imports what submissions may use, and does once what would otherwise be done first in every worker."""
    for name in libraries:
        importlib.import_module(name)
    if "torch" in libraries:
        _warm_torch()
    linecache.clearcache()  # torch fills it, and every worker would have to empty it
    gc.freeze()  # keeps the collector, and so copying of memory, out of what is shared with forked processes
    gc.enable()


@functools.cache
def import_usual() -> None:
    """Imports what of the standard library submissions and drivers often need, once, for all workers to come."""
    for name in USUAL:
        importlib.import_module(name)
    gc.freeze()


def _warm_torch() -> None:
    """Single-threaded, or forked workers hang; a conv, a backward and an optimiser step import what torch defers.

    The optimiser imports torch._dynamo, which takes nearly as long as torch itself. A worker that is shut in couldn't:
    on the way it makes files and folders.
    """
    import torch

    torch.set_num_threads(1)
    x = torch.ones(1, 1, 4, 4, requires_grad=True)
    w = torch.ones(1, 1, 2, 2, requires_grad=True)
    torch.nn.functional.cross_entropy(torch.conv2d(x, w).reshape(1, 9), torch.tensor([0])).backward()  # type: ignore[no-untyped-call]
    torch.optim.Adam([w]).step()
