"""What pytest loads everywhere: three switches. All else is imported only where one of them asks for it."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--dlgrade`, `--dlgrade-train`, and `dlgrade` for pytest's configuration file."""
    group = parser.getgroup("dlgrade", "exercises of dlgrade")
    group.addoption("--dlgrade", action="store_true", help="Show the exercises in folders `exercises` as tests.")
    group.addoption("--dlgrade-train", action="store_true", help="Let the exercises that end with a training train.")
    parser.addini("dlgrade", "Show the exercises in folders `exercises` as tests.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Adds the exercises where they are asked for."""
    if config.getoption("--dlgrade") or config.getini("dlgrade"):
        from grader.pytest_cases.session import Exercises

        config.pluginmanager.register(Exercises(config), "dlgrade-exercises")
