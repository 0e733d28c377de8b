"""Reports and error texts as they are read: on narrow and wide terminals, by encodings with few signs, without colour.

Whatever the width, no line is wider than the terminal (signs of Korean take two columns), but for words that can't be
broken in messages that are copied; whatever the encoding, no sign is lost without being spelled or written out.
"""

import os
import pty
import re
import select
import subprocess
import sys
import termios
from itertools import product
from pathlib import Path

import pytest

from grader import face, guidance, kit
from grader.cli.live import Live
from grader.report.prose import CODE, prose
from grader.report.style import Style, cells, fold, shorten, wrap
from grader.report.terminal import case_text, render
from grader.text import counted, spelled

ROOT = Path(__file__).parents[1]
WIDTHS = (40, 60, 80, 200)
UTF8 = ("✓", "✗", "·", "→", "·", "utf-8")
ASCII = ("+", "x", "-", "->", "-", "ascii")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
STYLE = Style(60, False, *UTF8)
KOREAN = "첫 번째 기울기의 모양이 맞지 않습니다: 기대한 모양은 (3, 4)인데 (4, 3)이 왔습니다"


def case(name="one plain step", verdict="failed", message="the result is 1, expected 2", wrong=None, **more):
    difference = None
    if verdict == "failed":
        difference = {"wrong": wrong, "of": 20 if wrong else None, "max_abs": 0.25, "max_rel": 0.5}
    return {"part": "SGD", "name": name, "verdict": verdict, "message": message, "difference": difference, **more}


def answer(*cases, verdict="failed", details=(), printed="", name="attempt.py", diagnosis=None, network=False):
    parts = {}
    for one in cases:
        parts.setdefault(one["part"], []).append(one["verdict"] == "passed")
    report = {
        "exercise": "17", "slug": "sgd_rmsprop_adam", "submission": name, "verdict": verdict, "seconds": 0.1,
        "parts": [{"name": part, "passed": sum(good), "cases": len(good)} for part, good in parts.items()],
        "cases": list(cases), "diagnosis": diagnosis, "training": None,
        "sandbox": {"layers": ["rlimits"], "network": network},
    }  # fmt: skip
    filled = [{"inputs": "", "lines": [], "unwritten": False, **detail} for detail in details]
    filled += [{"inputs": "", "lines": [], "unwritten": False}] * (len(cases) - len(filled))
    return {"report": report, "details": filled, "printed": printed}


LINES = "\n".join(['x = "' + "가나다라마바사" * 900 + '"', "\tif x:\treturn " + "value + " * 200, "raise"])
INPUTS = "params = {weight: float64 (3,) [1, -2, 0.5]}, " * 40
REPORTS = {
    "passed": answer(case(verdict="passed", message=""), verdict="passed"),
    "a long Korean name": answer(case(verdict="passed"), verdict="passed", name="제출물_최종본_" * 7 + ".py"),
    "wrong": answer(
        *[case(f"a case whose name goes on and on, number {n}", wrong=n) for n in range(1, 5)],
        details=[{"inputs": INPUTS}],
        diagnosis={
            "misconception": "eps_inside_root", "summary": "Your ε stands inside of the root — " * 4, "part": "SGD",
            "nudge": "What happens for |x|² → 0? " * 5, "explains": 1, "failing": 4,
        },
    ),
    "raised in Korean": answer(
        case(verdict="raised", message=f"raised ValueError: {KOREAN}\n둘째 줄"),
        details=[{"lines": [(1, "<module>"), (2, "a_function_whose_name_goes_on_" * 4)]}],
    ),
    "a long word": answer(case(verdict="raised", message="raised ValueError: " + "x" * 2000)),
    "recursion": answer(case(verdict="raised"), details=[{"lines": [(3, "again")] * 20}]),
    "syntax": answer(
        case(verdict="raised", message="raised SyntaxError: invalid syntax"), verdict="error",
        details=[{"lines": [(1, "<module>")]}],
    ),
    "nothing there": answer(
        *[case(verdict="missing", part=part, message=f"your file doesn't define `{part}`") for part in ("SGD", "Adam")],
        verdict="error",
    ),
    "not trained": answer(
        case(message="x"),
        case(
            verdict="missing", part="train_and_predict_everything",
            message="not trained yet, because first all other parts have to be right",
        ),
        network=True,
    ),
    "printed": answer(
        case(verdict="passed"), verdict="passed",
        printed=f"{'손실 ' * 80}\n{'x' * 300}\n\tindented\n\nstep 1\rstep 2\r\n\x1b[31mred\x07\n" + "epoch\n" * 500,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "width", "signs"), list(product(REPORTS, WIDTHS, (UTF8, ASCII))))
