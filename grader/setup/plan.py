"""What all autograders have in common: which exercises, what to install, how to call `dlgrade grade`, how to write."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from grader import kit
from grader.errors import UsageError
from grader.setup.wheel import Wheel, wheel

TEMPLATES = Path(__file__).parent / "templates"
TORCH = "torch --index-url https://download.pytorch.org/whl/cpu"
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MARK = re.compile(r"@([a-z_]+)@")
EXECUTABLE, PRIVATE = 0o755, 0o600


class Plan(NamedTuple):
    """How an autograder shall grade.

    only: numbers of exercises, all if empty. seed_env: where the secret seed comes from, None for public inputs.
    torch: whether an exercise needs it. requirement: what pip installs, or else bundle: this dlgrade and its kit.
    whole_class: the folder with one folder per student, None where all files are one student's.
    """

    only: tuple[str, ...]
    torch: bool
    feedback: str
    seed_env: str | None
    requirement: str | None
    bundle: Wheel | None
    unsafe: bool = False
    whole_class: str | None = None

    def options(self) -> str:
        """Of `dlgrade grade`, apart from those that only the place of grading knows."""
        words = ["--only", ",".join(self.only)] if self.only else []
        return shlex.join([*words, "--feedback", self.feedback, *(["--unsafe"] if self.unsafe else [])])


def planned(
    root: Path,
    only: str,
    feedback: str,
    seed_env: str | None,
    requirement: str | None,
    unsafe: bool = False,
    whole_class: str | None = None,
) -> Plan:
    """A plan from what was typed; raises UsageError for what can't be meant."""
    wanted = kit.chosen(root, only)
    torch = any("torch" in entry.libraries() for entry in wanted or kit.entries(root))
    if requirement and root != kit.builtin():
        raise UsageError("--install names a dlgrade with a kit of its own; leave out --kit or --install")
    if seed_env and not VARIABLE.fullmatch(seed_env):
        raise UsageError(f"--seed-env {seed_env!a} is no name of a variable; use letters, digits and _")
    for option, text in (("--install", requirement), ("--class", whole_class)):
        _plain(option, text)
    if whole_class and (Path(whole_class).is_absolute() or ".." in Path(whole_class).parts):
        raise UsageError(f"--class {whole_class} is not inside the repository; give a folder of it")
    bundle = None if requirement else wheel(root)
    numbers = tuple(entry.number for entry in wanted)
    return Plan(numbers, torch, feedback, seed_env, requirement, bundle, unsafe, whole_class)


def _plain(option: str, text: str | None) -> None:
    if text is not None and (not text.strip() or not text.isprintable() or "${{" in text or text.startswith("-")):
        raise UsageError(f"{option} {text!a} can't stand in a script; give plain text")


def template(name: str, values: Mapping[str, str]) -> str:
    """A template with `@marks@` replaced; a line that holds a mark alone is left out if its value is empty."""
    text = (TEMPLATES / name).read_text("utf-8")
    lines = (_filled(line, values) for line in text.splitlines(keepends=True))
    return "".join(line for line in lines if line is not None)


def _filled(line: str, values: Mapping[str, str]) -> str | None:
    alone = MARK.fullmatch(line.strip())
    if not alone:
        return MARK.sub(lambda mark: values[mark[1]], line)
    indent = line[: len(line) - len(line.lstrip())]
    return "".join(f"{indent}{one}\n" if one else "\n" for one in values[alone[1]].splitlines()) or None


class File(NamedTuple):
    content: bytes
    mode: int = 0o644


def write(folder: Path, files: Mapping[str, File], force: bool) -> None:
    """Writes files by path. Those that exist and differ stay unless `force`; then nothing is written: UsageError."""
    try:
        old = [path for path, file in files.items() if _differs(folder / path, file.content)]
        if old and not force:
            raise UsageError(f"{folder / old[0]} exists and is different; give another --out, or --force to replace it")
        for path, file in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(file.mode)  # before its content, which may be a secret
            target.chmod(file.mode)
            target.write_bytes(file.content)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder} can't be written ({error.strerror}); give another --out"
        ) from None


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and not (path.is_file() and path.read_bytes() == content)
