"""`dlgrade watch`: what counts as a save, which keys there are, what is shown, and the command in a terminal."""

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from pathlib import Path

import pytest

from grader import guidance, kit
from grader.cli.live import line_of
from grader.curriculum import Item
from grader.engine import LARGEST
from grader.guidance import Hint
from grader.report.style import Style, cells
from grader.store import Progress, Store
from grader.watch.bench import Bench, Job
from grader.watch.files import AGAIN, GRACE, OTHERS, TOGETHER, YOUNG, File, Files, Seen
from grader.watch.keys import JAMO, Keys
from grader.watch.rows import fold, tail
from grader.watch.screen import Screen, body, frame
from grader.watch.session import After, Fetch, Judge, Move, Note, Page, Quit, Record, Session, Stop
from grader.watch.trail import Trail
from grader.watch.words import WORDS
from tests.toy import DOUBLE, ENTRY, KIT, SOLUTION, STUB, edited

ROOT = Path(__file__).parents[1]
TRAINING_KIT = Path(__file__).parent / "training_kit"
WRONG = edited((DOUBLE, "    return 3 * x\n"))
PATIENCE = 20

# Files


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "ex01_toy.py"
    path.write_bytes(b"first")
    return path


def in_place(path, text):
    path.write_bytes(text)


def renamed_over(path, text):
    new = path.with_name(".ex01_toy.py.tmp")
    new.write_bytes(text)
    new.replace(path)


def with_backup(path, text):
    """As vim does where it may not write into the file: the old one is renamed, a new one written."""
    path.rename(path.with_name("ex01_toy.py~"))
    path.write_bytes(text)


def later(path, text):
    """A save that nobody takes for one of several that were made together."""
    new = path.with_suffix(".new")
    new.write_bytes(text)
    os.utime(new, (time.time() + 5, time.time() + 5))
    new.replace(path)


def linked(path, text):
    """As where a folder is replaced as a whole."""
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_bytes(text)
    path.unlink()
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("save", [in_place, renamed_over, with_backup, linked])
def test_a_save_of_any_kind_is_seen_at_the_next_look(path, save):
    file = File(path)
    assert file.look(0) == Seen(b"first")
    assert file.look(0.01) is None
    save(path, b"second")
    assert file.look(0.02) == Seen(b"second")
    assert file.look(0.03) is None


def test_what_holds_the_same_was_not_saved(path):
    file = File(path)
    file.look(0)
    renamed_over(path, b"first")
    assert file.look(0.01) is None
    os.utime(path, ns=(1, 1))
    assert file.look(0.02) is None


def test_a_save_that_leaves_the_same_stamp_is_seen_soon(path):
    file = File(path)
    file.look(0)
    stamp = path.stat().st_mtime_ns
    path.write_bytes(b"other")
    os.utime(path, ns=(stamp, stamp))
    assert file.look(AGAIN / 2) is None
    assert file.look(AGAIN * 1.1) == Seen(b"other")


def test_a_file_that_rests_is_not_read(path, monkeypatch):
    file = File(path)
    file.look(0)
    monkeypatch.setattr("grader.watch.files.read", lambda path: pytest.fail("it was read"))
    assert file.look(YOUNG + 1) is None


@pytest.mark.parametrize(
    "gone", [lambda path: path.write_bytes(b""), lambda path: path.unlink()], ids=["empty", "gone"]
)
def test_nothing_is_said_of_a_file_that_is_just_being_saved(path, gone):
    file = File(path)
    file.look(0)
    gone(path)
    assert file.look(0.01) is None
    path.write_bytes(b"second")
    assert file.look(0.05) == Seen(b"second")
    gone(path)
    assert file.look(0.1) is None
    assert file.look(0.1 + GRACE + AGAIN) in (Seen(b""), Seen(None, "missing"))


def test_half_a_file_is_followed_by_the_whole_one(path):
    file = File(path)
    file.look(0)
    path.write_bytes(b"")
    assert file.look(0.01) is None
    with path.open("ab") as stream:
        stream.write(b"def f():")
        stream.flush()
        assert file.look(0.02) == Seen(b"def f():")
        stream.write(b" return 1")
    assert file.look(0.03) == Seen(b"def f(): return 1")


def test_files_that_cannot_be_judged_say_why(path, tmp_path):
    path.write_bytes(b"#" * (LARGEST + 1))
    assert File(path).look(0) == Seen(None, "large", str(LARGEST + 1))
    path.write_bytes(b"#" * LARGEST)
    assert len(File(path).look(0).text) == LARGEST
    path.unlink()
    assert File(path).look(0) == Seen(None, "missing")
    path.mkdir()
    assert File(path).look(0) == Seen(None, "unreadable", "not a file")
    os.mkfifo(tmp_path / "pipe")
    assert File(tmp_path / "pipe").look(0).lack == "unreadable"
    assert File(path / "below" / "a.py").look(0) == Seen(None, "missing")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(path):
    path.chmod(0)
    assert File(path).look(0) == Seen(None, "unreadable", "Permission denied")


@pytest.fixture
def three(tmp_path):
    paths = {number: tmp_path / f"{number}.py" for number in "123"}
    for path in paths.values():
        path.write_bytes(b"first")
    files = Files(paths)
    assert files.look("1", 0) == ("1", Seen(b"first"))
    assert files.look("1", 2 * TOGETHER) is None  # from now on all are known
    return paths, files


