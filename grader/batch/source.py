"""Python source of strangers, looked at without running it."""

import ast
import re
import warnings

UTF16 = (b"\xff\xfe", b"\xfe\xff")
LOOKED_INTO = 1 << 16  # bytes; the tree of a source takes up to a thousand times its size
DEFINITION = re.compile(rb"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.M)


def utf8(data: bytes) -> bytes:
    """The same text in UTF-8, if it is in UTF-16 as Windows writes it. Raises ValueError if it isn't text then."""
    return data.decode("utf-16").encode() if data.startswith(UTF16) else data


def parsed(source: bytes | str) -> ast.Module | None:
    """The tree of a source, None if it isn't valid Python, or too long or too deep to be looked at."""
    if len(source) > LOOKED_INTO:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def mentioned(source: bytes) -> frozenset[str]:
    """Names that seem to be defined: a quick look that misses none of `defined`, of names in ASCII."""
    return frozenset(name.decode() for name in DEFINITION.findall(source.replace(b"\r", b"\n")))


def defined(source: bytes) -> frozenset[str] | None:
    """Top-level functions and classes, those `mentioned` in a long source; None if it isn't valid Python."""
    if len(source) > LOOKED_INTO:
        return mentioned(source)
    tree = parsed(source)
    if tree is None:
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))
