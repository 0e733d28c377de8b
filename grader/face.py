"""The public face of a Python file, read without running it: names, signatures, docstrings."""

import ast
from pathlib import Path
from typing import NamedTuple

from grader.errors import KitError


class Face(NamedTuple):
    """What a reader of a file sees: `signatures` and `docstrings` by dotted name; "" is the module itself."""

    signatures: dict[str, str]
    docstrings: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Public functions and classes."""
        return tuple(name for name in self.signatures if "." not in name)


def read(path: Path) -> Face:
    """The face of a file. Raises KitError if it doesn't parse."""
    try:
        tree = ast.parse(path.read_text("utf-8"), path.name)
    except (OSError, SyntaxError, ValueError) as error:
        raise KitError(f"{path} can't be read as Python ({error}); mend it") from error
    face = Face({}, {"": ast.get_docstring(tree) or ""})
    _walk(tree.body, "", face)
    return face


def _walk(body: list[ast.stmt], prefix: str, face: Face) -> None:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _public(node.name):
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            face.signatures[prefix + node.name] = f"def {node.name}({ast.unparse(node.args)}){returns}"
            face.docstrings[prefix + node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.ClassDef) and _public(node.name):
            bases = ", ".join(map(ast.unparse, node.bases))
            face.signatures[prefix + node.name] = f"class {node.name}({bases})"
            face.docstrings[prefix + node.name] = ast.get_docstring(node) or ""
            _walk(node.body, f"{prefix}{node.name}.", face)


def _public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))
