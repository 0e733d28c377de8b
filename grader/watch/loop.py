"""The loop of `dlgrade watch`: hears of saves, keys, signals, verdicts; the session decides, this carries it out."""

import queue
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from grader import guidance, records
from grader.errors import DlgradeError, MachineError
from grader.kit import Entry
from grader.store import Store
from grader.watch import signals
from grader.watch.bench import ENDING, Bench, Job, News
from grader.watch.files import Files, Seen
from grader.watch.screen import ProgressLine
from grader.watch.session import Act, After, Fetch, Judge, Kind, Move, Note, Page, Quit, Record, Session, Stop
from grader.watch.terminal import Gone, usable
from grader.watch.trail import Trail
from grader.watch.views import Drawn, Printed

POLL = 0.02  # seconds between two looks at the current file; waking up for one takes longer than the look
HANGUP = 129  # exit code, as of a process that a hangup has ended


class Plan(NamedTuple):
    """What to watch, and how to train where that is asked for.

    paths: the file of each exercise by number. wanted: the fields of a `grader.training.Wanted`, or None. What a
    training has reported makes a `progress_line` of so many columns, and a `summary` once it is stopped.
    """

    root: Path
    entry: Entry
    paths: Mapping[str, Path]
    language: str
    seed: int
    wanted: Callable[[Entry], dict[str, Any] | None]
    progress_line: ProgressLine
    summary: Callable[[list[dict[str, Any]]], str]


class Fetched(NamedTuple):
    """What a thread has fetched: the text of a page, or the parts that have hints."""

    entry: Entry
    kind: Kind
    got: Any


