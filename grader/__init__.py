"""dlgrade: auto-graded exercises and quizzes for deep learning. `from grader import check` is for notebooks."""

from importlib import import_module

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def __getattr__(name: str) -> object:
    """`check`, which is loaded when it is used: everything else starts quicker without."""
    if name == "check":
        return import_module("grader.notebook").check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
