"""How soon after a save `dlgrade watch` shows the verdict, in a terminal, with isolation; and what waiting costs.

    python benchmarks/watch.py [--saves 30] [--idle 5]

The real command runs in a pseudo-terminal. Each save replaces the solution by one that prints another word when it is
loaded; the time is taken from the end of the save until that word is among what the command has drawn. CPU time is that
of the command itself, without judges and workers.
"""

import argparse
import contextlib
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXERCISES = {"12-3": "numpy", "17": "numpy", "19-2": "torch"}
ROWS, COLUMNS = 60, 100
PATIENCE = 60.0  # seconds
SEQUENCE = re.compile(rb"\x1b[^A-Za-z]*[A-Za-z]")


class Command:
    """`dlgrade watch NUMBER` in a terminal of its own."""

    def __init__(self, number: str, folder: Path, state: Path) -> None:
        import fcntl
        import termios

        self._child, self._terminal = pty.fork()
        if self._child == 0:
            os.chdir(folder)
            kept = {name: value for name, value in os.environ.items() if not name.startswith("DLGRADE_")}
            mine = {"DLGRADE_STATE": str(state), "TERM": "xterm", "PYTHONPATH": str(ROOT)}
            arguments = [sys.executable, "-m", "grader", "watch", number, "--kit", str(ROOT)]
            os.execve(sys.executable, arguments, {**kept, **mine})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def wait_for(self, text: str) -> float:
        """When the text had been drawn, on the clock of `time.perf_counter`."""
        shown, end = b"", time.monotonic() + PATIENCE
        while text.encode() not in shown:
            if time.monotonic() > end or not self._more(end):
                sys.exit(f"{text!r} was not shown; what was:\n{SEQUENCE.sub(b' ', shown).decode()}")
            shown += os.read(self._terminal, 1 << 16)
        return time.perf_counter()

    def _more(self, end: float) -> bool:
        return bool(select.select([self._terminal], [], [], max(0.0, end - time.monotonic()))[0])

    def drain(self, seconds: float) -> None:
        """Reads what is drawn in that time."""
        end = time.monotonic() + seconds
        while self._more(end):
            os.read(self._terminal, 1 << 16)

    def cpu(self) -> float:
        """Seconds of CPU time so far."""
        fields = Path(f"/proc/{self._child}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        os.kill(self._child, signal.SIGTERM)
        with contextlib.suppress(OSError):  # its end of the terminal is gone
            self.drain(PATIENCE)
        os.waitpid(self._child, 0)
        os.close(self._terminal)


class Figures:
    """What one exercise has come to, in seconds."""

    def __init__(self, number: str, saves: int, idle: float, folder: Path) -> None:
        sys.path.insert(0, str(ROOT))
        from grader import kit

        entry = kit.find(ROOT, number)
        path, solution = folder / "exercises" / entry.stub.name, entry.solution.read_bytes()
        for one in kit.entries(ROOT):
            (folder / "exercises" / one.stub.name).write_bytes(one.stub.read_bytes())
        path.write_bytes(solution + b'\nprint("save first")\n')
        began = time.perf_counter()
        command = Command(number, folder, folder / "state")
        self.first = command.wait_for("save first") - began
        command.drain(2.0)
        self.saves = [self._save(command, path, solution, at) for at in range(saves)]
        command.drain(1.0)
        before = command.cpu()
        command.drain(idle)
        self.idle = (command.cpu() - before) / idle
        command.close()

    def _save(self, command: Command, path: Path, solution: bytes, at: int) -> float:
        new = path.with_suffix(".new")
        new.write_bytes(solution + f'\nprint("save number {at:04}")\n'.encode())
        new.replace(path)
        saved = time.perf_counter()
        seconds = command.wait_for(f"save number {at:04}") - saved
        command.drain(0.1 + 0.013 * (at % 7))  # so that saves don't fall into step with looking
        return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Times dlgrade watch from save to verdict.")
    parser.add_argument("--saves", type=int, default=30, metavar="N", help="saves of each exercise (default 30)")
    parser.add_argument("--idle", type=float, default=5.0, metavar="SECONDS", help="how long to wait idly (default 5)")
    options = parser.parse_args()
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'exercise':16}{'first verdict':>15}{'save to verdict: min':>22}{'median':>10}{'max':>10}{'idle CPU':>11}")
    for number, library in EXERCISES.items():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "exercises").mkdir()
            found = Figures(number, options.saves, options.idle, Path(folder))
        times = [1e3 * value for value in (found.first, min(found.saves), statistics.median(found.saves))]
        print(f"{f'{number} ({library})':16}{times[0]:12.0f} ms{times[1]:19.1f} ms", end="")
        print(f"{times[2]:7.1f} ms{1e3 * max(found.saves):7.1f} ms{found.idle:9.2%}")


if __name__ == "__main__":
    main()
