"""Nothing a test does may touch the state of whoever runs it."""

import functools
import gzip
import hashlib
import os
from pathlib import Path

import pytest

from grader import devices
from grader.data import find
from grader.data.sets import SETS, File
from grader.errors import MachineError

GIVEN = os.environ.get("DLGRADE_DATA") or Path(__file__).parents[2] / "shared"  # real data, if there is any


def pytest_runtest_setup(item):
    if item.get_closest_marker("gpu") and (why := _no_gpu()):
        pytest.skip(why)


@functools.cache
def _no_gpu():
    """Why tests that need a GPU aren't run, None if they are."""
    try:
        devices.choose("cuda")
    except MachineError as error:
        return str(error)
    return None


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory, monkeypatch):
    """A folder of its own for progress, no data, and none of the switches somebody may have set."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("DLGRADE_STATE", str(folder))
    monkeypatch.setenv("DLGRADE_DATA", str(folder / "data"))  # being set, it keeps the user's own folders out
    monkeypatch.setenv("DLGRADE_HELPER", "off")  # it would know another folder for progress
    for name in ("DLGRADE_KIT", "DLGRADE_SPAWN", "DLGRADE_DEBUG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def real_data(monkeypatch):
    """The folder with the real MNIST, which DLGRADE_DATA names from now on."""
    monkeypatch.setenv("DLGRADE_DATA", str(GIVEN))
    if not all(state.good for state in find.states(SETS["mnist"], find.homes(Path()))):
        pytest.skip(f"no MNIST in {GIVEN}; set DLGRADE_DATA")
    return Path(GIVEN)


@pytest.fixture
def little(monkeypatch):
    """The content of four small files by name; SETS["mnist"] and SETS["fashion-mnist"] consist of such ones now."""
    contents = {}
    for number, data in enumerate([SETS["mnist"], SETS["fashion-mnist"]]):
        mine = {file.name: _content(file, number) for file in data.files}
        contents = contents or mine
        files = tuple(_described(name, content) for name, content in mine.items())
        monkeypatch.setitem(SETS, data.name, data._replace(files=files))
    return contents


def _content(file, number):
    """An IDX file with 30 images of 28 x 28 pixels, or labels for them; every set has its own."""
    images = 30
    shape = (images, 28, 28)[: file.dims]
    values = hashlib.shake_128(f"{file.name} {number}".encode()).digest(images * (784 if file.dims == 3 else 1))
    if file.dims == 1:
        values = bytes(value % 10 for value in values)
    return bytes([0, 0, 8, file.dims]) + b"".join(size.to_bytes(4, "big") for size in shape) + values


def _described(name, content):
    packed = gzip.compress(content, mtime=0)
    hashes = [hashlib.sha256(form).hexdigest() for form in (content, packed)]
    return File(name, len(content), hashes[0], len(packed), hashes[1])
