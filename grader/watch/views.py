"""Where a session is shown: on a terminal that is drawn over and over, or as text for a pipe or a plain terminal."""

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grader.report.style import say, style_of_stdout
from grader.watch.keys import Keys
from grader.watch.screen import ProgressLine, Screen, body, frame, nearby, upcoming
from grader.watch.session import Session
from grader.watch.terminal import Terminal
from grader.watch.words import WORDS

WIDEST = 120  # columns of a report


class Drawn:
    """A terminal, whole."""

    def __init__(self, language: str, progress_line: ProgressLine) -> None:
        self._language, self._progress_line = language, progress_line
        self._keys = Keys()
        self.terminal = Terminal()
        self.fd: int | None = self.terminal.fd
        self.room = 1

    def open(self, path: Path) -> None:
        self.terminal.enter()

    def close(self, session: Session) -> None:
        """Gives the terminal back; says how to go on."""
        self.terminal.leave()
        with contextlib.suppress(OSError, ValueError):  # nobody is there
            say(WORDS[self._language]["bye"].format(number=session.entry.number))

    def clear(self) -> None:
        self.terminal.clear()

    def enter(self) -> None:
        self.terminal.enter()

    def keys(self, typed: bool) -> list[str]:
        """What has been pressed. typed: whether there is anything to read."""
        return self._keys.feed(self.terminal.read()) if typed else self._keys.quiet()

    def screen(self) -> Screen:
        columns, rows = self.terminal.size()
        style = style_of_stdout()._replace(width=min(columns, WIDEST))
        return Screen(style, columns, rows, sys.stdout.encoding or "ascii", self._language, self._progress_line)

    def show(self, session: Session, path: Path, clock: float) -> None:
        """Draws what has changed."""
        found = frame(session, self.screen(), path, clock)
        session.scroll, self.room = found.scroll, found.room
        self.terminal.draw(found.rows)

    def suspend(self, caught: Callable[[int], None]) -> None:
        """Gives the terminal to the shell until the shell brings this process back."""
        self.terminal.suspend(caught)


class Printed:
    """Text that is never taken back: each report below the one before."""

    fd: int | None = None
    room = 1

    def __init__(self, language: str, progress_line: ProgressLine) -> None:
        self._language, self._progress_line = language, progress_line
        self._said: dict[str, object] = {}

    def open(self, path: Path) -> None:
        say(self.screen().word("start", path=nearby(path)))
        sys.stdout.flush()

    def close(self, session: Session) -> None:
        """Nothing was taken."""

    def keys(self, typed: bool) -> list[str]:
        return []

    def screen(self) -> Screen:
        encoding = sys.stdout.encoding or "ascii"
        return Screen(style_of_stdout(), 0, 0, encoding, self._language, self._progress_line)

    def show(self, session: Session, path: Path, clock: float) -> None:
        """Prints what has not been said yet."""
        screen = self.screen()
        lacking = session.seen if session.seen and session.seen.lack else None
        if self._new("text", lacking or session.outcome):
            say(f"\n--- {time.strftime('%H:%M:%S', time.localtime(clock))}  {nearby(path)}\n")
            say(body(session, screen, path))
        if session.after and self._new("after", session.after):
            say(upcoming(session.after, screen))
        if session.note and self._new("note", session.note):
            say(screen.word(session.note.word, why=session.note.why))
        sys.stdout.flush()

    def clear(self) -> None:
        """What is printed stays."""

    def enter(self) -> None:
        """Nothing was left."""

    def suspend(self, caught: Callable[[int], None]) -> None:
        """Nothing is to be given back."""

    def _new(self, what: str, thing: object) -> bool:
        is_new = thing is not None and thing is not self._said.get(what)
        self._said[what] = thing
        return is_new
