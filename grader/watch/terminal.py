"""A terminal in which single keys are read and the whole screen is drawn, given back as it was found."""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

# Another screen than the shell's, without a cursor; what is pasted comes marked.
OPEN, CLOSE = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2J", "\x1b[?2004l\x1b[?25h\x1b[?1049l"
READ = 4096


class Gone(Exception):
    """Nobody is there any more."""


def usable() -> bool:
    """Whether somebody sits there: both ends are a terminal that can place text. Windows has no termios."""
    try:
        import termios  # noqa: F401
    except ImportError:
        return False
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Terminal:
    """The terminal of stdin and stdout. Between `enter` and `leave` keys come singly and rows can be drawn."""

    def __init__(self) -> None:
        self.fd = sys.stdin.fileno()
        self._before: list[Any] | None = None
        self._shown: list[str] = []

    def enter(self) -> None:
        """Takes the terminal, again if it has been taken: a shell may have changed it while this process slept."""
        import termios

        try:
            self._before = self._before or termios.tcgetattr(self.fd)
        except termios.error as error:
            raise Gone from error
        mode = [*self._before[:6], list(self._before[6])]
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        self._set(mode)
        self._shown = []
        self._write(OPEN)

    def leave(self) -> None:
        """Gives the terminal back, as far as it is still there."""
        if self._before is None:
            return
        with contextlib.suppress(Gone):
            self._write(CLOSE)
        with contextlib.suppress(Gone):
            self._set(self._before)
        self._before = None

    def _set(self, mode: list[Any]) -> None:
        import termios

        while True:
            try:
                termios.tcsetattr(self.fd, termios.TCSANOW, mode)
            except termios.error as error:
                if error.args[0] != errno.EINTR:
                    raise Gone from error
            else:
                return

    def suspend(self, caught: Callable[[int], None]) -> None:
        """Sleeps until somebody brings this process back. caught: catches the signal anew."""
        self.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        caught(signal.SIGTSTP)
        self.enter()

    def size(self) -> tuple[int, int]:
        """Columns and rows; of a terminal that doesn't know, the usual ones."""
        try:
            columns, rows = os.get_terminal_size(sys.stdout.fileno())
        except OSError as error:
            raise Gone from error
        return columns or 80, rows or 24

    def read(self) -> bytes:
        """What has been typed. Raises Gone if nothing ever will be."""
        try:
            data = os.read(self.fd, READ)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        return data

    def draw(self, rows: Sequence[str]) -> None:
        """Shows these rows, which must fit, from the top of the screen on; writes those that have changed."""
        before = [*self._shown, *[""] * (len(rows) - len(self._shown))]
        now = [*rows, *[""] * (len(self._shown) - len(rows))]
        changed = [(at, row) for at, (old, row) in enumerate(zip(before, now, strict=True), 1) if old != row]
        self._shown = list(rows)
        if changed:
            self._write("".join(f"\x1b[{at};1H\x1b[2K{row}" for at, row in changed))

    def clear(self) -> None:
        """The next `draw` draws everything."""
        self._shown = []
        self._write("\x1b[2J")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            raise Gone from error
