"""Honest work for test_sandbox, run inside a worker: what a solution may reasonably do must go on working."""

import os
from collections.abc import Callable
from typing import Any


def numpy_work(_: Any) -> float:
    import numpy as np
    import numpy.polynomial
    import numpy.testing

    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(300, 300))
    _, singular, _ = np.linalg.svd(matrix)
    np.testing.assert_allclose(np.fft.ifft(np.fft.fft(matrix)).real, matrix)
    np.testing.assert_allclose(matrix @ np.linalg.inv(matrix), np.eye(300), atol=1e-6)
    assert np.polynomial.Polynomial([1, 2])(1) == 3
    return float(singular[0])


def threads(_: Any) -> int:
    import threading
    from concurrent.futures import ThreadPoolExecutor

    done = threading.Event()
    thread = threading.Thread(target=done.set, name="worker's own")
    thread.start()
    thread.join()
    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(lambda value: value * value, range(10))) if done.is_set() else -1


def waiting(_: Any) -> str:
    import asyncio
    import time

    async def chat() -> str:
        await asyncio.sleep(0.001)
        quiet = await asyncio.gather(asyncio.to_thread(str.upper, "a"), asyncio.sleep(0.001, "b"))
        return "".join(quiet)

    time.sleep(0.001)
    return asyncio.run(chat())


def lazy_imports(_: Any) -> list[Any]:
    import decimal
    import hashlib
    import sqlite3
    import ssl
    import statistics
    import sys
    import unittest.mock
    import uuid
    import xml.etree.ElementTree as ElementTree

    assert ssl.OPENSSL_VERSION and uuid.uuid4() and unittest.mock.Mock()
    assert ElementTree.fromstring("<a/>").tag == "a"
    return [
        str(decimal.Decimal("0.1") + decimal.Decimal("0.2")),
        sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0],
        statistics.median([1, 5, 2]),
        hashlib.sha3_256(b"").hexdigest()[:8],
        "decimal" in sys.modules,
    ]


def printing(_: Any) -> str:
    """print to a pipe and to a descriptor that took the place of standard output."""
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    with open(1, "w", closefd=False) as out:
        print("hello", file=out)
    return os.read(reading, 100).decode()


def facts(_: Any) -> list[Any]:
    import datetime
    import platform
    import resource
    import time

    assert datetime.datetime.now() and platform.python_version() and os.cpu_count() and os.urandom(4)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime >= 0 and time.process_time() > 0
    return [os.getpid() > 1, resource.getrlimit(resource.RLIMIT_CORE)]


def tracebacks(_: Any) -> str:
    """The text of a traceback quotes lines of the standard library and of numpy, read late."""
    import linecache
    import traceback

    import numpy as np

    linecache.clearcache()
    try:
        np.linalg.inv(np.zeros((2, 2)))
    except np.linalg.LinAlgError:
        return traceback.format_exc()
    return ""


def own_sockets(_: Any) -> str:
    import socket

    left, right = socket.socketpair()
    with left, right:
        left.settimeout(1)
        right.sendall(b"ping")
        right.shutdown(socket.SHUT_WR)
        return left.recv(10).decode() + left.recv(10).decode()


def own_signals(_: Any) -> list[str]:
    import signal
    import threading

    heard: list[str] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: heard.append("USR1"))
    signal.signal(signal.SIGALRM, lambda number, frame: heard.append("ALRM"))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    signal.pause()
    return heard


def torch_work(_: Any) -> float:
    import io

    import torch
    from torch.nn import functional

    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.ReLU(),
        torch.nn.BatchNorm2d(4),
        torch.nn.Flatten(),
        torch.nn.LazyLinear(3),
    )
    data = torch.utils.data.TensorDataset(torch.randn(32, 1, 8, 8), torch.randint(0, 3, (32,)))
    model(data[:2][0])
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop):
        optimizer = kind(model.parameters(), lr=1e-3)
        for inputs, labels in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
    heads = torch.randn(2, 2, 5, 4)
    functional.scaled_dot_product_attention(heads, heads, heads, is_causal=True)
    torch.nn.LSTM(3, 4)(torch.randn(5, 2, 3))
    torch.linalg.svd(torch.randn(20, 20))
    torch.set_num_threads(2)
    torch.relu(torch.randn(1000, 1000)) @ torch.randn(1000, 10)
    stored = io.BytesIO()
    torch.save(model.state_dict(), stored)
    stored.seek(0)
    model.load_state_dict(torch.load(stored))
    return float(model(data[:2][0]).sum())


