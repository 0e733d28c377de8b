"""`dlgrade quiz` and `review` as a person uses them, through a pipe and a pseudo-terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from select import select as ready

import pytest

from grader.cli.dialog import Dialog
from grader.cli.sitting import put_all
from grader.cli.words import WORDS
from grader.quiz.deck import Card, cards, select
from grader.quiz.serving import serve
from grader.quiz.session import Session
from grader.report.style import style_of_stdout
from grader.store import Store
from tests.test_cli import ROOT, dlgrade

KIT = Path(__file__).parent / "quiz_kit"


@pytest.fixture
def quiz(tmp_path):
    """A quiz command on the test kit with a memory of its own; `quiz(text, *args)`."""

    def run(text, *args, command="quiz", **env):
        return dlgrade(command, *args, "--kit", KIT, text=text, DLGRADE_STATE=str(tmp_path), **env)

    return run


ANSWERS = "\n".join(["?", "a", "zz", "abc", "?", "49", "2;sum", "0", "1", "", "", "3"]) + "\n"


def test_all_items_of_a_question_with_feedback_at_once(quiz):
    done = quiz(ANSWERS, "2", "--seed", "1")
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.split())
    for at in range(1, 9):
        assert f"[{at} of 8] 2. One item of each kind" in shown
    assert "please give letters from a to c" in shown
    assert "Right is: 50 %" in shown and "One of two." in shown
    assert "✓ Right." in shown and "✗ Not right." in shown
    assert "Seven." in shown  # the model answer of the question itself
    assert "2 of 7 right, graded by yourself: 1" in shown
    assert f"`dlgrade show 2 --answer --kit {KIT}`" in shown
    assert "the seed of this quiz is 1" in shown


def test_a_wrong_option_says_why_and_names_the_misconception_in_the_summary(quiz):
    question = select(KIT, "en", ["2"])[0]
    letters = {text: letter for letter, text in serve(Card(question, question.items[0]), 5).choices}
    done = quiz(f"{letters['one']}\n", "2", "--seed", "5")
    assert f"  {letters['one']}  The smallest." in done.stdout
    assert f"Right is: {letters['three']}" in done.stdout
    assert f"`dlgrade show 2 --answer --kit {KIT}`, too_small" in " ".join(done.stdout.split())


def test_the_seed_decides_what_is_shown(quiz):
    first, again, other = (quiz("", "--seed", seed, "--count", "5").stdout for seed in (1, 1, 2))
    assert first == again != other


def test_the_end_of_the_input_stops_the_quiz_and_loses_nothing(quiz):
    done = quiz("?\n", "2")
    assert done.returncode == 130
    assert "0 of 1 right" in done.stdout and "Everything answered so far is stored." in done.stdout
    assert "+1" in quiz("", command="review").stdout


def test_json_is_the_result_and_nothing_else(quiz):
    done = quiz(ANSWERS, "2", "--seed", "1", "--json")
    result = json.loads(done.stdout)
    assert (result["schema"], result["seed"], result["language"]) == ("dlgrade/quiz/1", 1, "en")
    assert (result["right"], result["of"], len(result["answers"])) == (2, 7, 8)
    assert result["answers"][-1]["card"] == "2" and result["answers"][-1]["right"] is None
    assert "[1 of 8]" in done.stderr


def test_in_korean(quiz):
    done = quiz("", "3", "--lang", "ko")
    assert "2는 소수인가요?" in done.stdout and WORDS["ko"]["nothing"] in done.stdout
    summary = " ".join(quiz("?\n", "3", "--lang", "ko").stdout.split())
    assert f"`dlgrade show 3 --answer --lang ko --kit {KIT}`" in summary


def test_both_languages_have_the_same_words():
    assert WORDS["en"].keys() == WORDS["ko"].keys()
    for key, text in WORDS["en"].items():
        assert {part.split("}")[0] for part in text.split("{")[1:]} == {
            part.split("}")[0] for part in WORDS["ko"][key].split("{")[1:]
        }, key


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_on_a_narrow_terminal_without_colours(quiz, encoding):
    env = {"COLUMNS": "40", "NO_COLOR": "1", "PYTHONIOENCODING": encoding, "encoding": encoding}
    done = quiz(ANSWERS, "2", "--seed", "1", **env)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines() if "->" not in line and "→" not in line) <= 100


def test_review_brings_back_what_is_due(quiz, tmp_path):
    assert "No card has been answered yet" in quiz("", command="review").stdout
    quiz("?\n", "2")
    done = quiz("", command="review")
    assert done.returncode == 0 and "Nothing is due." in done.stdout
    age(tmp_path, days=3)
    assert "Due in the next days" in quiz("", "--forecast", command="review").stdout
    done = quiz("?\n", command="review")
    assert "Cards due: 1" in done.stdout and "[1 of 1] 2. One item of each kind" in done.stdout
    assert "Nothing is due." in quiz("", command="review").stdout


def age(state, days):
    """Lets that many days pass, as far as the memory can tell."""
    import sqlite3

    with sqlite3.connect(state / "progress.sqlite") as db:
        db.execute("update memory set due = due - ?, reviewed = reviewed - ?", (days * 86400, days * 86400))


def test_an_exam_is_taken_continued_and_marked(quiz, tmp_path):
    out = tmp_path / "answers.json"
    exam = ("--exam", "--out", out, "--seed", "3")
    first = quiz("?\n?\n", *exam)
    assert first.returncode == 130 and "2 of 8 items are in" in first.stdout
    assert "Right is" not in first.stdout and "Not right" not in first.stdout
    second = quiz("\n" * 20, *exam)
    assert second.returncode == 0 and "[3 of 8]" in second.stdout and "[2 of 8]" not in second.stdout
    assert "All 8 items are in" in second.stdout
    marked = quiz("", "--grade", out, "--json")
    assert json.loads(marked.stdout)["of"] == 8
    assert "No card has been answered yet" in quiz("", command="review").stdout  # an exam teaches the memory nothing


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--exam",), "needs a file for its answers"),
        (("--out", "x.json"), "needs a file for its answers"),
        (("--grade", "missing.json"), "missing.json can't be read"),
        (("nothing",), "no question and no topic 'nothing'; topics are"),
        (("--count", "0"), "--count"),
    ],
)
def test_wrong_usage_is_one_line(quiz, args, words):
    done = quiz("", *args)
    assert done.returncode == 2 and words in done.stderr


def read_until(terminal, text, seconds=60):
    shown, end = b"", time.monotonic() + seconds
    while text.encode() not in shown:
        assert time.monotonic() < end, shown.decode(errors="replace")
        if ready([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
    return shown.decode(errors="replace")


def test_ctrl_c_in_a_terminal_stops_with_a_summary(tmp_path):
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"DLGRADE_STATE": str(tmp_path), "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
        os.execv(sys.executable, [sys.executable, "-m", "grader", "quiz", "2", "--kit", str(KIT)])
    try:
        read_until(terminal, "Your answer, a letter")
        os.write(terminal, b"?\n")
        read_until(terminal, "all letters that are right")
        os.write(terminal, b"\x03")
        shown = read_until(terminal, "the seed of this quiz is")
        assert "0 of 1 right" in shown and "Traceback" not in shown
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    finally:
        os.close(terminal)


class InterruptedAtFeedback(Dialog):
    """A dialog whose user answers the first item, and presses Ctrl-C while the feedback is being drawn."""

    def response(self, served):
        return "?"

    def feedback(self, served, mark, response):
        raise KeyboardInterrupt


def test_ctrl_c_while_feedback_is_shown_loses_no_answer(capsys):
    deck = [card for card in cards(select(KIT, "en", ["2"])) if card.item]
    recorded = []
    dialog = InterruptedAtFeedback("en", style_of_stdout(), sys.stdout)
    assert not put_all(dialog, Session(deck, 1), recorded.append)
    assert [answer.response for answer in recorded] == ["?"]


def test_killed_in_the_middle_the_answers_are_there(tmp_path):
    env = {**os.environ, "DLGRADE_STATE": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "grader", "quiz", "2", "--kit", str(KIT)]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as running:
        running.stdin.write(b"?\n?\n")
        running.stdin.flush()
        read_until(running.stdout.fileno(), "[3 of 8]")
        running.send_signal(signal.SIGKILL)
    age(tmp_path, days=9)
    assert "Cards due: 2" in dlgrade("review", "--kit", KIT, DLGRADE_STATE=str(tmp_path)).stdout


def test_progress_tells_where_a_mistake_was_made(quiz, tmp_path):
    question = select(KIT, "en", ["2"])[0]
    letters = {text: letter for letter, text in serve(Card(question, question.items[0]), 5).choices}
    quiz(f"{letters['one']}\n", "2", "--seed", "5")
    Store(KIT, tmp_path).add_attempt("2", "failed", 0.0, "too_small", [])
    shown = quiz("", command="progress").stdout
    assert "  too_small: in the quiz on 2 and in exercise 2" in shown
    quiz(f"{letters['three']}\n", "2", "--seed", "5")
    assert "  too_small: in exercise 2" in quiz("", command="progress").stdout