class Watch:
    """One call of the command."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._news: queue.SimpleQueue[News | Fetched | Note] = queue.SimpleQueue()
        self._bench, self._trainer = Bench(self._tell), None  # type: tuple[Bench, Bench | None]
        self._job: Job | None = None
        self._reported: list[dict[str, Any]] = []  # the last that the learner's training has told
        self._files = Files(plan.paths)
        self._session = Session(plan.entry, plan.seed, lambda: secrets.randbelow(10**6))
        self._store = Store(plan.root)
        self._trail = Trail(plan.root, plan.language, self._store, plan.entry)
        self._recorded: set[tuple[str, bytes, str, float]] = set()
        view = Drawn if usable() else Printed
        self._view: Drawn | Printed = view(plan.language, plan.progress_line)
        self._signals = signals.Signals((*signals.ENDING, *(signals.SCREEN if self._view.fd is not None else ())))
        self._clock = time.time()
        self._dirty = True
        self._prepared = False
        self._code: int | None = None

    def run(self) -> int:
        """Watches until somebody has had enough; the exit code."""
        with self._signals:
            try:
                self._begin()
                while self._code is None:
                    self._turn()
            except Gone:
                self._code = HANGUP
            finally:
                self._end()
        return self._code or 0

    def _begin(self) -> None:
        now = time.monotonic()
        self._do(self._session.saw(self._files.seen(self._number, now), now))  # is judged while the rest gets ready
        self._view.open(self._path)
        self._session.solved = self._trail.is_solved()

    def _end(self) -> None:
        self._view.close(self._session)
        endings = [bench.close() for bench in (self._bench, self._trainer) if bench]
        for thread in endings:
            thread.join(ENDING)

    @property
    def _number(self) -> str:
        return self._session.entry.number

    @property
    def _path(self) -> Path:
        return self._files.path(self._number)

    # What happens

    def _turn(self) -> None:
        """Waits for a moment, or until something happens, and deals with it."""
        numbers, typed = self._signals.wait(POLL, self._view.fd)
        for number in numbers:
            self._signalled(number)
        for key in self._view.keys(typed):
            self._pressed(key)
        now = time.monotonic()
        if changed := self._files.look(self._number, now):  # before the news: a verdict may be out of date
            self._saved(*changed, now)
        while not self._news.empty():
            self._heard(self._news.get())
        if self._bench.stuck() and self._job:
            self._bench.close()
            self._bench = Bench(self._tell)
            self._bench.judge(self._job)
        if self._session.tick(now) or self._dirty:
            self._show()

    def _show(self) -> None:
        self._dirty = False
        self._view.show(self._session, self._path, self._clock)

    def _signalled(self, number: int) -> None:
        name = signal.Signals(number).name
        self._dirty = True
        if name == "SIGINT":
            self._do(self._session.interrupt())
        elif name == "SIGTSTP":
            self._view.suspend(self._signals.catch)
        elif name == "SIGCONT":
            self._view.enter()
        elif name == "SIGWINCH":
            self._view.clear()
            self._do(self._session.resized(time.monotonic()))
        else:
            self._code = 128 + number

    def _pressed(self, key: str) -> None:
        self._dirty = True
        if key == "redraw":
            self._view.clear()
        else:
            self._do(self._session.key(key, time.monotonic(), self._view.room))

    def _saved(self, number: str, seen: Seen, now: float) -> None:
        self._dirty = True
        if number == self._number:
            self._do(self._session.saw(seen, now))
        else:
            self._go(self._trail.jump(number), saved=True)

    def _heard(self, news: News | Fetched | Note) -> None:
        self._dirty = True
        if isinstance(news, Note):
            self._session.failed(news)
        elif isinstance(news, Fetched):
            self._fetched(news)
        elif news.progress:
            self._progressed(news.job, news.progress)
        else:
            self._judged(news)

    def _judged(self, news: News) -> None:
        job = news.job
        acts = self._session.judged(job.number, job.text, job.seed, news.answer, news.trouble)
        if job.training is not None and self._trainer and self._session.running is None:
            self._trainer.close()
            self._trainer = None
        if self._session.outcome and self._session.outcome.text is job.text:
            self._clock = time.time()
        self._show()  # at once; what else is to be done can wait
        self._do(acts)
        if self._view.fd is not None and not self._prepared:
            self._prepared = True
            threading.Thread(target=prepare, daemon=True).start()

    def _progressed(self, job: Job, progress: dict[str, Any]) -> None:
        self._session.progressed(job.number, progress)
        if progress["who"] == "yours" and progress.get("done"):
            self._reported = [progress]

    def _tell(self, news: News) -> None:
        self._news.put(news)
        self._signals.wake()

    # What is to be done

    def _do(self, acts: list[Act]) -> None:
        for act in acts:
            match act:
                case Judge():
                    self._judge(act)
                case Stop():
                    self._stop()
                case Fetch(kind):
                    threading.Thread(target=self._fetch, args=(self._session.entry, kind), daemon=True).start()
                case Move(forward):
                    self._go(self._trail.forward() if forward else self._trail.back(), saved=False)
                case Record():
                    self._record(act)
                case Quit(code):
                    self._code = code

    def _judge(self, act: Judge) -> None:
        entry = self._session.entry
        job = Job(act.number, entry, act.text, act.seed)
        if not act.training:
            self._job = job
            self._bench.judge(job)
            return
        try:
            wanted = self._plan.wanted(entry)
        except DlgradeError as error:
            self._news.put(News(job, trouble=str(error)))
            return
        self._reported = []
        self._trainer = Bench(self._tell)
        self._trainer.judge(job._replace(training=wanted))

    def _stop(self) -> None:
        if self._trainer:
            self._trainer.close()
            self._trainer = None
            self._session.stopped(self._plan.summary(self._reported))

    def _go(self, entry: Entry, saved: bool) -> None:
        now = time.monotonic()
        seen = self._files.seen(entry.number, now)
        self._do(self._session.go(entry, self._trail.is_solved(), seen, now, saved))

    def _record(self, act: Record) -> None:
        """Keeps an attempt, unless it is the stub as it came or has been kept before; then says what comes next."""
        entry, report = self._session.entry, act.report
        mark = (entry.number, act.text, report["verdict"], report["score"])
        try:
            if mark not in self._recorded and act.text != entry.stub.read_bytes():
                records.remember(self._store, report)
                self._recorded.add(mark)
        except (MachineError, OSError) as error:
            self._session.failed(Note("not recorded", str(error)))
        if report["verdict"] == "passed":
            self._session.after = After(self._trail.ahead())
        self._dirty = True

    # What takes a while to get

    def _fetch(self, entry: Entry, kind: Kind) -> None:
        """In a thread: it may take imports, of torch even."""
        try:
            got = self._get(entry, kind)
        except (DlgradeError, OSError) as error:
            self._news.put(Note("failed", str(error)))
        else:
            self._news.put(Fetched(entry, kind, got))
        self._signals.wake()

    def _get(self, entry: Entry, kind: Kind) -> Any:
        if kind == "hint":
            return guidance.steps(entry)
        if kind == "solution":
            return guidance.solution(entry)
        style = self._view.screen().style
        question = guidance.question(entry, self._plan.language, style.width, style.colour)
        return f"{question.rstrip()}\n\n{guidance.task(entry, style)}\n"

    def _fetched(self, fetched: Fetched) -> None:
        if not self._session.waits_for(fetched.entry, fetched.kind):
            return
        if fetched.kind != "hint":
            self._session.fetched(Page(fetched.kind, fetched.got))
            return
        try:
            self._session.hinted(guidance.hint(self._store, fetched.entry, fetched.got))
        except DlgradeError as error:
            self._session.failed(Note("failed", str(error)))


def prepare() -> None:
    """Imports what pages need, before somebody presses their key."""
    import grader.questions.page
    import grader.questions.rich_page
    import grader.questions.terminal  # noqa: F401