def test_no_line_of_a_report_is_wider_than_the_terminal(name, width, signs):
    for colour, everything in product((False, True), repeat=2):
        shown = render(REPORTS[name], LINES.encode(), Style(width, colour, *signs), everything)
        plain = ESCAPE.sub("", shown)
        assert [line for line in plain.split("\n") if cells(line) > width] == []
        assert colour or "\x1b" not in shown
        assert "\x1b" not in plain and "\x07" not in plain
        assert signs is UTF8 or plain.isascii()


def shown(name, width=60, signs=UTF8, everything=False):
    return render(REPORTS[name], LINES.encode(), Style(width, False, *signs), everything)


def test_a_file_without_anything_is_told_what_it_lacks():
    assert "Your code defines nothing of what is asked for: SGD, Adam." in shown("nothing there", 80)


def test_a_face_has_its_own_words_and_changes_nobody_else_s():
    mine = answer(
        *[case(f"number {n}", wrong=n, message="`--all` is not in your file") for n in range(1, 5)],
        case(verdict="missing", part="Adam", message="your file doesn't define `Adam`"),
        printed="`--all` not in your file",
    )
    text = render(mine, b"", Style(80, False, *UTF8), absent="not defined", switch="all=True")
    assert re.search(r"· Adam +not defined$", text, re.M) and "1 more failing case; `all=True` shows it" in text
    assert text.count("`--all` is not in your file") == 3 and "| `--all` not in your file" in text


@pytest.mark.parametrize("name", ["wrong", "raised in Korean", "a long word", "recursion"])
def test_a_case_alone_is_told_as_in_a_report(name):
    report, details = REPORTS[name]["report"], REPORTS[name]["details"]
    one, detail = report["cases"][0], details[0]
    text = case_text(one, detail, LINES.encode(), Style(58, False, *UTF8), report["diagnosis"])
    about, _, diagnosis = text.partition("\n\n")
    whole = render(REPORTS[name], LINES.encode(), Style(60, False, *UTF8), everything=True)
    assert "\n".join(f"  {line}" for line in about.split("\n")) in whole
    assert diagnosis.startswith("Diagnosis: eps_inside_root\n") == (name == "wrong")


def test_what_was_cut_off_says_so():
    text = shown("raised in Korean", 80)
    assert re.search(r"line 1:  x = \"가나다라[가-힣]+\.\.\.$", text, re.M)
    assert re.search(r"line 2 in a_function_whose_\w*\.\.\.:  if x: +return value", text)
    assert "line 3 in again, again and again:  raise" in shown("recursion")
    assert "(its first 2000 characters)" in shown("printed")


def test_long_messages_and_inputs_are_shown_in_full_with_all():
    assert shown("a long word").count("x") < 700 and shown("a long word", everything=True).count("x") >= 2000
    assert shown("wrong").count("params") < 20 and shown("wrong", everything=True).count("params") == 40


def test_one_is_no_plural():
    text = shown("wrong")
    assert "1 of 20 values is wrong" in text and "2 of 20 values are wrong" in text
    assert "and 1 more failing case; `--all` shows it" in text
    assert (counted(1, "case"), counted(0, "case"), counted(2, "case")) == ("1 case", "0 cases", "2 cases")


def test_a_progress_bar_is_shown_as_it_was_left():
    assert "| step 2\n" in shown("printed") and "step 1" not in shown("printed")


def test_plain_signs_read_well():
    text = shown("wrong", signs=ASCII)
    assert "Your epsilon stands inside of the root -- " in text and "-> What happens for |x|^2 -> 0?" in text
    assert spelled("α ≤ 0.5 · 한 é", "ascii") == "alpha <= 0.5 - \\ud55c e"
    assert spelled("α · 한", "utf-8") == "α · 한" and spelled("✓ 한", "cp949") == "+ 한"


def test_lines_are_broken_between_words():
    assert fold("one two three", 8) == ["one two", "three"]
    assert fold("one two", 8, "    ", first="  ") == ["  one", "    two"]
    assert fold("  x   y", 20) == ["  x   y"] and fold("", 20) == [""]
    assert fold("/a/long/path to", 8, cut=False) == ["/a/long/path", "to"]
    assert fold("abcdefghij", 4, " ") == ["abcd", " efg", " hij"]
    assert fold("한국어 문장", 7) == ["한국어", "문장"] and fold("한국어", 4) == ["한국", "어"]
    assert wrap("a\tb\n\nc", Style(40, False, *UTF8), "  ") == ["  a   b", "", "  c"]
    assert wrap("", Style(40, False, *UTF8)) == []


def test_a_very_long_line_is_broken():
    assert len(fold("가" * 200_000, 40)) == 10_000


def test_what_is_shortened_ends_with_a_word_if_it_can():
    assert shorten("what separates deep learning", 20) == "what separates..."
    assert shorten("donaudampfschiff", 10) == "donauda..." and shorten("short", 10) == "short"


