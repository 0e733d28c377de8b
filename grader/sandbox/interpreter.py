"""Which files this Python needs while it runs: standard library, shared libraries, and the named packages."""

# Plain strings for paths: a command that only starts up should not have to import pathlib.
# ruff: noqa: PTH112, PTH113, PTH118, PTH119, PTH120, PTH208

import os
import sys
from collections.abc import Collection, Iterable

_SITE_NAMES = ("site-packages", "dist-packages")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld-musl-x86_64.path", "/dev/null", "/dev/urandom")
_OURS = __name__.partition(".")[0]
_COMPANIONS = {  # what a package imports or loads late; its own `<name>.libs` folder is found by name
    "torch": (
        "filelock",
        "fsspec",
        "functorch",
        "jinja2",
        "markupsafe",
        "mpmath",
        "networkx",
        "nvidia",
        "sympy",
        "torchgen",
        "triton",
        "typing_extensions",
    ),
}


def readable_paths(libraries: Collection[str]) -> tuple[list[str], list[str]]:
    """The `readable` and `hidden` paths for a `Sandbox` whose workers use `libraries`, e.g. ("numpy",).

    Of a site-packages folder only the named packages, those imported by now and their companions are
    readable, and never this package. All else on the module search path is hidden, even where it lies in
    a readable folder.
    """
    wanted = {*libraries, *(name.partition(".")[0] for name in sys.modules)}
    wanted.update(*(_COMPANIONS.get(name, ()) for name in libraries))
    wanted.discard(_OURS)
    standard = _standard_library()
    searched = [os.path.realpath(entry) for entry in sys.path]
    installed = [path for path in searched if os.path.basename(path) in _SITE_NAMES]
    readable = [*_SYSTEM, *_SYSTEM_FILES, *standard, *_shared_objects(), *_packages(wanted, installed)]
    hidden = [path for path in searched if path not in standard]
    hidden += [os.path.dirname(os.path.dirname(os.path.realpath(__file__))), *_site_folders(standard[0])]
    return readable, hidden


def fill_import_caches() -> None:
    """List each folder on the search path once, since inside the sandbox some cannot be listed any more."""
    from importlib.machinery import PathFinder

    PathFinder.find_spec("no such module")


def _standard_library() -> list[str]:
    """The folder of the standard library first, then its parts that lie elsewhere; all as real paths."""
    archive = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    parts = [entry for entry in sys.path if os.path.basename(entry) in ("lib-dynload", archive)]
    return [os.path.realpath(path) for path in (os.path.dirname(os.__file__), *parts)]


def _site_folders(standard_library: str) -> list[str]:
    """Every folder of installed packages inside a readable one, of any Python on this machine."""
    parents = [standard_library]
    for folder in _SYSTEM:
        pythons = [name for name in _listed(folder) if name.startswith(("python", "pypy"))]
        parents += [os.path.join(folder, name) for name in pythons]
    folders = [os.path.join(parent, name) for parent in parents for name in _SITE_NAMES]
    return [folder for folder in folders if os.path.isdir(folder)]


def _packages(wanted: Collection[str], folders: Iterable[str]) -> list[str]:
    """Packages, single modules and `.libs` folders whose first name is wanted."""
    return [
        os.path.join(folder, entry)
        for folder in folders
        for entry in _listed(folder)
        if entry.partition(".")[0] in wanted
    ]


def _shared_objects() -> list[str]:
    """Shared libraries outside the system's folders: beside the interpreter and where the loader is sent."""
    told = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    folders = [os.path.join(sys.base_prefix, "lib"), "/usr/local/lib", *told]
    paths = [os.path.join(folder, name) for folder in folders for name in _listed(folder) if ".so" in name]
    return [path for path in paths if os.path.isfile(path)]


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
