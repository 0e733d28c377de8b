"""Where definitions are looked for: in the cells that IPython has run, or in the file of a module."""

import ast
import os
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.batch import cells
from grader.errors import UsageError
from grader.notebook.collecting import Cell, Session

NOTHING_BOUND = re.compile(r"\s*%%timeit\b")  # runs a cell's code inside a function
TIMED = re.compile(r"^%time[ \t]+(?=[^\s-])", re.M)


def shell() -> Any:
    """IPython's shell, if this is a session of one; IPython isn't imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def find(definitions: Sequence[object], wanted: Collection[str]) -> tuple[Session, list[str]]:
    """Where to look, and which of the wanted names are defined there: all, or those that these definitions have.

    Raises UsageError if there is no source, or nothing that is wanted.
    """
    here = vars(sys.modules["__main__"]) if shell() is None else shell().user_ns
    if not definitions:
        return _session("__main__"), _defined(here, wanted)
    homes = [(*_home(one, here, wanted), one) for one in definitions]
    if len({home for home, *_ in homes}) > 1:
        raise UsageError("these definitions come from different modules; give `file=` instead")
    return _session(homes[0][0]), [name for _, name, _ in homes]


def _home(definition: object, here: dict[str, Any], wanted: Collection[str]) -> tuple[str, str]:
    """The module in which a definition stands under a wanted name, and that name."""
    own = getattr(definition, "__module__", None)
    other = vars(sys.modules[own]) if isinstance(own, str) and own in sys.modules else {}
    for module, names in ((own, other), ("__main__", here)) if own != "__main__" else (("__main__", here),):
        for name in wanted:
            if names.get(name) is definition and isinstance(module, str):
                return module, name
    called = getattr(definition, "__name__", None) or f"a {type(definition).__name__}"
    raise UsageError(f"{called} is not what the exercise asks for; give what is called {_listed(wanted)}")


def _defined(namespace: dict[str, Any], wanted: Collection[str]) -> list[str]:
    """Wanted names that stand for something to call; others, such as `logits` for numbers, mean something else."""
    found = [name for name in wanted if callable(namespace.get(name))]
    if not found:
        raise UsageError(f"nothing here to check: define {_listed(wanted)}, or name a file with `file=`")
    return found


def _listed(names: Collection[str]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


def _session(module: str) -> Session:
    ipython = shell()
    if module == "__main__" and ipython is not None:
        return _of_ipython(ipython)
    return _of_module(sys.modules[module])


def _of_ipython(ipython: Any) -> Session:
    """What was run in it, the newest version of every cell last."""
    run = enumerate(ipython.history_manager.input_hist_raw)
    texts = [Cell(f"cell [{number}]", python(text)) for number, text in run if number and text.strip()]
    return Session(_title(ipython), texts, ipython.user_ns, ipython.user_ns_hidden, bool(ipython.ast_transformers))


def _title(ipython: Any) -> str:
    """The notebook's file name, if its editor tells."""
    path = ipython.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or "notebook"
    return Path(str(path)).name


def python(text: str) -> str:
    """A cell's Python, each line where it is: what `%time` or `%%time` has timed was run, too."""
    if NOTHING_BOUND.match(text):
        return ""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        text = TIMED.sub("", text)
    return cells.python(text)


def _of_module(module: ModuleType) -> Session:
    path = getattr(module, "__file__", None)
    try:
        text = Path(path).read_text("utf-8") if path else None
    except (OSError, UnicodeDecodeError):
        text = None
    if text is None:
        raise UsageError("this session keeps no source; use IPython or Jupyter, a script, or name a file with `file=`")
    return Session(Path(path or "").name, [Cell("", text)], vars(module))