# Docstrings

DOCSTRING = """One long sentence that is broken
anywhere at all.

* an item that
  goes on
* another

    code(  stays )

    as it is   # whatever its width
The end."""


def test_prose_is_folded_anew_and_code_is_not():
    assert prose(DOCSTRING, Style(24, False, *UTF8)) == [
        "One long sentence that", "is broken anywhere at", "all.", "", "* an item that goes on", "* another", "",
        "    code(  stays )", "", "    as it is   # whatever its width", "The end.",
    ]  # fmt: skip
    assert prose("* an item\n  that goes on", Style(12, False, *UTF8)) == ["* an item", "  that goes", "  on"]
    assert prose("α\n\n    →", Style(40, False, *ASCII)) == ["alpha", "", "    ->"]


@pytest.mark.parametrize("entry", kit.entries(ROOT), ids=lambda entry: entry.number)
def test_tasks_fit_and_say_all(entry):
    text = guidance.task(entry, STYLE)
    wide = [line for line in text.split("\n") if cells(line) > 60]
    assert [line for line in wide if not line.startswith(CODE)] == []
    stub = face.read(entry.stub)
    words = [stub.docstrings[""].partition("\n")[2], *stub.signatures.values()]
    assert "".join(text.split()) == "".join(" ".join(words).split())


# The command on a terminal


def on_a_terminal(*args, columns=60, **env):
    """What a command shows on a terminal of that many columns, and its exit code."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *map(str, args)], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave,
        env={**kept, "TERM": "xterm", "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip
    os.close(slave)
    told = b""
    while select.select([master], [], [], 60)[0]:
        try:
            told += os.read(master, 1 << 16)
        except OSError:
            break
    os.close(master)
    return told.decode().replace("\r\n", "\n"), process.wait(60)


ATTEMPT = "docs/attempts/adam_without_bias_correction.py"


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"PYTHONIOENCODING": "ascii"}, {}])
def test_a_check_on_a_terminal(env):
    told, code = on_a_terminal("check", "17", ATTEMPT, columns=40, **env)
    assert code == 1 and "Diagnosis" in told
    assert ("\x1b[" in told) == (not env or "PYTHONIOENCODING" in env)
    assert "PYTHONIOENCODING" not in env or told.isascii()
    lines = re.split(r"[\r\n]", ESCAPE.sub("", told))  # one line may tell that it takes long, and be erased
    assert [line for line in lines if cells(line) > 40] == []


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["check", "17", "no_such_file.py"], 2, "give the path of your attempt"),
        (["check", "17", "--sed", "1"], 2, "Did you mean"),
        (["list", "--lang", "fr"], 2, "is not one of 'en', 'ko'."),
        (["dev"], 2, "Run generic mutants of solutions through the grader and list those that pass."),
        (["setup"], 2, "Write an autograder for Gradescope, as files and as the zip to upload."),
        (["--help"], 0, "dlgrade init my-practice && cd my-practice dlgrade next"),
        (["doctor", "--help"], 0, "Example: dlgrade doctor"),
        (["show", "18-2"], 0, "The model answer: `dlgrade show 18-2 --answer`"),
        (["next"], 0, "tells what to do"),
        (["list", "--topic", "nothing"], 0, "no exercise on 'nothing'; topics are"),
        (["hint", "12-3"], 0, "hint 1 of"),
        (["data"], 0, "Without MNIST, training tasks use synthetic digits"),
    ],
)
def test_messages_are_folded_on_a_terminal(args, code, words):
    told, found = on_a_terminal(*args)
    assert found == code and words in " ".join(told.split())
    wide = [line for line in ESCAPE.sub("", told).split("\n") if cells(line) > 60 and " " in line.strip()]
    assert wide == []


def test_messages_stay_one_line_in_a_pipe():
    done = subprocess.run(
        [sys.executable, "-m", "grader", "check", "17", "no_such_file.py"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "COLUMNS": "40"}, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr.count("\n") == 1


def test_a_terminal_without_korean_says_so():
    told, code = on_a_terminal("list", "--lang", "ko", PYTHONIOENCODING="ascii")
    assert code == 0 and "has no Korean; set PYTHONIOENCODING=utf-8" in " ".join(told.split())
    assert "has no Korean" not in on_a_terminal("list", "--lang", "ko")[0]


def test_something_is_shown_while_it_takes_long(monkeypatch):
    monkeypatch.setattr("grader.cli.live.PATIENCE", 0.01)
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as terminal, Live(terminal):
        assert select.select([master], [], [], 10)[0]
        assert os.read(master, 100).startswith(b"\rjudging, 0 s so far")
    assert os.read(master, 1000).endswith(b" \r")
    os.close(master)