def opened(_: Any, paths: list[str]) -> dict[str, str]:
    """Which of the files or folders can be read: path -> "read" or the name of the error."""
    import errno

    def one(path: str) -> str:
        try:
            if os.path.isdir(path):  # noqa: PTH112
                os.listdir(path)  # noqa: PTH208
            else:
                os.close(os.open(path, os.O_RDONLY))
        except OSError as error:
            return errno.errorcode[error.errno or 0]
        return "read"

    return {path: one(path) for path in paths}


def descriptors(_: Any) -> list[int]:
    """All open descriptors, found by asking for each."""

    def is_open(number: int) -> bool:
        try:
            os.fstat(number)
        except OSError:
            return False
        return True

    return [number for number in range(200) if is_open(number)]


def grow_file(_: Any) -> None:
    """Write to the file behind the kept descriptor with the highest number."""
    os.write(max(descriptors(_)), b"more")


def state(_: Any) -> dict[str, str]:
    """What the kernel says about this process (readable where landlock is off)."""
    with open("/proc/self/status") as lines:  # noqa: PTH123
        return dict(line.rstrip("\n").split(":\t", 1) for line in lines)


def reasons(_: Any) -> dict[str, str | None]:
    from grader.sandbox import available

    return available()


def hang(_: Any) -> None:
    import time

    time.sleep(1000)


def announce_and_hang(_: Any) -> None:
    os.write(max(descriptors(_)), b"here")
    hang(_)


def size(_: Any, path: str) -> int:
    return os.stat(path).st_size  # noqa: PTH116


def address_space(_: Any) -> dict[str, int]:
    import resource

    with open("/proc/self/statm") as numbers:  # noqa: PTH123
        pages = int(numbers.read().split()[0])
    return {"size": pages * resource.getpagesize(), "limit": resource.getrlimit(resource.RLIMIT_AS)[0]}


def lowered_twice(_: Any) -> list[tuple[int, int]]:
    """The limit on open files after entering, and after a limit of its own and another try to set more."""
    import resource

    from grader.sandbox import Limits, limits

    first = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    limits.apply(Limits(5, 1 << 28, 32))
    return [first, resource.getrlimit(resource.RLIMIT_NOFILE)]


def enter_with_a_thread(_: Any) -> None:
    import threading

    from grader.sandbox import Limits, Sandbox

    sandbox = Sandbox([], [], layers=[])
    threading.Thread(target=hang, args=(_,), daemon=True).start()
    sandbox.enter(Limits(5, 1 << 28), {0, 1, 2})


def in_child(job: Callable[[], int | None]) -> int:
    """Do `job` in a forked child: 0, or the number of the OSError, or 255 for any other exception."""
    if (child := os.fork()) == 0:
        code = 255
        try:
            code = int(job() or 0)
        except OSError as error:
            code = error.errno or 255
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def enter_itself(_: Any) -> str:
    """What happens to a later fork when the process that prepared the sandbox enters it too."""
    import errno

    from grader.sandbox import Limits, Sandbox

    said = max(descriptors(_))
    Sandbox([], []).enter(Limits(5, 1 << 28), {said})
    try:
        os.fork()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "forked"


def enter_as_grandchild(_: Any) -> int:
    """The error number of entering in a process that the maker of the sandbox has not forked itself."""
    from grader.sandbox import Limits, Sandbox

    sandbox = Sandbox([], [], layers=[])
    return in_child(lambda: in_child(lambda: sandbox.enter(Limits(5, 1 << 28), {0, 1, 2})))


def late_import_with_cold_caches(_: Any) -> int:
    """0 if a worker can import what its zygote has not, after the zygote forgot all folder listings."""
    import importlib

    from grader.sandbox import Limits, Sandbox, readable_paths

    importlib.invalidate_caches()
    sandbox = Sandbox(*readable_paths(("numpy",)))

    def job() -> None:
        sandbox.enter(Limits(5, 1 << 28), {0, 1, 2})
        importlib.import_module("colorsys")

    return in_child(job)


def dumpable(_: Any) -> int:
    import ctypes

    return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
