"""A small zygote for test_sandbox: forks a worker per request, shuts it in, and tells what became of it.

Started as `python -I sandbox_zygote.py ROOT UID LIBRARY`. A request is one line of JSON on standard input, a
reply one line on standard output. Beside the workers there lives a victim, a process of the same user with a
secret and open doors.
"""

import ctypes
import errno
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

SECRET = b"the answers of the course"
# Read before the zygote turns into an ordinary user, who may have no access to this very interpreter.
EARLY = (
    "asyncio",
    "concurrent.futures.thread",
    "encodings.idna",
    "numpy.polynomial",
    "numpy.testing",
    "platform",
)
PATIENCE = 60  # seconds after which a stuck worker is ended by SIGALRM
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_PTRACER = 1, 4, 0x59616D61


class World(NamedTuple):
    """What there is to attack. All of it belongs to the user that the workers run as."""

    folder: str
    victim: int
    secret_address: int
    tcp_port: int
    udp_port: int

    @property
    def readable(self) -> str:
        return f"{self.folder}/readable"

    @property
    def secret(self) -> str:
        return f"{self.folder}/secret.txt"

    @property
    def stream(self) -> str:
        return f"{self.folder}/stream.socket"

    @property
    def datagram(self) -> str:
        return f"{self.folder}/datagram.socket"

    @property
    def abstract(self) -> str:
        return f"\0dlgrade-test-{self.victim}"


def become(uid: int) -> None:
    """Turn into an ordinary user, as if started by that user."""
    if uid != os.getuid():
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def build_world() -> World:
    folder = Path(tempfile.mkdtemp(prefix="dlgrade-sandbox-"))
    for name in ("readable/hidden", "readable/inner/hidden", "readable/open"):
        (folder / name).mkdir(parents=True)
    kept_private = ("secret.txt", "readable/hidden/secret.txt", "readable/inner/hidden/secret.txt")
    for name in (*kept_private, "to-unlink", "to-rename"):
        (folder / name).write_bytes(SECRET)
    for name in ("plain.txt", "open/plain.txt", "inner/plain.txt", "hidden/public.txt"):
        (folder / "readable" / name).write_bytes(b"welcome")
    (folder / "readable/link.txt").symlink_to(folder / "readable/hidden/secret.txt")
    (folder / "readable/open/outside.txt").symlink_to(folder / "secret.txt")
    (folder / "alias").symlink_to(folder / "readable/inner/hidden")
    memory = ctypes.create_string_buffer(SECRET)
    ready, tell = os.pipe()
    victim = os.fork()
    if victim == 0:
        be_victim(folder, memory, tell)
    tcp_port, udp_port = json.loads(os.read(ready, 100))
    return World(str(folder), victim, ctypes.addressof(memory), tcp_port, udp_port)


def be_victim(folder: Path, memory: ctypes.Array[ctypes.c_char], tell: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, -1, 0, 0, 0)
    doors = [
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        (socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/stream.socket"),
        (socket.AF_UNIX, socket.SOCK_DGRAM, f"{folder}/datagram.socket"),
        (socket.AF_UNIX, socket.SOCK_STREAM, f"\0dlgrade-test-{os.getpid()}"),
    ]
    listening = [socket.socket(family, kind) for family, kind, _ in doors]
    for door, (_, kind, address) in zip(listening, doors, strict=True):
        door.bind(address)
        if kind == socket.SOCK_STREAM:
            door.listen(100)
    os.write(tell, json.dumps([door.getsockname()[1] for door in listening[:2]]).encode())
    while memory:
        signal.pause()


def warm(library: str) -> None:
    importlib.import_module(library)
    import numpy as np

    np.random.default_rng(0)
    if library == "torch":
        import torch

        torch.set_num_threads(1)
        layer = torch.nn.Conv2d(1, 1, 3)
        layer(torch.ones(1, 1, 5, 5)).sum().backward()
        torch.optim.Adam(layer.parameters()).step()


def serve(world: World, libraries: tuple[str, ...]) -> None:
    from grader.sandbox import Sandbox, readable_paths

    readable, hidden = readable_paths(libraries)
    readable.append(world.readable)
    hidden += [f"{world.readable}/hidden", f"{world.folder}/alias"]
    readable.append(f"{world.readable}/hidden/public.txt")
    sandboxes: dict[str, Sandbox] = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = repr(request["layers"])
        if request["layers"] != "plain" and key not in sandboxes:
            sandboxes[key] = Sandbox(readable, hidden, request["layers"])
        print(json.dumps(fork_worker(request, sandboxes.get(key), world)), flush=True)


def fork_worker(request: dict[str, Any], sandbox: Any, world: World) -> dict[str, Any]:
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(PATIENCE)
        try:
            answer = work(request, sandbox, world, said)
            os.write(said, json.dumps(answer).encode())
        finally:  # whatever happens, a worker must not go on as a second zygote
            os._exit(0)
    os.close(said)
    with os.fdopen(heard, "rb") as stream:
        text = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if text:
        return json.loads(text)
    return {"outcome": f"signal {-status}" if status < 0 else f"vanished, exit code {status}"}


def work(request: dict[str, Any], sandbox: Any, world: World, said: int) -> dict[str, Any]:
    from grader.sandbox import Limits

    job = find(*request["work"].split(":"))
    try:
        if request["forbidden"] is not None:
            from tests.sandbox_attacks import forbid

            forbid(*request["forbidden"])
        if sandbox is not None:
            kept = [os.open(path, os.O_WRONLY) for path in request["kept"]]
            sandbox.enter(Limits(*request["limits"]), {said, *kept})
    except OSError as error:
        return {"outcome": "not entered", "value": f"{errno.errorcode[error.errno or 0]} {error}"}
    return attempt(job, world, request["arguments"])


def find(module: str, name: str) -> Any:
    from tests import sandbox_attacks, sandbox_work

    return sandbox_attacks.ATTACKS[name][0] if module == "sandbox_attacks" else getattr(sandbox_work, name)


def attempt(job: Any, world: World, arguments: list[Any]) -> dict[str, Any]:
    try:
        return {"outcome": "succeeded", "value": job(world, *arguments)}
    except OSError as error:
        return {"outcome": errno.errorcode[error.errno or 0], "value": str(error)}
    except BaseException as error:
        return {"outcome": type(error).__name__, "value": str(error)}


def main() -> None:
    root, uid, library = sys.argv[1:]
    sys.path.insert(0, root)
    warm(library)
    for module in (*EARLY, "tests.sandbox_attacks", "tests.sandbox_work", "grader.sandbox"):
        importlib.import_module(module)
    become(int(uid))
    world = build_world()
    print(json.dumps(world), flush=True)
    serve(world, (library,))


if __name__ == "__main__":
    main()
