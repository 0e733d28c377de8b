"""A learner's file as pytest needs it: judged at most once, when the first of its tests is run."""

import functools
from pathlib import Path
from typing import Any, NamedTuple

from grader import engine, records, warm
from grader.errors import DlgradeError, MachineError
from grader.kit import Entry
from grader.lanes import Lanes
from grader.pytest_cases.listing import names_of
from grader.report.style import Style, style_of_stdout
from grader.report.terminal import PRINTED, case_text
from grader.report.training import section
from grader.store import Store
from grader.text import harmless
from grader.training_choice import TrainingChoice


class Case(NamedTuple):
    """What became of a case: fields of its report and of its detail, see `grader.models`."""

    report: dict[str, Any]
    detail: dict[str, Any]

    @property
    def part(self) -> str:
        name: str = self.report["part"]
        return name

    @property
    def passed(self) -> bool:
        return bool(self.report["verdict"] == "passed")


class Bench:
    """What all attempts of a session share: judges that stay, and the learner's store."""

    def __init__(self, root: Path) -> None:
        self._lanes = Lanes() if warm.forks() else None
        self._root = root

    def judge(self, entry: Entry, path: Path, training: dict[str, Any] | None) -> tuple[bytes, dict[str, Any]]:
        """What a file holds, and the answer to it. Raises DlgradeError."""
        try:
            source = path.read_bytes()
        except OSError as error:
            raise MachineError(f"{path} can't be read ({error.strerror})") from error
        return source, engine.judge(entry, source, path.name, 0, training, road=self._lanes)

    def remember(self, report: dict[str, Any]) -> str | None:
        """Records an attempt; says so if that isn't possible."""
        try:
            records.remember(Store(self._root), report)
        except MachineError as error:
            return f"not recorded: {error}"
        return None

    def close(self) -> None:
        if self._lanes:
            self._lanes.close()


class Attempt:
    """One file of the learner's."""

    def __init__(self, entry: Entry, path: Path, bench: Bench) -> None:
        self.entry, self.path, self._bench = entry, path, bench
        self._judgements: dict[bool, Judgement | DlgradeError] = {}

    @functools.cached_property
    def untouched(self) -> bool:
        """Whether it is still the stub."""
        try:
            return self.path.read_bytes().split() == self.entry.stub.read_bytes().split()
        except OSError:
            return False

    def judged(self, train: bool = False) -> "Judgement":
        """The judgement, with the training or without. Raises DlgradeError, again and again once it has."""
        if train not in self._judgements:
            self._judgements[train] = self._judge(train)
        found = self._judgements[train]
        if isinstance(found, DlgradeError):
            raise found
        return found

    def _judge(self, train: bool) -> "Judgement | DlgradeError":
        training = None
        try:
            if train:
                training = TrainingChoice().fields(self.entry.libraries())
            return Judgement(*self._bench.judge(self.entry, self.path, training))
        except DlgradeError as error:
            return error

    def remember(self, train: bool) -> str | None:
        """Records a judgement as an attempt; says so if that isn't possible."""
        return self._bench.remember(self.judged(train).answer["report"])


class Judgement:
    """The answer to a file, case by case. Its diagnosis and what the file printed are told once."""

    def __init__(self, source: bytes, answer: dict[str, Any]) -> None:
        self._source, self.answer = source, answer
        found: dict[str, list[Case]] = {}
        for report, detail in zip(answer["report"]["cases"], answer["details"], strict=True):
            found.setdefault(report["part"], []).append(Case(report, detail))
        self._parts = {
            part: dict(zip(names_of(case.report["name"] for case in cases), cases, strict=True))
            for part, cases in found.items()
        }
        self._diagnosis, self._printed = answer["report"]["diagnosis"], answer["printed"]

    @property
    def begun(self) -> bool:
        """Whether anything is written, be it wrong."""
        cases = [case for part in self._parts.values() for case in part.values()]
        judged = [case for case in cases if case.report["verdict"] != "missing"]
        return not judged or not all(case.detail["unwritten"] for case in judged)

    @property
    def exposed(self) -> str | None:
        """A word of warning if the file ran without being shut in."""
        sandbox = self.answer["report"]["sandbox"]
        if not sandbox["network"]:
            return None
        layers = ", ".join(sandbox["layers"]) or "none"
        return f"isolation: {layers}. The files ran with your own rights; `dlgrade doctor` says what is missing."

    def case(self, part: str, name: str) -> Case:
        """One case. Raises MachineError if there is none, which only happens while a kit is being edited."""
        try:
            return self._parts[part][name]
        except KeyError:
            raise MachineError(f"{part} has no case `{name}` any more; run pytest again with --cache-clear") from None

    def training(self, part: str) -> list[Case]:
        """All that the training has come to."""
        return list(self._parts.get(part, {}).values())

    def told(self, case: Case) -> str:
        """What is wrong with a case, as `dlgrade check` says it; the diagnosis with the first one that it is about."""
        report, detail = case.report, case.detail
        if report["verdict"] == "missing" or detail["unwritten"]:
            return harmless(report["message"], len(report["message"]))
        diagnosis = None
        if self._diagnosis and self._diagnosis["part"] == case.part:
            diagnosis, self._diagnosis = self._diagnosis, None
        if self.answer["report"]["verdict"] == "error":
            detail = {**detail, "inputs": ""}  # it never met them
        return case_text(report, detail, self._source, _style(), diagnosis)

    def told_of_training(self, cases: list[Case]) -> str:
        """What is wrong with a training, and what it has reached."""
        lines = [f"{case.report['name']}: {case.report['message']}" for case in cases if not case.passed]
        if found := self.answer["report"]["training"]:
            lines += ["", *section(found, _style())]
        return "\n".join(lines)

    def printed(self) -> str:
        """What the file printed, once."""
        text, self._printed = self._printed, ""
        return harmless(text, PRINTED, "\n\t")


def _style() -> Style:
    """pytest shows plain text, and writes out what the terminal's encoding doesn't have."""
    return style_of_stdout()._replace(colour=False, arrow="->")
