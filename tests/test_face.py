"""The public face of a file: names, signatures and docstrings, read without running it."""

from pathlib import Path

import pytest

from grader import face
from grader.errors import KitError
from tests.toy import ENTRY

TEXT = '''"""Title.

More.
"""

raise SystemExit("never run")

CONSTANT = 3


def plain(a, b: int = 2, *args: float, key: str = "x", **rest) -> dict[str, int]:
    """One."""

    def inner():
        """Not public."""


async def later(): ...


def _private():
    """Hidden."""


class Thing(Base, metaclass=Meta):
    """Two."""

    size: int = 0

    def __init__(self, n, /, *, m):
        """Three."""

    def method(self) -> None: ...

    def _helper(self): ...

    class Inner:
        def deep(self): ...


class _Hidden:
    def method(self): ...
'''


@pytest.fixture
def seen(tmp_path: Path) -> face.Face:
    path = tmp_path / "file.py"
    path.write_text(TEXT)
    return face.read(path)


def test_signatures(seen: face.Face) -> None:
    assert seen.signatures == {
        "plain": "def plain(a, b: int=2, *args: float, key: str='x', **rest) -> dict[str, int]",
        "later": "def later()",
        "Thing": "class Thing(Base)",
        "Thing.__init__": "def __init__(self, n, /, *, m)",
        "Thing.method": "def method(self) -> None",
        "Thing.Inner": "class Inner()",
        "Thing.Inner.deep": "def deep(self)",
    }


def test_docstrings(seen: face.Face) -> None:
    assert seen.docstrings[""] == "Title.\n\nMore."
    assert seen.docstrings["plain"] == "One."
    assert seen.docstrings["Thing"] == "Two."
    assert seen.docstrings["Thing.__init__"] == "Three."
    assert seen.docstrings["later"] == seen.docstrings["Thing.method"] == ""
    assert set(seen.docstrings) == {"", *seen.signatures}


def test_names_are_those_at_the_top(seen: face.Face) -> None:
    assert seen.names == ("plain", "later", "Thing")


def test_stub_and_solution_of_the_toy_look_alike() -> None:
    assert face.read(ENTRY.stub) == face.read(ENTRY.solution)
    assert face.read(ENTRY.stub).names == ("double", "softmax", "Counter")


@pytest.mark.parametrize("raw", [b"def (", b"x = '\xff'", b"x = 1\x00"])
def test_what_is_not_python_is_the_authors_to_mend(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "file.py"
    path.write_bytes(raw)
    with pytest.raises(KitError, match=r"file.py can't be read as Python \(.*\); mend it"):
        face.read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="can't be read as Python"):
        face.read(tmp_path / "nothing.py")
