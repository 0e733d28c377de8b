"""dlgrade as a wheel, with a kit inside: what an autograder installs is what wrote it, from no package index.

The form is that of https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
"""

import base64
import hashlib
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import grader
from grader.errors import MachineError
from grader.setup.archive import zipped

NAME = "dlgrade"
PACKAGE = Path(grader.__file__).resolve().parent
FOLDERS = ("exercises", "solutions", "questions")


class Project(NamedTuple):
    """What pip has to know of dlgrade."""

    version: str
    python: str
    requirements: tuple[str, ...]


class Wheel(NamedTuple):
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def wheel(root: Path) -> Wheel:
    """This dlgrade, with the kit at `root` as the one that is built in."""
    project = _project()
    info = f"{NAME}-{project.version}.dist-info"
    files = dict(_code()) | dict(_kit(root))
    files[f"{info}/METADATA"] = _metadata(project).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: dlgrade\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ndlgrade = grader.__main__:main\n"
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD").encode()
    return Wheel(f"{NAME}-{project.version}-py3-none-any.whl", zipped(files))


def _project() -> Project:
    """From pyproject.toml in a checkout, where an installation's metadata may be old, else from the installation."""
    path = PACKAGE.parent / "pyproject.toml"
    if path.is_file():
        table = tomllib.loads(path.read_text("utf-8"))["project"]
        return Project(table["version"], table["requires-python"], tuple(table["dependencies"]))
    try:
        told = metadata.metadata(NAME)
    except metadata.PackageNotFoundError:
        raise MachineError("dlgrade is not installed, only copied; run `pip install .` in a checkout") from None
    needed = [text for text in told.get_all("Requires-Dist") or () if "extra ==" not in text]
    return Project(told["Version"], told["Requires-Python"], tuple(needed))


def _code() -> Iterator[tuple[str, bytes]]:
    for path in _files(PACKAGE):
        if path.relative_to(PACKAGE).parts[0] != "_content":
            yield f"grader/{path.relative_to(PACKAGE).as_posix()}", path.read_bytes()


def _kit(root: Path) -> Iterator[tuple[str, bytes]]:
    for folder in FOLDERS:
        for path in _files(root / folder):
            yield f"grader/_content/{path.relative_to(root).as_posix()}", path.read_bytes()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield path


def _metadata(project: Project) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {project.version}"]
    lines += [f"Requires-Python: {project.python}", *(f"Requires-Dist: {one}" for one in project.requirements)]
    return "\n".join(lines) + "\n"


def _record(files: dict[str, bytes], own: str) -> str:
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in sorted(files.items())]
    return "\n".join([*lines, f"{own},,"]) + "\n"


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