def test_the_file_of_another_exercise_is_seen_within_a_moment(three):
    paths, files = three
    paths["2"].write_bytes(b"second")
    assert files.look("1", 2 * TOGETHER + OTHERS / 2) is None
    assert files.look("1", 2 * TOGETHER + OTHERS) == ("2", Seen(b"second"))
    assert files.look("2", 4 * TOGETHER) is None


def test_of_files_saved_together_the_current_one_counts(three):
    paths, files = three
    for path in paths.values():
        path.write_bytes(b"second")
    assert files.look("1", 3) == ("1", Seen(b"second"))
    assert files.look("1", 3 + OTHERS) is None
    assert files.look("1", 5) is None


def test_a_file_that_was_saved_after_the_current_one_is_not_missed(three):
    paths, files = three
    paths["1"].write_bytes(b"second")
    assert files.look("1", 3) == ("1", Seen(b"second"))
    later(paths["2"], b"second")
    assert files.look("1", 3 + OTHERS) == ("2", Seen(b"second"))


def test_of_other_files_the_newest_one_counts(three):
    paths, files = three
    for number, age in (("2", 2), ("3", 1)):
        paths[number].write_bytes(b"second")
        stamp = time.time() - age
        os.utime(paths[number], (stamp, stamp))
    assert files.look("1", 3)[0] == "3"
    assert files.look("1", 5) is None


def test_another_file_that_vanishes_or_cannot_be_read_changes_nothing(three):
    paths, files = three
    paths["2"].unlink()
    paths["3"].unlink()
    paths["3"].mkdir()
    assert [files.look("1", at) for at in (3, 4, 5)] == [None] * 3
    paths["2"].write_bytes(b"back")
    assert files.look("1", 6) == ("2", Seen(b"back"))


# Keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("hnqH", ["h", "n", "q", "h"]),
        ("ㅗㅜㅂㄴ", ["h", "n", "q", "s"]),
        ("\r\n \x04\x0c", ["enter", "enter", "space", "end of input", "redraw"]),
        ("\x1b[A\x1b[B\x1bOA\x1b[5~\x1b[6~\x1b[H\x1b[F", ["up", "down", "up", "page up", "page down", "home", "end"]),
        ("\x1b[1;5Cn\x1b[15~\x1b[<0;1;2M", ["n"]),
        ("\x1bq", []),  # Alt and a key is another key
        ("\x1b[200~n\nq\x1b[A h\x1b[201~s", ["s"]),
        ("\x00\x01\x7f\u200bh", ["h"]),
        ("세é😀", ["세", "é", "😀"]),
    ],
)
def test_keys(data, keys):
    assert Keys().feed(data.encode()) == keys
    reader = Keys()  # a slow line brings the same keys byte by byte
    assert [key for at in range(len(data.encode())) for key in reader.feed(data.encode()[at : at + 1])] == keys


def test_an_escape_alone_is_a_key_once_nothing_follows():
    keys = Keys()
    assert keys.feed(b"\x1b") == []
    assert keys.quiet() == ["escape"]
    assert keys.quiet() == []
    assert keys.feed(b"h") == ["h"]
    assert keys.feed(b"\x1b[200~half a paste") == [] and keys.quiet() == []
    assert keys.feed(b"q\x1b[201~q") == ["q"]


def test_bytes_that_are_no_text_are_no_keys():
    assert [key for key in Keys().feed(b"\xff\xfeh") if key != "\ufffd"] == ["h"]


def test_every_letter_has_its_place_on_a_korean_keyboard():
    assert sorted(JAMO.values()) == sorted("abcdefghijklmnopqrstuvwxyz")
    assert all("HANGUL LETTER" in unicodedata.name(jamo) for jamo in JAMO)


# The session


def answer(verdict="failed", passed=(), skipped=False, training=None):
    """An answer of the engine, as far as a session reads it."""
    parts = [{"name": name, "passed": int(name in passed), "cases": 1} for name in ("one", "two")]
    cases = [
        {"part": name, "verdict": "passed" if name in passed else "failed", "message": ""} for name in ("one", "two")
    ]
    if skipped:
        cases.append({"part": "train", "verdict": "missing", "message": "not trained, as was asked for"})
    return {"report": {"verdict": verdict, "score": 0.0, "parts": parts, "cases": cases, "training": training}}


@pytest.fixture
def session():
    """A session whose file has been seen and whose first judging is on its way."""
    session = Session(ENTRY, 0, lambda: 77)
    assert session.saw(Seen(b"text"), 0.0) == [Judge(1, b"text", 0, False)]
    return session


def judged(session, number=1, **fields):
    return session.judged(number, b"text", 0, answer(**fields), "")


def test_a_verdict_is_recorded_and_shown(session):
    acts = judged(session)
    assert acts == [Record(b"text", answer()["report"])]
    assert session.outcome.answer == answer() and session.running is None


def test_a_verdict_on_an_older_text_counts_for_nothing(session):
    assert session.saw(Seen(b"newer"), 1.0) == [Judge(2, b"newer", 0, False)]
    assert judged(session, 1) == []
    assert session.outcome is None
    assert judged(session, 2) != []


