"""Finds a kit and pairs its files by their stems.

A kit is three folders; for quizzes one, `questions`, is enough. Number, slug, order and partners of an exercise come
from its file names and stand nowhere else:

    exercises/ex12_3_dead_relu_clinic.py          the stub
    solutions/ex12_3_dead_relu_clinic.py          the solution
    solutions/specs/ex12_3_dead_relu_clinic.py    the spec
    questions/en/12_3_dead_relu_clinic.md         the question, one page per language
"""

import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from grader.errors import KitError, UsageError, install

STEM = re.compile(r"ex(\d{2,})(?:_([1-9]\d*))?_([a-z][a-z0-9_]*)")
IMPORT = re.compile(rb"^(?:import[ \t]+(\w+)[\w.]*[ \t\r]*(?:$|,|;|#|as\b)|from[ \t]+(\w+)[\w.]*[ \t]+import\b)", re.M)
LANGUAGES = ("en", "ko")


class Entry(NamedTuple):
    """One exercise of a kit, by the names of its files."""

    kit: Path
    stem: str
    order: tuple[int, int]

    @property
    def number(self) -> str:
        """What people type: `17`, `12-3`."""
        main, sub = self.order
        return f"{main}-{sub}" if sub else str(main)

    @property
    def slug(self) -> str:
        return self.page_name.removesuffix(".md").split("_", 2 if self.order[1] else 1)[-1]

    @property
    def page_name(self) -> str:
        return self.stem.removeprefix("ex") + ".md"

    @property
    def stub(self) -> Path:
        return self.kit / "exercises" / f"{self.stem}.py"

    @property
    def solution(self) -> Path:
        return self.kit / "solutions" / f"{self.stem}.py"

    @property
    def spec(self) -> Path:
        return self.kit / "solutions" / "specs" / f"{self.stem}.py"

    def page(self, language: str = "en") -> Path:
        return self.kit / "questions" / language / self.page_name

    def libraries(self) -> tuple[str, ...]:
        """Packages outside the standard library that the stub imports, and submissions may."""
        names = {(one or other).decode() for one, other in IMPORT.findall(self.stub.read_bytes())}
        return tuple(sorted(names - sys.stdlib_module_names))


def entry_of(kit: Path, stem: str) -> Entry | None:
    """The entry with this stem, None if it isn't the stem of an exercise."""
    if not (match := STEM.fullmatch(stem)):
        return None
    return Entry(kit, stem, (int(match[1]), int(match[2] or 0)))


def builtin() -> Path:
    """The kit that comes with dlgrade, in a checkout or in an installed package."""
    package = Path(__file__).resolve().parent
    return package / "_content" if (package / "_content").is_dir() else package.parent


def locate(option: str | None = None) -> Path:
    """The kit named by `--kit`, by `DLGRADE_KIT`, or the built-in one."""
    name = option or os.environ.get("DLGRADE_KIT")
    if not name:
        return builtin()
    kit = Path(name).expanduser().resolve()
    if not any((kit / folder).is_dir() for folder in ("exercises", "questions")):
        raise UsageError(f"{name} is not a kit: it has no `exercises` or `questions`; give a folder that has one")
    return kit


def as_option(kit: Path) -> str:
    """How a command that we suggest goes on, so that it finds the same kit: ` --kit DIR`, nothing for the usual one."""
    if kit == locate():
        return ""
    import shlex

    return f" --kit {shlex.quote(str(kit))}"


def entries(kit: Path) -> list[Entry]:
    """All exercises of a kit, in the order of their numbers; a kit may have questions only."""
    if not (kit / "exercises").exists() and (kit / "questions").is_dir():
        return []
    try:
        names = [path.name for path in (kit / "exercises").iterdir()]
    except OSError as error:
        raise KitError(f"{kit}/exercises can't be read ({error.strerror}); check `--kit`") from error
    found = [entry for name in names if name.endswith(".py") and (entry := entry_of(kit, name[:-3]))]
    return sorted(found, key=lambda entry: (entry.order, entry.stem))


def find(kit: Path, number: str) -> Entry:
    """The exercise that somebody means by `17`, `12-3`, `12_3`, `ex17` or a file name of it."""
    known = entries(kit)
    wanted = Path(number).name.removesuffix(".py").lower()
    plain = re.sub(r"^(ex|q)?0*(?=\d)", "", wanted).replace("_", "-").replace(".", "-")
    for entry in known:
        if wanted == entry.stem or plain in (entry.number, entry.slug.replace("_", "-")):
            return entry
    for entry in known:
        if plain == f"{entry.number}-{entry.slug.replace('_', '-')}":
            return entry
    raise UsageError(f"no exercise {number}; {_suggest(plain, known)}")


def chosen(kit: Path, numbers: str) -> list[Entry]:
    """The exercises of a list like `17,12-1`, each once; none for an empty list. Raises UsageError."""
    found = list(dict.fromkeys(find(kit, one.strip()) for one in numbers.split(",") if one.strip()))
    if numbers and not found:
        raise UsageError(f"{numbers!r} names no exercise; give numbers like 17,12-1")
    return found


def _suggest(plain: str, known: list[Entry]) -> str:
    import difflib

    words = {word: e for e in known for word in (e.slug.replace("_", "-"), *e.slug.split("_"))}
    close = [words[word] for word in difflib.get_close_matches(plain, words, 5, 0.7)]
    near = [entry for entry in known if entry.number.split("-")[0] == plain.split("-")[0]]
    if plain[:1].isdigit() and not near:
        numbers = {entry.number: entry for entry in known}
        near = [numbers[number] for number in difflib.get_close_matches(plain, numbers, 3, 0.5)]
    found = list(dict.fromkeys([*near, *close]))[:4]
    if not found:
        return "`dlgrade list` shows all"
    return "did you mean " + " or ".join(f"{entry.number} ({entry.slug})" for entry in found) + "?"


def load_module(path: Path, name: str) -> ModuleType:
    """A Python file of the kit as a module. Kit code is trusted; an error in it is the kit author's to mend."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise KitError(f"{path} is missing; every exercise needs a stub, a solution, a spec and a page")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise KitError(f"{path} can't be loaded ({type(error).__name__}: {error}); {_step(error)}") from error
    return module


def _step(error: Exception) -> str:
    """What to do about what stopped a module: mend it, unless a whole library isn't there."""
    if isinstance(error, ModuleNotFoundError) and error.name and "." not in error.name:
        return install(error.name)
    return "mend it"


def load_spec(entry: Entry) -> ModuleType:
    """The spec of an entry; its `exercise` is an `Exercise`."""
    module = load_module(entry.spec, f"dlgrade_spec_{entry.stem}")
    if not hasattr(module, "exercise"):
        raise KitError(f"{entry.spec} binds no `exercise`; end it with `exercise = Exercise(...)`")
    return module


def load_solution(entry: Entry) -> ModuleType:
    return load_module(entry.solution, f"dlgrade_solution_{entry.stem}")
