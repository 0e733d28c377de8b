"""What a command still does when its user has all they wait for: the output, and the exit code."""

from collections.abc import Callable

_left: list[Callable[[], None]] = []


def later(do: Callable[[], None]) -> None:
    """Leaves something to be done by `settle`. What is done then has nothing more to say."""
    _left.append(do)


def settle() -> None:
    """Does what was left, the latest first."""
    while _left:
        _left.pop()()