def test_a_file_that_is_gone_has_no_verdict(session):
    judged(session)
    assert session.saw(Seen(None, "missing"), 1.0) == []
    assert session.outcome is None
    assert session.key("enter", 1.0) == []
    assert session.saw(Seen(b"back"), 2.0) == [Judge(2, b"back", 0, False)]


def test_trouble_is_shown_and_no_attempt(session):
    assert session.judged(1, b"text", 0, None, "no judge") == []
    assert session.outcome.trouble == "no judge"
    assert session.key("c", 1.0) == [Judge(2, b"text", 0, False)]


@pytest.mark.parametrize(
    ("key", "acts"),
    [
        ("h", [Fetch("hint")]),
        ("?", [Fetch("question")]),
        ("/", [Fetch("question")]),
        ("n", [Move(True)]),
        ("p", [Move(False)]),
        ("q", [Quit(0)]),
        ("end of input", [Quit(0)]),
        ("enter", [Judge(2, b"text", 0, False)]),
        ("r", [Judge(2, b"text", 77, False)]),
        ("a", []),
        ("x", []),
        ("세", []),
        ("😀", []),
    ],
)
def test_what_keys_do(session, key, acts):
    judged(session)
    assert session.key(key, 1.0) == acts
    assert session.everything == (key == "a")


def test_ctrl_c_is_the_end(session):
    assert session.interrupt() == [Quit(130)]


def test_the_solution_is_asked_for_first_while_it_is_unsolved(session):
    judged(session)
    assert session.key("s", 1.0) == [] and session.asking
    assert session.key("n", 1.0) == [] and not session.asking
    session.key("s", 1.0)
    assert session.key("y", 1.0) == [Fetch("solution")]
    session.fetched(Page("solution", "the code"))
    assert session.key("s", 1.0) == [] and session.page is None
    session.solved = True
    assert session.key("s", 1.0) == [Fetch("solution")]


def test_passing_solves_it(session):
    judged(session, verdict="passed", passed=("one", "two"))
    assert session.solved
    session.saw(Seen(b"broken again"), 1.0)
    judged(session, 2)
    assert session.solved


def test_a_page_stays_until_somebody_leaves_it_or_saves(session):
    session.key("?", 0.0)
    session.fetched(Page("question", "the question"))
    judged(session)
    assert session.page == Page("question", "the question")
    assert session.key("enter", 1.0) == [] and session.page is None
    session.key("?", 0.0)
    session.fetched(Page("question", "the question"))
    session.saw(Seen(b"more"), 1.0)
    assert session.page is None


def test_what_was_fetched_for_something_else_is_dropped(session):
    session.key("?", 0.0)
    assert session.waits_for(ENTRY, "question")
    session.key("h", 0.0)
    assert not session.waits_for(ENTRY, "question")
    session.saw(Seen(b"more"), 1.0)
    assert not session.waits_for(ENTRY, "hint")


def test_a_hint_stays_until_its_part_passes(session):
    session.hinted(Hint("one", 1, 2, "think"))
    judged(session)
    assert session.hint
    session.saw(Seen(b"better"), 1.0)
    judged(session, 2, passed=("one",))
    assert session.hint is None


def test_going_somewhere_shows_its_question_and_a_save_its_verdict(session):
    judged(session)
    session.after = After(None)
    assert session.go(ENTRY, True, Seen(b"other"), 1.0, saved=False) == [
        Judge(2, b"other", 0, False),
        Fetch("question"),
    ]
    assert session.outcome is session.after is None and session.solved
    assert session.go(ENTRY, False, Seen(b"more"), 2.0, saved=True) == [Judge(3, b"more", 0, False)]


def test_scrolling_goes_no_further_than_the_top(session):
    session.key("space", 0.0, 10)
    assert session.scroll == 9
    session.key("up", 0.0, 10)
    assert session.scroll == 8
    session.key("page up", 0.0, 20)
    assert session.scroll == 0


def test_a_judging_that_takes_long_is_told(session):
    assert not session.tick(0.05)
    assert session.tick(0.5) and session.slow
    assert not session.tick(0.6)


def test_a_training_runs_on_its_key_alone_and_only_where_it_is_left_to_do(session):
    judged(session)
    assert session.key("t", 1.0) == [] and session.note == Note("no training")
    session.saw(Seen(b"better"), 1.0)
    judged(session, 2, passed=("one", "two"), skipped=True)
    assert session.trainable
    assert session.key("t", 2.0) == [Judge(3, b"better", 0, True)]
    assert session.key("t", 2.0) == []
    session.progressed(2, {"done": 1})
    assert session.progress is None
    session.progressed(3, {"done": 1})
    assert session.progress == {"done": 1}


@pytest.mark.parametrize("how", ["ctrl-c", "escape", "save", "gone"])
def test_a_training_is_stopped(session, how):
    judged(session, passed=("one", "two"), skipped=True)
    session.key("t", 2.0)
    acts = {
        "ctrl-c": session.interrupt,
        "escape": lambda: session.key("escape", 3.0),
        "save": lambda: session.saw(Seen(b"more"), 3.0),
        "gone": lambda: session.saw(Seen(None, "missing"), 3.0),
    }[how]()
    assert acts[0] == Stop()
    assert acts[1:] == ([Judge(3, b"more", 0, False)] if how == "save" else [])
    assert judged(session, 2) == []  # it is out of date


