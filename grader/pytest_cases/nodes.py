"""The tree that pytest shows: a file, its parts, their cases."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from grader.errors import DlgradeError, KitError
from grader.pytest_cases.attempt import Attempt
from grader.pytest_cases.listing import Step, lacking, steps_of

NOT_STARTED = "not started yet"
NOTE = "dlgrade"  # what a test says to the learner besides its outcome, among the properties of its report


class ExerciseFile(pytest.File):
    """An exercise in the learner's workspace. It is read, and never imported."""

    def __init__(self, attempt: Attempt, train: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attempt, self.train = attempt, train
        self.recording: Test | None = None  # which of its tests records the attempt, when it is run

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        if why := lacking(self.attempt.entry):
            yield Unavailable.from_parent(self, name="not available", why=why)
            return
        if self.attempt.untouched:
            self.add_marker(pytest.mark.skip(reason=NOT_STARTED))
        try:
            steps = steps_of(self.attempt.entry, getattr(self.config, "cache", None))
        except KitError as error:
            raise self.CollectError(str(error)) from error
        lines = self.path.read_text("utf-8", "replace").split("\n")
        for step in steps:
            yield PartOfExercise.from_parent(self, name=step.name, step=step, line=_line(lines, step.defines))


def _line(lines: list[str], name: str) -> int:
    """Where a file defines a function or class, counted from 0; 0 if it doesn't."""
    pattern = re.compile(rf"(?:async\s+)?(?:def|class)\s+{re.escape(name)}\b")
    return next((number for number, line in enumerate(lines) if pattern.match(line)), 0)


class PartOfExercise(pytest.Class):
    """A part. It is a class because editors draw files, classes and tests, and nothing else."""

    def __init__(self, step: Step, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.obj = type("Part", (), {})  # there is none; plugins that look at it find an empty one
        self._step, self._line = step, line

    def collect(self) -> Iterator[pytest.Item]:
        kind = TrainingTest if self._step.trains else CaseTest
        for case in self._step.cases:
            yield kind.from_parent(self, name=case, part=self._step.name, line=self._line)


class Test(pytest.Item):
    """One test of a file."""

    trains: ClassVar[bool] = False

    def __init__(self, part: str, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._part, self._line = part, line
        file = self.getparent(ExerciseFile)
        assert file is not None
        self.file = file

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line, f"{self._part}: {self.name}"

    def setup(self) -> None:
        """Has the file judged. That this may be impossible is no failure of the test's."""
        problem = None
        try:
            self._judgement = self.file.attempt.judged(self.trains)
            self._look_up()
        except DlgradeError as error:
            problem = str(error)
        if problem:
            pytest.fail(problem, pytrace=False)
        if self.file.recording is self:
            self._note(self.file.attempt.remember(self.trains))
        self._note(self._judgement.exposed)
        if not self._judgement.begun:
            pytest.skip(NOT_STARTED)

    def _look_up(self) -> None:
        raise NotImplementedError

    def _note(self, text: str | None) -> None:
        if text:
            self.user_properties.append((NOTE, text))

    def _fail(self, text: str) -> None:
        if printed := self._judgement.printed():
            self.add_report_section("call", "stdout", printed)
        pytest.fail(text, pytrace=False)


class CaseTest(Test):
    """A case."""

    def _look_up(self) -> None:
        self._case = self._judgement.case(self._part, self.name)

    def runtest(self) -> None:
        if not self._case.passed:
            self._fail(self._judgement.told(self._case))


class TrainingTest(Test):
    """A training with all that it has to reach. Only with --dlgrade-train."""

    trains = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.file.train:
            self.add_marker(pytest.mark.skip(reason="trains only with --dlgrade-train"))

    def _look_up(self) -> None:
        self._cases = self._judgement.training(self._part)

    def runtest(self) -> None:
        failed = [case.report for case in self._cases if not case.passed]
        if failed and failed[0]["message"].startswith("not trained"):
            pytest.skip(failed[0]["message"])
        if failed:
            self._fail(self._judgement.told_of_training(self._cases))


class Unavailable(pytest.Item):
    """Stands for an exercise that can't be judged on this machine."""

    def __init__(self, why: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(pytest.mark.skip(reason=why))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name

    def runtest(self) -> None:
        """Is skipped."""
