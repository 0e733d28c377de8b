"""The untrusted side: loads a submission and answers one case after the other.

Runs in a process of its own that has been hardened before it hears of any submission. It imports nothing of ours but
the wire format. All it sends back are values, and nothing it says about itself is believed.
"""

import builtins
import functools
import importlib
import linecache
import marshal
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import is_
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from grader import wire

MESSAGE = 2000  # characters of an exception's text that are sent
FRAMES = 20


class Refuse:
    """Import hook: tells in plain words which libraries an exercise allows."""

    def __init__(self, libraries: Iterable[str]) -> None:
        self._libraries = ("numpy", *(name for name in libraries if name != "numpy"))
        self._imported = imported(len(sys.modules)).packages

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        top = name.split(".")[0]
        if not self._allows(top) and not top.startswith("_sysconfigdata"):
            allowed = ", ".join(self._libraries)
            raise ModuleNotFoundError(
                f"`{name}` can't be imported in this exercise; it allows {allowed} and the standard library", name=name
            )

    def _allows(self, top: str) -> bool:
        return top != "grader" and any(
            top in names for names in (self._libraries, self._imported, sys.stdlib_module_names)
        )


class Imported(NamedTuple):
    """What a process has imported: its packages, and the modules that are ours."""

    packages: frozenset[str]
    ours: tuple[str, ...]


@functools.lru_cache(maxsize=1)
def imported(modules: int) -> Imported:
    """What is imported when there are this many modules.

    A process that forks workers asks first: to go through all names copies the memory they are in, in each worker.
    """
    ours = tuple(name for name in sys.modules if name.split(".")[0] == "grader")
    return Imported(frozenset(name.split(".")[0] for name in sys.modules), ours)


def forbid_imports(libraries: Iterable[str]) -> None:
    """From now on only `libraries` and the standard library can be imported, and nothing of ours."""
    refuse = Refuse(libraries)
    for name in imported(len(sys.modules)).ours:
        del sys.modules[name]
    sys.meta_path.insert(0, refuse)