# The way through the exercises


def item(number, difficulty=1, prerequisites=()):
    order = (number, 0)
    return Item(
        kit.Entry(KIT, f"ex{number:02}_x", order), f"title {number}", "", difficulty, tuple(map(str, prerequisites))
    )


def done(*numbers):
    return {str(number): Progress(1, 1.0, True, None, frozenset()) for number in numbers}


def test_what_comes_next_is_what_next_says_and_what_was_left_comes_last():
    items = [item(1), item(2, 2), item(3, 1, [2])]
    assert guidance.upcoming(items, done()) == items[0]
    assert guidance.upcoming(items, done(), {"1"}) == items[1]
    assert guidance.upcoming(items, done(2), {"1"}) == items[2]
    assert guidance.upcoming(items, done(2, 3), {"1"}) == items[0]
    assert guidance.upcoming(items, done(1, 2, 3)) is None


@pytest.fixture
def trail(tmp_path):
    trail = Trail(KIT, "en", Store(KIT, tmp_path), item(1).entry)
    trail.items = [item(1), item(2), item(3)]
    return trail


def solve(trail, *numbers):
    for number in numbers:
        trail._store.add_attempt(str(number), "passed", 1.0, None, [])


def test_back_goes_where_somebody_came_from_and_forward_again(trail):
    assert [trail.forward().number, trail.forward().number] == ["2", "3"]
    assert [trail.back().number, trail.back().number, trail.back().number] == ["2", "1", "3"]
    assert [trail.forward().number, trail.jump("3").number, trail.back().number] == ["1", "3", "1"]


def test_all_solved_goes_by_the_numbers(trail):
    solve(trail, 1, 2, 3)
    assert trail.ahead() is None and trail.is_solved()
    assert [trail.forward().number, trail.forward().number, trail.forward().number] == ["2", "3", "1"]


def test_what_is_ahead_is_never_the_exercise_itself(trail):
    solve(trail, 2, 3)
    assert trail.ahead() is None and not trail.is_solved()


# What is shown

UTF8 = Style(80, False, "✓", "✗", "·", "→", "·")


def screen(columns=80, rows=24, encoding="utf-8", language="en", colour=False):
    return Screen(UTF8._replace(width=columns, colour=colour), columns, rows, encoding, language, line_of)


@pytest.fixture(scope="module")
def wrong():
    """A real answer, to a submission with a mistake and much to say."""
    bench, told = Bench(lambda news: told.append(news)), []
    bench.judge(Job(1, ENTRY, WRONG.encode(), 0))
    until(lambda: told)
    bench.close().join(5)
    return told[0].answer


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize(("columns", "rows"), [(20, 4), (40, 15), (60, 15), (80, 24), (200, 60), (1, 1)])
@pytest.mark.parametrize("colour", [False, True])
def test_a_frame_fits_and_its_first_lines_are_there(wrong, session, columns, rows, language, colour):
    session.judged(1, WRONG.encode(), 5, wrong, "")
    session.hint, session.note = Hint("double", 3, 3, "Two times x. " * 9), Note("failed", "세종 " * 50)
    found = frame(session, screen(columns, rows, "utf-8", language, colour), Path("/somewhere/ex01_toy.py"), 0.0)
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in found.rows]
    assert len(found.rows) <= rows
    assert max(map(cells, plain)) <= max(columns, 2)
    assert ("".join(plain) == "".join(found.rows)) == (not colour)
    if columns >= 20 and rows > 4:
        assert plain[0].startswith("1 · toy")
        assert any("✗ double" in row for row in plain)
    if columns >= 40:
        assert plain[-1].startswith("h ") or plain[-2].startswith("h ")


def test_a_report_names_the_key_that_shows_all_of_it(wrong, session):
    cases = [{**case, "verdict": "failed"} for case in wrong["report"]["cases"]]
    session.judged(1, WRONG.encode(), 5, {**wrong, "report": {**wrong["report"], "cases": cases}}, "")
    assert "more failing cases; `a` shows them" in body(session, screen(), Path("/x.py"))
    assert "`dlgrade check 1 --all` shows them" in body(session, screen(rows=0), Path("/x.py"))


def test_long_texts_say_how_much_is_left_and_scroll_to_their_end(session):
    session.page = Page("solution", "\n".join(f"line {at}" for at in range(100)))
    session.outcome = None
    first = frame(session, screen(), Path("/x.py"), 0.0)
    assert first.rows[0] == "line 0" and f"{100 - first.room + 1} more lines" in first.rows[first.room - 1]
    session.scroll = 10**9
    last = frame(session, screen(), Path("/x.py"), 0.0)
    assert last.rows[last.room - 2] == "line 99" and "(end)" in last.rows[last.room - 1]
    assert last.scroll == 100 - last.room + 1
    session.scroll = last.scroll - 1
    assert "1 more lines" in frame(session, screen(), Path("/x.py"), 0.0).rows[last.room - 1]


def test_a_terminal_that_has_ascii_alone_gets_ascii(session, wrong):
    session.judged(1, WRONG.encode(), 0, wrong, "")
    session.page = Page("solution", "# 세계 → end")
    found = frame(session, screen(encoding="ascii"), Path("/x/세계.py"), 0.0)
    assert found.rows[0] == "# \\uc138\\uacc4 \\u2192 end"
    assert all(row.isascii() for row in found.rows if "·" not in row)


