"""What pytest asks of the plugin during a session."""

from collections.abc import Generator
from pathlib import Path

import pytest

from grader import kit
from grader.errors import DlgradeError
from grader.pytest_cases.attempt import Attempt, Bench
from grader.pytest_cases.nodes import NOTE, ExerciseFile, Test


class Exercises:
    """Collects the exercises in folders called `exercises`, and closes the judges when all is over."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            root = kit.locate()
            self._entries = {entry.stem: entry for entry in kit.entries(root)}
        except DlgradeError as error:
            raise pytest.UsageError(f"dlgrade: {error}") from error
        self._bench = Bench(root)
        self._train = bool(config.getoption("--dlgrade-train"))
        self._notes: dict[str, None] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """An exercise is ours alone: whatever else would collect it would import it."""
        others = yield
        if file_path.suffix != ".py" or file_path.parent.name != "exercises" or file_path.stem not in self._entries:
            return others
        attempt = Attempt(self._entries[file_path.stem], file_path, self._bench)
        return [ExerciseFile.from_parent(parent, path=file_path, attempt=attempt, train=self._train)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Chooses which test of a file records the attempt: the training if there is one to be run, else the first."""
        for item in session.items:
            if isinstance(item, Test) and (item.file.recording is None or (item.trains and self._train)):
                item.file.recording = item

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hears what tests have to say, in whichever process they ran."""
        for name, text in report.user_properties:
            if name == NOTE:
                self._notes[str(text)] = None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for text in self._notes:
            terminalreporter.write_line(f"dlgrade: {text}")

    def pytest_sessionfinish(self) -> None:
        self._bench.close()
