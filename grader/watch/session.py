"""What a watch is at. Events come in, and what is to be done because of them goes out; nothing here reads or writes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from grader.curriculum import Item
from grader.guidance import Hint
from grader.kit import Entry
from grader.report.terminal import left_out
from grader.watch.files import Seen

Kind = Literal["question", "solution", "hint"]
Scroll = Callable[[int, int], int]
FAR = 1 << 30  # more lines than any text has
SCROLLS: dict[str, Scroll] = {  # from the first line that is shown, and how many are
    "up": lambda at, page: at - 1,
    "k": lambda at, page: at - 1,
    "down": lambda at, page: at + 1,
    "j": lambda at, page: at + 1,
    "page up": lambda at, page: at - page,
    "b": lambda at, page: at - page,
    "page down": lambda at, page: at + page,
    "space": lambda at, page: at + page,
    "home": lambda at, page: 0,
    "end": lambda at, page: FAR,
}
SLOW = 0.12  # seconds after which a judging is worth a word


class Judge(NamedTuple):
    """Have the text judged; its outcome comes with this number."""

    number: int
    text: bytes
    seed: int
    training: bool


class Stop(NamedTuple):
    """End the training that is running."""


class Fetch(NamedTuple):
    """Get something to show of the current exercise."""

    kind: Kind


class Move(NamedTuple):
    """Go to the next exercise, or to the one before."""

    forward: bool


class Record(NamedTuple):
    """The attempt counts."""

    text: bytes
    report: dict[str, Any]


class Quit(NamedTuple):
    """It is over."""

    code: int


Act = Judge | Stop | Fetch | Move | Record | Quit


class Running(NamedTuple):
    """A judging that is on its way."""

    number: int
    training: bool
    since: float


class Fetching(NamedTuple):
    """What was asked for and is not there yet."""

    kind: Kind
    since: float


class Outcome(NamedTuple):
    """What a text has come to: an answer, or why there is none; and at which seed."""

    text: bytes
    seed: int
    answer: dict[str, Any] | None
    trouble: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.answer and self.answer["report"]["verdict"] == "passed")


class Note(NamedTuple):
    """A remark that goes with the next key: a text of `grader.watch.words`, and why."""

    word: str
    why: str = ""


class Page(NamedTuple):
    """A text that is shown in place of the report."""

    kind: Kind
    text: str


class After(NamedTuple):
    """What comes after an exercise that has passed; None: all are solved."""

    item: Item | None


@dataclass
class Session:
    """One watch. Methods that are named after events return what is to be done, in order."""

    entry: Entry
    seed: int
    new_seed: Callable[[], int]
    solved: bool = False
    seen: Seen | None = None
    outcome: Outcome | None = None
    running: Running | None = None
    fetching: Fetching | None = None
    slow: bool = False  # what is running takes long enough to be told
    late: bool = False  # so does what is being fetched
    progress: dict[str, Any] | None = None  # of a training
    page: Page | None = None
    hint: Hint | None = None
    asking: bool = False  # whether to show the solution
    note: Note | None = None
    everything: bool = False
    after: After | None = None
    scroll: int = 0
    _number: int = 0

    @property
    def trainable(self) -> bool:
        """Whether a training is what is left to do, or has been done."""
        answer = self.outcome and self.outcome.answer
        if not answer:
            return False
        return bool(answer["report"]["training"] or left_out(answer["report"]))

    # What happens to files

    def go(self, entry: Entry, solved: bool, seen: Seen, now: float, saved: bool) -> list[Act]:
        """It is about this exercise from now on: because it was saved, or else because somebody wants to see it."""
        self.entry, self.solved, self.everything = entry, solved, False
        self.outcome = self.page = self.hint = self.after = None
        acts = self.saw(seen, now)
        return acts if saved else [*acts, *self._fetch("question", now)]

    def saw(self, seen: Seen, now: float) -> list[Act]:
        """The file holds something else than before."""
        self.seen, self.note, self.asking, self.fetching = seen, None, False, None
        self._show(None)
        if seen.text is None:
            self.outcome = self.after = None
            return self._halt()
        return self._judge(now)

    def _judge(self, now: float, training: bool = False) -> list[Act]:
        if self.seen is None or self.seen.text is None:
            return []
        stops = self._halt()
        self._number += 1
        self.running, self.slow = Running(self._number, training, now), training
        return [*stops, Judge(self._number, self.seen.text, self.seed, training)]

    def _halt(self) -> list[Act]:
        """Nobody waits any more for what is running."""
        was, self.running, self.progress, self.slow = self.running, None, None, False
        return [Stop()] if was and was.training else []

    # What comes back

    def progressed(self, number: int, progress: dict[str, Any]) -> None:
        """A training tells how it goes."""
        if self.running and self.running.number == number:
            self.progress = progress

    def judged(self, number: int, text: bytes, seed: int, answer: dict[str, Any] | None, trouble: str) -> list[Act]:
        """A judging has come to an end; one that is out of date counts for nothing."""
        if self.running is None or self.running.number != number:
            return []
        self._halt()
        self.outcome = Outcome(text, seed, answer, trouble)
        self.after = None
        if self.page is None:
            self.scroll = 0
        if answer is None:
            return []
        report = answer["report"]
        passed = {part["name"] for part in report["parts"] if part["passed"] == part["cases"]}
        if self.hint and self.hint.part in passed:
            self.hint = None
        self.solved = self.solved or self.outcome.passed
        return [Record(text, report)]

    def waits_for(self, entry: Entry, kind: Kind) -> bool:
        """Whether this is still what was asked for last."""
        return entry == self.entry and self.fetching is not None and self.fetching.kind == kind

    def hinted(self, hint: Hint) -> None:
        """A hint is there."""
        self.fetching, self.hint = None, hint

    def fetched(self, page: Page) -> None:
        """A page is there."""
        self.fetching = None
        if self.page is None or self.page.kind != page.kind:
            self.scroll = 0
        self.page = page

    def failed(self, note: Note) -> None:
        """What was asked for can't be had."""
        self.fetching, self.note = None, note

    def resized(self, now: float) -> list[Act]:
        """The terminal has another size; a page was made for the old one."""
        return self._fetch("question", now) if self.page and self.page.kind == "question" else []

    def tick(self, now: float) -> bool:
        """Whether time alone has changed what is to be shown."""
        before = self.slow, self.late
        self.slow = self.running is not None and (self.slow or now - self.running.since > SLOW)
        self.late = self.fetching is not None and now - self.fetching.since > SLOW
        return before != (self.slow, self.late)

    # What somebody presses

    def key(self, key: str, now: float, room: int = 10) -> list[Act]:
        """A key was pressed. room: rows of text that are seen at once."""
        self.note = None
        if self.asking:
            self.asking = False
            return self._fetch("solution", now) if key == "y" else []
        if key in SCROLLS:
            self.scroll = max(0, SCROLLS[key](self.scroll, max(1, room - 1)))
            return []
        if key in ("q", "end of input"):
            return [Quit(0)]
        return self._pressed(key, now)

    def _pressed(self, key: str, now: float) -> list[Act]:
        match key:
            case "h":
                return self._fetch("hint", now)
            case "?" | "/":
                return self._toggle("question", now)
            case "s" if self.solved or (self.page and self.page.kind == "solution"):
                return self._toggle("solution", now)
            case "s":
                self.asking = True
            case "n" | "p":
                return [Move(key == "n")]
            case "escape" | "enter" | "c" if self.page:
                self._show(None)
            case "escape":
                self.hint = None
                return self._halt() if self.running and self.running.training else []
            case "enter" | "c":
                return self._judge(now)
            case "a":
                self.everything = not self.everything
                self._show(None)
            case "r":
                self.seed = self.new_seed()
                return self._judge(now)
            case "t":
                return self._train(now)
        return []

    def interrupt(self) -> list[Act]:
        """Ctrl-C ends a training, or else everything."""
        return self._halt() or [Quit(130)]

    def stopped(self, why: str) -> None:
        """The training has been ended; why: how far it came."""
        self.note = Note("stopped", why)

    def _train(self, now: float) -> list[Act]:
        if self.running and self.running.training:
            return []
        if not self.trainable:
            self.note = Note("no training")
            return []
        self._show(None)
        return self._judge(now, training=True)

    def _toggle(self, kind: Kind, now: float) -> list[Act]:
        if self.page and self.page.kind == kind:
            self._show(None)
            return []
        return self._fetch(kind, now)

    def _fetch(self, kind: Kind, now: float) -> list[Act]:
        self.fetching = Fetching(kind, now)
        return [Fetch(kind)]

    def _show(self, page: Page | None) -> None:
        self.page, self.scroll = page, 0
