"""`helped NUMBER FILE COUNT`: runs `dlgrade check` again and again with a helper that is warm; prints seconds as JSON.

The helper is one of its own, for this run alone: its socket is in the folder that XDG_RUNTIME_DIR names.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from benchmarks.processes import Failed, dlgrade
from grader import helped

PATIENCE = 60.0  # seconds until a helper listens
PID = 4  # bytes of it, with which a struct ucred begins


def main() -> None:
    number, file, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.environ["DLGRADE_HELPER"] = "on"
    command = dlgrade("check", number, file)
    try:
        _run(command)  # starts a helper
        helper = _helper()
        times = [_run(command) for _ in range(count)]
        if _helper() != helper:
            raise Failed("another helper came in between: was a file of the grader changed?")
    finally:
        os.kill(_helper(), signal.SIGTERM)  # it would wait for more, and be waited for
    print(json.dumps(times))


def _run(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _helper() -> int:
    """The process id of the helper, once it listens."""
    import socket

    end = time.monotonic() + PATIENCE
    while (line := helped.connect(helped.address())) is None:
        if time.monotonic() > end:
            raise Failed(f"no helper listens at {helped.address()}")
        time.sleep(0.05)
    with contextlib.closing(line):
        credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, helped.CREDENTIALS)
    return int.from_bytes(credentials[:PID], sys.byteorder)


if __name__ == "__main__":
    main()
