"""Forks that carry out pieces of work: all of it is done, what fails is told, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.errors import MachineError, UsageError
from grader.publish.hands import Hands

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def note(folder):
    """A work that leaves a file for each piece, which says which process made it."""
    return lambda piece: (folder / str(piece)).write_text(str(os.getpid()))


@pytest.mark.parametrize("count", [1, 3])
def test_all_pieces_are_done_in_other_processes(tmp_path, count):
    with Hands(count, note(tmp_path)) as hands:
        for piece in range(40):
            hands.give(piece)
    assert {file.name for file in tmp_path.iterdir()} == set(map(str, range(40)))
    workers = {file.read_text() for file in tmp_path.iterdir()}
    assert str(os.getpid()) not in workers
    assert len(workers) == count


def test_without_hands_it_is_done_here(tmp_path):
    with Hands(0, note(tmp_path)) as hands:
        hands.give(1)
        assert (tmp_path / "1").read_text() == str(os.getpid())


def test_a_busy_hand_holds_nobody_up(tmp_path):
    def work(piece):
        if piece == 0:
            while len(list(tmp_path.iterdir())) < 30:
                time.sleep(0.01)
        note(tmp_path)(piece)

    with Hands(2, work) as hands:
        for piece in [0, *range(2, 33)]:  # the second one may wait behind the first
            hands.give(piece)
    assert len(list(tmp_path.iterdir())) == 32


def test_large_pieces(tmp_path):
    with Hands(2, lambda piece: (tmp_path / str(piece[0])).write_bytes(piece[1])) as hands:
        for number in range(6):
            hands.give((number, bytes([number]) * 3_000_000))
    assert [(tmp_path / str(number)).read_bytes() for number in range(6)] == [bytes([n]) * 3_000_000 for n in range(6)]


@pytest.mark.parametrize("pieces", [1, 100])
def test_what_fails_is_told_by_the_one_that_gave_the_work(pieces):
    def work(piece):
        raise UsageError(f"no {piece}")

    with pytest.raises(UsageError, match="no 0"), Hands(1, work) as hands:
        for piece in range(pieces):
            hands.give(piece)


def test_a_hand_that_is_killed_is_missed():
    with pytest.raises(MachineError, match="run the same command again"), Hands(2, kill) as hands:
        hands.give(0)


def kill(piece):
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_error_here_ends_the_others(tmp_path):
    with pytest.raises(KeyError), Hands(2, note(tmp_path)) as hands:
        for piece in range(4):
            hands.give(piece)
        raise KeyError
    assert all(not process.is_alive() for process in hands.processes)


def test_hands_do_not_outlive_their_owner():
    code = """
import os, time
from grader.publish.hands import Hands
hands = Hands(2, print)
print(*[process.pid for process in hands.processes], flush=True)
time.sleep(100)
"""
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert owner.stdout
    pids = owner.stdout.readline().split()
    assert len(pids) == 2
    assert all(map(runs, pids))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    end = time.monotonic() + 20
    while any(map(runs, pids)):
        assert time.monotonic() < end, "a hand is left"
        time.sleep(0.02)


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
