"""Judging on the workers of a dask scheduler; docs/cluster.md tells operators about it.

No submission runs inside a worker: that only waits, while warm processes of its own do what they do on one machine.
"""

import asyncio
import logging
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from grader.batch.handing import Workers
from grader.batch.likeness import compare, dask, told
from grader.batch.running import KEPT
from grader.batch.task import Task
from grader.errors import MachineError

QUICK = 5.0  # seconds in which a scheduler answers and has a worker
LONELY = 60.0  # seconds without any worker, or without a word from the scheduler, after which a run ends


@contextmanager
def connect(address: str, tasks: Sequence[Task], unsafe: bool) -> Iterator[tuple[Executor, int]]:
    """An executor for these tasks, and how many the workers run at once.

    Raises UsageError without dask, MachineError if there is no scheduler or no worker, or if one of the workers could
    come to other verdicts than this machine, or can't shut submissions in (which `unsafe` accepts).
    """
    with _quiet(), _client(address) as client:
        compare(client, tasks, unsafe)
        executor = Workers(client, address, unsafe)
        stopped = threading.Event()
        guard = threading.Thread(target=_guard, args=(client, executor, stopped), name="guard", daemon=True)
        guard.start()
        try:
            yield executor, sum(client.nthreads().values())
        finally:
            stopped.set()
            executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps dask from telling on stderr what we tell in one line."""
    dask()  # sets these levels when it is imported
    names = ("distributed", "distributed.client")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A client of a scheduler that has a worker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that differ: they are compared below
        try:
            asyncio.run(_reach(address))
            client = dask().Client(address, timeout=QUICK, set_as_default=False)
        except Exception as error:
            raise MachineError(
                f"no dask scheduler answers at {address} ({told(error)}); start one by `dask scheduler`"
            ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=QUICK)
        except TimeoutError:
            raise MachineError(
                f"the scheduler at {address} has no worker; start one by `dask worker {address}`"
            ) from None
        yield client
    finally:
        client.close(QUICK)


async def _reach(address: str) -> None:
    """Shakes hands with a scheduler, in time: a client waits for ever for something else that listens there."""
    secured = dask().Security().get_connection_args("client")
    async with asyncio.timeout(QUICK):
        line = await dask().comm.connect(address, timeout=QUICK, **secured)
    line.abort()


def _guard(client: Any, executor: Workers, stopped: threading.Event) -> None:
    """Gives up when for long there has been no worker, or nobody answered: dask itself would wait for ever."""
    heard = peopled = time.monotonic()
    while not stopped.wait(min(1.0, LONELY)):
        silent = False
        try:
            workers = client.nthreads(callback_timeout=min(QUICK, LONELY))
        except TimeoutError:
            silent = True
        except Exception:  # the scheduler is gone, which its tasks tell
            continue
        now = time.monotonic()
        if not silent:
            heard, peopled = now, now if workers else peopled
        if now - heard >= LONELY:
            executor.give_up(f"the scheduler has been silent for {LONELY:.0f} s; mend or end it, and {KEPT}")
            return
        if not silent and now - peopled >= LONELY:
            executor.give_up(f"there has been no worker for {LONELY:.0f} s; start some and {KEPT}")
            return