def load(source: bytes, filename: str, name: str) -> ModuleType:
    """Executes `source` as a module called `name`; whatever it raises is let through."""
    module = ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    for cache in ("cache", "_interactive_cache"):  # the latter, of Python 3.13, holds the text of our own `-c`
        getattr(linecache, cache, {}).clear()
    text = source.decode("utf-8", "replace")
    linecache.cache[filename] = (len(source), None, text.splitlines(True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module


def drivers(code: Mapping[str, bytes], modules: Mapping[str, str]) -> dict[str, Any]:
    """The drivers of a spec, rebuilt from marshalled code; they see each other and `modules` (alias to name)."""
    scope: dict[str, Any] = {alias: importlib.import_module(name) for alias, name in modules.items()}
    scope["__builtins__"] = builtins
    for name, raw in code.items():
        body, defaults, keyword_defaults = marshal.loads(raw)
        assert isinstance(body, CodeType)
        function = FunctionType(body, scope, name, defaults)
        function.__kwdefaults__ = keyword_defaults
        scope[name] = function
    return scope


class Host:
    """What the driver of a training can do while it runs: say how far it is, and ask for something."""

    def __init__(self, channel: "Channel", id: int) -> None:
        self._channel, self._id = channel, id

    def report(self, done: float, total: float, loss: float, accuracy: float | None = None) -> None:
        """`done` of `total` epochs or steps are over; the mean training loss; the accuracy on images held back."""
        numbers = [float(done), float(total), float(loss), None if accuracy is None else float(accuracy)]
        self._channel.send(wire.message({"id": self._id, "report": numbers}))

    def ask(self, value: Any) -> Any:
        """What the grader answers. Raises ValueError if it refuses."""
        self._channel.send(wire.message({"id": self._id, "ask": value}))
        raw = self._channel.receive()
        if raw is None:
            raise EOFError("the grader is gone")
        answer = wire.parse(raw, to_tensor)
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return answer["value"]


def respond(
    student: ModuleType,
    scope: Mapping[str, Any],
    filename: str,
    raw: bytes,
    watch: bool = True,
    channel: "Channel | None" = None,
) -> bytes:
    """The reply to the message of one case: its id, and what came of it.

    That is `answered`, the value, with `changed` and `shared`, the names of inputs that were changed or whose memory
    the value uses (nobody looks without `watch`); or `raised`, see `raised()`. The driver of a training, which the
    message calls `hosted`, talks over the channel meanwhile; nobody watches its inputs.
    """
    message = wire.Message(raw, layout=True)
    case = message.values(to_tensor)
    driver, inputs = scope.get(case["driver"]), case["inputs"]
    reply = {"id": case["id"], "changed": [], "shared": []}
    try:
        if case.get("hosted"):
            assert driver and channel
            return wire.message({**reply, "answered": driver(student, Host(channel, case["id"]), **inputs)})
        result = driver(student, **inputs) if driver else getattr(student, case["driver"])(**inputs)
        if watch:
            made = message.made
            reply["changed"] = [] if all(map(_kept, made)) else _changed(message, inputs)
            reply["shared"] = _shared(result, inputs, [thing for _, thing in made])
        return wire.message({**reply, "answered": result})
    except BaseException as error:
        return wire.message({"id": case["id"], **raised(error, filename)})


def raised(error: BaseException, filename: str) -> dict[str, Any]:
    """An exception as plain data: its classes' names, its text, and the lines of the student's file it went through."""
    names = [c.__name__ for c in type(error).__mro__ if issubclass(c, BaseException)]
    try:
        text = str(error)[:MESSAGE]
    except BaseException:
        text = ""
    lines: list[tuple[int, str]] = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            lines.append((trace.tb_lineno or 0, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines.append((error.lineno or 0, "<module>"))
        text = str(error.msg)[:MESSAGE]
    return {"raised": names, "text": text, "lines": lines[-FRAMES:]}


def _kept(made: tuple[Any, Any]) -> bool:
    """Whether what was made of a message has the very same items, or elements, as at first."""
    before, now = made
    if type(before) is list:
        return len(before) == len(now) and all(map(is_, before, now))
    if type(before) is dict:
        return len(before) == len(now) and all(map(is_, chain(*before.items()), chain(*now.items())))
    return _same(before, now)


def _changed(message: wire.Message, inputs: Mapping[str, Any]) -> list[str]:
    """Names of the inputs that aren't what the message says."""
    untouched = message.values(copy=False)["inputs"]
    return [name for name, value in untouched.items() if not _same(value, inputs.get(name))]


def _same(a: Any, b: Any) -> bool:
    """Whether a tree of plain data, with the elements of tensors, still is the same to the bit."""
    if type(a) in wire.PLAIN:
        return type(a) is type(b) and bool(a == b)
    if type(a) is wire.Tensor:
        return wire.is_tensor(b) and _same(a.array, b.detach().numpy())
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) or bool(a != a and b != b)


def _shared(result: Any, inputs: Mapping[str, Any], made: Sequence[Any]) -> list[str]:
    """Names of the inputs whose memory the result uses, too. made: all that is in them, and more."""
    results = [_memory(a) for a in wire.arrays(result)]
    if not results or not _overlap(results, [thing for thing in made if type(thing) not in (list, dict)]):
        return []
    return [name for name, value in inputs.items() if _overlap(results, wire.arrays(value))]


def _overlap(results: Sequence[np.ndarray], given: Sequence[Any]) -> bool:
    return any(np.may_share_memory(result, _memory(a)) for a in given for result in results)


def _memory(array: Any) -> np.ndarray:
    return array if isinstance(array, np.ndarray) else array.detach().cpu().numpy()


def to_tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(array)


class Channel:
    """Messages over a pair of file descriptors, blocking."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._cutter = wire.Cutter()

    def receive(self) -> bytes | None:
        """The next message, None at the end of the stream."""
        data = b""
        while (whole := self._cutter.feed(data, sys.maxsize)) is None:
            data = os.read(self._read, 1 << 16)
            if not data:
                return None
        return whole

    def send(self, raw: bytes) -> None:
        rest = memoryview(raw)
        while rest:
            rest = rest[os.write(self._write, rest) :]


def serve(channel: Channel, layers: Sequence[str]) -> None:
    """Says that it is shut in, by which layers; loads the submission that it is sent; answers cases until the end."""
    channel.send(wire.message({"layers": list(layers)}))
    raw = channel.receive()
    if raw is None:
        return
    start = wire.parse(raw, to_tensor)
    filename, scope = start["filename"], drivers(start["drivers"], start["modules"])
    forbid_imports(start["libraries"])
    try:
        student = load(start["source"], filename, start["name"])
    except BaseException as error:
        channel.send(wire.message({"id": 0, **raised(error, filename)}))
        return
    channel.send(wire.message({"id": 0, "names": [name for name in start["expects"] if hasattr(student, name)]}))
    while (raw := channel.receive()) is not None:
        channel.send(respond(student, scope, filename, raw, channel=channel))


def main(read: int, write: int, layers: Sequence[str]) -> None:
    """Serves in a fresh process, for machines where processes aren't forked."""
    serve(Channel(read, write), layers)
    sys.stdout.flush()
    os._exit(0)
