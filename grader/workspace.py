"""A learner's folder: where its exercises are, and how one is made."""

import re
from collections.abc import Iterator
from pathlib import Path

from grader import kit
from grader.errors import UsageError
from grader.kit import Entry

PYTEST = """\
# For pytest and the test panel of an editor: shows the exercises as tests where dlgrade is installed.
[pytest]
dlgrade = true
"""
CONFIGURES = {  # files that pytest looks for in a folder, and a text by which they are meant for it
    "pytest.toml": "",
    ".pytest.toml": "",
    "pytest.ini": "",
    ".pytest.ini": "",
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
}


def find(start: Path) -> Path | None:
    """The nearest folder upwards from `start` with an `exercises/` that holds exercises."""
    for folder in (start, *start.parents):
        inside = folder / "exercises"
        if inside.is_dir() and any(kit.entry_of(folder, path.stem) for path in inside.glob("ex*.py")):
            return folder
    return None


def attempt(entry: Entry) -> Path:
    """The learner's file for an exercise. Raises UsageError outside of a workspace."""
    folder, same = find(Path.cwd()), kit.as_option(entry.kit)
    if folder is None:
        raise UsageError(
            f"no workspace here; run `dlgrade init{same}`, or name a file: `dlgrade check {entry.number} FILE{same}`"
        )
    path = folder / "exercises" / f"{entry.stem}.py"
    if not path.is_file():
        import shlex  # it is for this message only

        again = f"dlgrade init {shlex.quote(str(folder))}{same}"
        raise UsageError(f"{path} is missing; run `{again}` to get the stubs that are not there yet")
    return path


def make(folder: Path, root: Path) -> Iterator[tuple[str, Path]]:
    """Writes the stubs that are missing; yields "new", "kept" (changed by the learner) or "same" for each."""
    target = folder / "exercises"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for entry in kit.entries(root):
            path = target / entry.stub.name
            stub = entry.stub.read_bytes()
            if path.exists():
                yield ("same" if path.read_bytes() == stub else "kept"), path
            else:
                path.write_bytes(stub)
                yield "new", path
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder} can't be written ({error.strerror}); choose another folder"
        ) from error


def show_to_pytest(folder: Path) -> Path | None:
    """Writes the file by which pytest finds the exercises, unless the folder has one that configures pytest already.

    That one is left alone, and returned if it doesn't say whether it wants them.
    """
    for name, mark in CONFIGURES.items():
        path = folder / name
        if path.is_file() and mark in (text := path.read_text("utf-8", "replace")):
            return None if re.search(r"^\s*dlgrade\s*=", text, re.M) else path
    try:
        (folder / "pytest.ini").write_text(PYTEST, "utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename} can't be written ({error.strerror}); choose another folder") from error
    return None