def test_control_characters_of_texts_do_nothing(session):
    session.judged(1, b"x", 0, None, "bad \x1b[2J\x07 name")
    found = frame(session, screen(), Path("/x/\x1b[31m.py"), 0.0)
    assert "\x1b" not in "".join(found.rows) and "\x07" not in "".join(found.rows)


def test_the_footer_tells_of_a_training(session):
    judged(session, passed=("one", "two"), skipped=True)
    session.outcome = None
    session.running = session.running or None
    session.saw(Seen(b"x"), 0.0)
    session.running = session.running._replace(training=True)
    session.progress = {"who": "yours", "done": 2, "total": 5, "loss": 0.5, "accuracy": 0.9, "cpu_seconds": 1.0,
                        "seconds": 1.0, "allowed": 9.0}  # fmt: skip
    rows = frame(session, screen(), Path("/x.py"), 0.0).rows
    assert any(row.startswith("yours  2 of 5  validation 90") for row in rows)
    assert any("^C stop" in row for row in rows)


def test_words_of_all_languages_have_the_same_keys_and_gaps():
    gaps = [{key: set(re.findall(r"{(\w+)}", text)) for key, text in words.items()} for words in WORDS.values()]
    assert all(one == gaps[0] for one in gaps)
    sources = "".join(
        path.read_text("utf-8") for path in (ROOT / "grader" / "watch").glob("*.py") if path.stem != "words"
    )
    known = {"unreadable", "large"}
    assert [key for key in WORDS["en"] if f'"{key}"' not in sources and key not in known] == []


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("one two three", 8, ["one two ", "three"]),
        ("onetwothree", 8, ["onetwoth", "ree"]),
        ("    indented_long", 8, ["    inde", "nted_lon", "g"]),
        ("세계세계", 4, ["세계", "세계"]),
        ("exact", 5, ["exact"]),
        ("", 5, [""]),
        ("\x1b[31mred one\x1b[0m two", 5, ["\x1b[31mred \x1b[0m", "\x1b[31mone\x1b[0m ", "two"]),
    ],
)
def test_rows_are_cut_at_spaces_and_keep_their_colours(text, columns, rows):
    assert fold(text, columns) == rows


def test_the_end_of_a_path_stays():
    assert tail("/a/long/way/to/ex17.py", 12) == "...o/ex17.py"
    assert tail("ex17.py", 12) == "ex17.py"


# The command in a terminal


class Emulator:
    """As much of a terminal as `dlgrade watch` uses; anything else that arrives is a failure."""

    SEQUENCE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])")

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.screens = {False: [""] * rows, True: [""] * rows}
        self.at, self.modes = 0, set()
        self.stale = False  # what was drawn for another size may still come

    @property
    def lines(self):
        return self.screens["1049" in self.modes]

    def resize(self, columns, rows):
        self.columns, self.rows, self.stale = columns, rows, True
        for screen in self.screens.values():
            screen[:] = [*screen, *[""] * rows][:rows]

    def feed(self, text):
        while text:
            if match := self.SEQUENCE.match(text):
                self._sequence(*match.groups())
                text = text[match.end() :]
            elif text[0] == "\x1b":
                return text  # incomplete
            else:
                self._sign(text[0])
                text = text[1:]
        return ""

    def _sequence(self, private, numbers, final):
        match private, final:
            case "?", "h":
                self.modes.add(numbers)
            case "?", "l":
                self.modes.discard(numbers)
            case "", "H":
                row, column = map(int, numbers.split(";"))
                assert column == 1 and (self.stale or 1 <= row <= self.rows)
                self.at = min(row, self.rows) - 1
            case "", "K":
                self.lines[self.at] = ""
            case "", "J":
                self.lines[:] = [""] * self.rows
                self.stale = False
            case "", "m":
                pass
            case _:
                pytest.fail(f"sequence {private}{numbers}{final}")

    def _sign(self, sign):
        if sign == "\n":
            if self.at + 1 < self.rows:
                self.at += 1
            else:
                self.lines[:] = [*self.lines[1:], ""]
                assert "1049" not in self.modes, "the screen was scrolled"
        elif sign != "\r":
            self.lines[self.at] += sign
            if "1049" in self.modes and not self.stale:
                assert cells(self.lines[self.at]) <= self.columns, self.lines[self.at]


class Person:
    """Somebody at a terminal in which a command runs."""

    def __init__(self, arguments, folder, columns=80, rows=24, **env):
        self.emulator, self._rest, self._unread = Emulator(columns, rows), "", b""
        mine = {"DLGRADE_STATE": str(folder / "state"), "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONUTF8": "1"}
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.environ.pop("COLUMNS", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            command = (
                [sys.executable, *arguments] if arguments[0] == "-c" else [sys.executable, "-m", "grader", *arguments]
            )
            os.execve(sys.executable, command, {**os.environ, **mine, **env})
        self.before = termios.tcgetattr(self.terminal)
        self.code = None

    def sees(self, *texts, not_seen=()):
        """Waits until the screen shows these texts."""
        end = time.monotonic() + PATIENCE
        while not (all(text in self.shown for text in texts) and not any(text in self.shown for text in not_seen)):
            assert time.monotonic() < end and self._read(0.5) is not None, f"{texts} not seen in:\n{self.shown}"
        return self.shown

    @property
    def shown(self):
        """The words on the screen; which of them stand in one row is left out."""
        return " ".join("\n".join(self.emulator.lines).split())

    def _read(self, seconds):
        if select.select([self.terminal], [], [], seconds)[0]:
            try:
                data = self._unread + os.read(self.terminal, 1 << 16)
            except OSError:
                return None
            text = data.decode("utf-8", "ignore")
            self._unread = data[len(text.encode()) :]
            self._rest = self.emulator.feed(self._rest + text)
        return True

    def types(self, text):
        os.write(self.terminal, text.encode())

    def resizes(self, columns, rows):
        self.emulator.resize(columns, rows)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ends(self):
        """Waits until the command has ended; the terminal must be as it was. The exit code, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while self._read(0.05) and time.monotonic() < end:
            if self.code is None and (found := os.waitpid(self.child, os.WNOHANG))[0]:
                self.code = os.waitstatus_to_exitcode(found[1])
                self._read(0.05)
                break
        if self.code is None:
            assert time.monotonic() < end, f"it goes on: {self.emulator.screens}"
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        assert self.emulator.modes - {"25"} == set() and "25" in self.emulator.modes | {"25"}
        return self.code

    def leave(self):
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGCONT)
                os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.terminal)


@pytest.fixture
def workspace(tmp_path):
    """A folder with the toy's stub."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / ENTRY.stub.name).write_text(STUB)
    return tmp_path


@pytest.fixture
def person():
    """Starts commands in terminals of their own, and ends them."""
    people = []

    def start(folder, *arguments, **options):
        people.append(Person(["watch", *arguments] if arguments[:1] != ("-c",) else arguments, folder, **options))
        return people[-1]

    yield start
    for one in people:
        one.leave()


def save(workspace, text, how=renamed_over):
    how(workspace / "exercises" / ENTRY.stub.name, text.encode())


def test_an_evening_with_watch(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("1 · toy", "not written yet", "0 of 3 parts", "watching exercises/ex01_toy.py", "h hint", "q quit")
    save(workspace, WRONG)
    somebody.sees("✗ double", "✓ softmax", "6 more lines: space", not_seen=["not written yet"])
    somebody.types(" ")
    somebody.sees("not passed yet · 2 of 3 parts", "(end)", not_seen=["1 · toy"])
    somebody.types("h")
    somebody.sees("double, hint 1 of 3: What is twice a number?")
    somebody.types("ㅗ")
    somebody.sees("hint 2 of 3")
    save(workspace, "def double(x)\n", in_place)
    somebody.sees("SyntaxError", "can't be run", "hint 2 of 3")
    somebody.types("?")
    somebody.sees("what are doubling, softmax and counting?", "def double(x", "Enter report")
    somebody.types("\x1b")
    somebody.sees("SyntaxError", not_seen=["what are doubling"])
    somebody.types("s")
    somebody.sees("You have not solved 1 yet", "y/n")
    somebody.types("y")
    somebody.sees("return 2 * x", "more lines: space")
    somebody.types("\x1b[F")
    somebody.sees("(end)")
    save(workspace, SOLUTION, with_backup)
    somebody.sees("passed · 3 of 3 parts", "Passed, and so are all other exercises", not_seen=["hint 2", "(end)"])
    somebody.types("\x1b[15~세ㅋ\x00😀q")
    assert somebody.ends() == 0
    assert "`dlgrade watch 1` goes on" in somebody.shown
    mine = Store(KIT, workspace / "state").progress()["1"]
    assert (mine.attempts, mine.solved) == (3, True)  # the stub was no attempt


def test_a_file_that_goes_and_comes_back(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("0 of 3 parts")
    path = workspace / "exercises" / ENTRY.stub.name
    path.unlink()
    somebody.sees("ex01_toy.py isn't there", not_seen=["0 of 3 parts"])
    path.write_bytes(b"#" * (LARGEST + 1))
    somebody.sees(f"has {LARGEST + 1} bytes")
    save(workspace, SOLUTION)
    somebody.sees("passed · 3 of 3 parts")


def test_another_size_draws_everything_anew(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT))
    save(workspace, WRONG)
    somebody.sees("✗ double")
    for columns, rows in ((40, 12), (100, 30), (20, 5)):
        somebody.resizes(columns, rows)
        while somebody.emulator.stale:
            assert somebody._read(PATIENCE)
        somebody.sees("1 · toy", "h hint")
        assert somebody.emulator.lines[0].startswith("1 · toy")
    somebody.types("q")
    assert somebody.ends() == 0


def cbreak(somebody):
    return not termios.tcgetattr(somebody.terminal)[3] & (termios.ICANON | termios.ECHO)


SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a shell may take the terminal at any time
command = [sys.executable, "-m", "grader", "watch", "1", "--kit", {kit!r}]
child = subprocess.Popen(command, process_group=0, preexec_fn=lambda: signal.signal(signal.SIGTTOU, signal.SIG_DFL))
os.tcsetpgrp(0, child.pid)
status = os.waitpid(child.pid, os.WUNTRACED)[1]
os.tcsetpgrp(0, os.getpgrp())
print("asleep" if os.WIFSTOPPED(status) else "over", flush=True)
sys.stdin.readline()
os.tcsetpgrp(0, child.pid)
os.killpg(child.pid, signal.SIGCONT)
status = os.waitpid(child.pid, 0)[1]
os.tcsetpgrp(0, os.getpgrp())
print("ended with", os.waitstatus_to_exitcode(status), flush=True)
"""


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(workspace, person):
    somebody = person(workspace, "-c", SHELL.format(kit=str(KIT)))
    somebody.sees("0 of 3 parts", "q quit")
    assert cbreak(somebody)
    somebody.types("\x1a")
    somebody.sees("asleep")
    assert "1049" not in somebody.emulator.modes
    assert termios.tcgetattr(somebody.terminal)[3] == somebody.before[3]
    save(workspace, WRONG)
    somebody.types("fg\n")
    somebody.sees("1 · toy", "✗ double")
    assert cbreak(somebody) and "1049" in somebody.emulator.modes
    somebody.types("\x03")
    somebody.sees("ended with 130")
    assert termios.tcgetattr(somebody.terminal)[3] == somebody.before[3]
    somebody.ends()


ENDLESS = edited((DOUBLE, "    while True:\n        pass\n"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_signals_end_it_and_leave_the_terminal_clean(workspace, person, number):
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("0 of 3 parts")
    os.kill(somebody.child, number)
    assert somebody.ends() == 128 + number
    assert termios.tcgetattr(somebody.terminal)[3] == somebody.before[3]


def test_ctrl_c_ends_it_at_once_while_it_judges(workspace, person):
    save(workspace, ENDLESS)
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("checking ...", "q quit")
    began = time.monotonic()
    somebody.types("\x03")
    assert somebody.ends() == 130
    assert time.monotonic() - began < 10  # an endless loop goes on for twenty seconds and more


def test_a_save_while_an_older_text_is_judged_is_not_kept_waiting(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("0 of 3 parts")
    save(workspace, ENDLESS)
    somebody.sees("checking ...")
    save(workspace, SOLUTION)
    assert "endless" not in somebody.sees("passed · 3 of 3 parts")


CRASH = """
import os, sys
sys.argv = ["dlgrade", "watch", "1", "--kit", {kit!r}]
from grader.watch import loop
{before}
from grader.__main__ import main
main()
"""


def test_an_error_of_our_own_leaves_the_terminal_clean(workspace, person):
    before = "loop.Watch._pressed = lambda self, key: 1 / 0"
    somebody = person(workspace, "-c", CRASH.format(kit=str(KIT), before=before))
    somebody.sees("0 of 3 parts")
    somebody.types("h")
    assert somebody.ends() == 1
    assert "ZeroDivisionError" in somebody.shown
    assert termios.tcgetattr(somebody.terminal)[3] == somebody.before[3]


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing stays warm")
def test_a_judge_that_dies_is_told_and_the_next_save_has_another(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT))
    somebody.sees("0 of 3 parts")
    save(workspace, ENDLESS)
    somebody.sees("checking ...")
    zygotes = [int(one) for task in Path(f"/proc/{somebody.child}/task").iterdir()
               for one in (task / "children").read_text().split()]  # fmt: skip
    assert len(zygotes) == 1
    for child in (*children(zygotes[0]), *zygotes):
        os.kill(child, signal.SIGKILL)
    somebody.sees("Not judged: the grading process ended unexpectedly")
    save(workspace, WRONG)
    somebody.sees("✗ double")


@pytest.fixture
def two(workspace):
    """A workspace, and a kit with the toy twice: as 1 and as 2."""
    entry = shutil.copytree(KIT, workspace / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    for path in list(entry.rglob("*01_*")):
        text = path.read_text("utf-8").replace("number: 1\n", "number: 2\n").replace("# 1. Double", "# 2. Again")
        text = text.replace("ex01_toy", "ex02_toy").replace("title: Double", "title: Again")
        path.with_name(path.name.replace("01_", "02_")).write_text(text, "utf-8")
    (workspace / "exercises" / "ex02_toy.py").write_text(STUB)
    return workspace


def test_the_next_exercise_is_one_key_away_and_a_save_goes_where_it_belongs(two, person):
    somebody = person(two, "--kit", str(two / "kit"))  # the one that `next` names
    somebody.sees("1 · toy", "0 of 3 parts", "ex01_toy.py")
    save(two, SOLUTION)
    somebody.sees("passed · 3 of 3 parts", "Passed! n: next is 2 Again, softmax and a counter")
    somebody.types("n")
    somebody.sees("2. Again, softmax and a counter", "def double(x", "watching exercises/ex02_toy.py", "Enter report")
    somebody.types("\r")
    somebody.sees("2 · toy", "not written yet", not_seen=["2. Again"])
    renamed_over(two / "exercises" / "ex02_toy.py", WRONG.encode())
    somebody.sees("2 · toy", "✗ double")
    save(two, WRONG, later)
    somebody.sees("1 · toy", "✗ double", "ex01_toy.py")
    somebody.types("p")
    somebody.sees("watching exercises/ex02_toy.py", "2. Again")
    somebody.types("q")
    assert somebody.ends() == 0
    done = Store(two / "kit", two / "state").progress()
    assert {number: (one.attempts, one.solved) for number, one in done.items()} == {"1": (2, True), "2": (1, False)}


def test_korean(two, person):
    somebody = person(two, "1", "--kit", str(two / "kit"), "--lang", "ko")
    somebody.sees("1 · toy", "h 힌트", "q 끝내기", "지켜보는 중")
    save(two, SOLUTION)
    somebody.sees("통과!", "n을 누르면")


def test_without_colours_nothing_is_coloured(workspace, person):
    somebody = person(workspace, "1", "--kit", str(KIT), NO_COLOR="1")
    painted = []
    somebody.emulator._sequence = lambda *parts: (painted.append(parts), Emulator._sequence(somebody.emulator, *parts))
    somebody.sees("0 of 3 parts", "h hint")
    assert painted and not any(final == "m" for _, _, final in painted)


TRAINED = (TRAINING_KIT / "solutions" / "ex01_class_means.py").read_text()


@pytest.fixture
def gym(tmp_path):
    """A workspace for the kit that trains."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "ex01_class_means.py").write_text(TRAINED)
    return tmp_path


def test_a_training_on_its_key(gym, person):
    somebody = person(gym, "1", "--kit", str(TRAINING_KIT), "--profile", "tiny", "--data", "synthetic", columns=100)
    somebody.sees("not trained", "All other parts are right: t trains", "t train")
    somebody.types("t")
    somebody.sees("✓ train", "synthetic digits", "Passed, and so are all")
    (gym / "exercises" / "ex01_class_means.py").write_text(TRAINED + "# more\n")
    somebody.sees("not trained", "t train", not_seen=["synthetic digits"])


@pytest.mark.parametrize("how", ["ctrl-c", "save"])
def test_a_training_can_be_stopped(gym, person, how):
    path = gym / "exercises" / "ex01_class_means.py"
    assert TRAINED.count("def train(") == 1
    head, rest = TRAINED.split("def train(")
    body = rest.index("\n    ", rest.index('"""'))
    path.write_text(f"{head}def train({rest[:body]}\n    while True:\n        pass\n{rest[body:]}")
    somebody = person(gym, "1", "--kit", str(TRAINING_KIT), "--profile", "tiny", "--data", "synthetic", columns=100)
    somebody.sees("All other parts are right: t trains")
    somebody.types("t")
    somebody.sees("^C stop", "yours ...")
    if how == "ctrl-c":
        somebody.types("\x03")
        somebody.sees("Training: stopped", "t train", not_seen=["^C stop"])
        somebody.types("\x03")
        assert somebody.ends() == 130
    else:
        path.write_text("def double(x)\n")
        somebody.sees("SyntaxError", not_seen=["^C stop"])


# The command without a terminal


@contextlib.contextmanager
def piped(folder, *arguments):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DLGRADE_STATE": str(folder / "state"), "COLUMNS": "80"}
    command = [sys.executable, "-m", "grader", "watch", *arguments]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=folder, env=env, text=True, encoding="utf-8", **streams) as running:
        try:
            yield running
        finally:
            running.kill()


def lines_until(running, text):
    found = []
    for line in running.stdout:
        found.append(line)
        if text in line:
            return "".join(found)
    pytest.fail(f"{text!r} not in {found}")


def test_in_a_pipe_reports_follow_each_other(workspace):
    with piped(workspace, "1", "--kit", str(KIT)) as running:
        shown = lines_until(running, "0 of 3 parts")
        assert "Every save of exercises/ex01_toy.py is checked" in shown
        save(workspace, WRONG)
        shown += lines_until(running, "2 of 3 parts")
        (workspace / "exercises" / ENTRY.stub.name).unlink()
        shown += lines_until(running, "isn't there")
        save(workspace, SOLUTION)
        shown += lines_until(running, "all other exercises")
        running.send_signal(signal.SIGINT)
        shown += running.stdout.read()
        assert running.wait(PATIENCE) == 130
    assert "\x1b" not in shown and "Traceback" not in shown
    assert [shown.count(f"{count} of 3 parts") for count in (0, 2, 3)] == [1, 1, 1]


def test_a_pipe_that_nobody_reads_ends_it(workspace):
    with piped(workspace, "1", "--kit", str(KIT)) as running:
        lines_until(running, "0 of 3 parts")
        running.stdout.close()
        save(workspace, WRONG)
        assert running.wait(PATIENCE) == 0  # as of any command whose reader is gone


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1", "--kit", str(KIT)], f"no workspace here; run `dlgrade init --kit {KIT}`, or name a file"),
        (["1", "--kit", str(KIT), "--seed", "-1"], "a seed is 0 or greater"),
        (["7", "--kit", str(KIT)], "no exercise 7"),
    ],
)
def test_wrong_usage(tmp_path, arguments, words):
    with piped(tmp_path, *arguments) as running:
        assert words in running.stdout.read()
        assert running.wait(PATIENCE) == 2


def test_a_file_may_be_named_outside_of_a_workspace(tmp_path):
    (tmp_path / "ex01_toy.py").write_text(WRONG)
    with piped(tmp_path, "ex01_toy.py", "--kit", str(KIT), "--seed", "3") as running:
        lines_until(running, "2 of 3 parts")
