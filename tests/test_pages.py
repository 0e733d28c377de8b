"""Pages and texts made of results: what they say, and that nothing strangers wrote is more than text in them."""

import base64
import hashlib
import os
import re
import signal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import forked, run
from grader.batch.attention import ENDINGS, Concern, concerns
from grader.batch.model import Mark, Row, Student, Unplaced
from grader.models import Detail
from grader.outcome import Killed
from grader.publish import class_page, student_page, student_text
from grader.publish.markup import SHEET, VOID
from grader.publish.overview import Overview, fingerprint
from grader.publish.told import tell, untouched
from grader.wire import TooLarge, WireError
from tests import pretend
from tests.pretend import BELIEF, ENTRIES, case, check, class_html, graded, result

FIRST, SECOND = ENTRIES[:2]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</style></title></script><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "`</code><b>`",
    "\u202egnp.exe\u2066\u2069",
    "a\0b\x1b[31mred\x07",
    '=HYPERLINK("http://evil.example","x")',
    "\ud800 half",
    "x" * 10_000,
]
UNPRINTABLE = re.compile("[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Reader(HTMLParser):
    """A page as a tree would have it: raises AssertionError where tags aren't balanced."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.said = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert len({key for key, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag not in VOID and self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.said.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self):
        return " ".join(" ".join(self.said).replace("\u00a0", " ").split())


def sections(text):
    """The words of a class page's sections by their ids."""
    found = re.findall(r'<section id="(\w+)".*?</section>', text, re.DOTALL)
    bodies = re.findall(r"<section .*?</section>", text, re.DOTALL)
    return {key: Reader(body).words for key, body in zip(found, bodies, strict=True)}


def report(results, feedback="full", marks=None, student=None):
    """Page and text of one student."""
    student = student or Student("kim", "김민수")
    (row,) = [Row(student, marks, 0.0, 1.0)] if marks else graded([student], results)
    told = tell(row, results, feedback)
    return student_page.html(told), student_text.text(told)


def hostile_pages(text):
    """Every page with this text wherever a stranger's text may stand."""
    who = text.encode("utf-8", "backslashreplace").decode()  # as ids are after the intake
    student = Student(who, text, text, text)
    cases = [
        case("part", "one", "failed", text),
        case("part", "two", "raised", text),
        case("part", "3", "killed", text),
    ]
    diagnosis = BELIEF._replace(summary=text, nudge=text)
    details = [Detail(text, ((1, "f"), (2, "<module>"))) for _ in cases]
    found = check(cases, diagnosis, printed=text, details=details)
    source = text.encode("utf-8", "surrogatepass")
    twin = result("other", found, FIRST, source, file=text)
    results = [result(who, found, FIRST, source, file=text), result(who, None, SECOND, None, text, file=text)]
    unplaced = (Unplaced(text, who, text), Unplaced(text, None, text))
    mine = report(results, student=student)
    whole = class_html([student, Student("other")], [*results, twin], unplaced, (who,))
    return whole, *mine


def shape(page):
    """Elements with the names of their attributes."""
    return {(tag, *attributes) for tag, attributes in Reader(page).tags}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_strangers_write_is_only_text(text):
    whole, mine, plain = hostile_pages(text)
    for page, usual in zip((whole, mine), hostile_pages("usual `code`"), strict=False):
        assert shape(page) <= shape(usual)
        assert not UNPRINTABLE.search(page)
        assert len(page) < 250_000
    assert not UNPRINTABLE.search(plain)


def test_hostile_text_is_still_shown():
    whole, mine, plain = hostile_pages(HOSTILE[0])
    assert HOSTILE[0] in Reader(whole).words and HOSTILE[0] in Reader(mine).words and HOSTILE[0] in plain
    for told in hostile_pages(HOSTILE[4]):
        assert "\\u202egnp.exe\\u2066\\u2069" in Reader(told).words
    assert hostile_pages(HOSTILE[4])[2].count("\n  \\u202egnp.exe\\u2066\\u2069\n") == 4  # messages aren't cut off


@pytest.fixture(scope="module")
def small():
    """The pages of a class and of one of its students."""
    students, results, unplaced, unknown = pretend.a_class(12, ENTRIES[:6])
    mine = [one for one in results if one.attempt.student == students[3].id]
    return class_html(students, results, unplaced, unknown), report(mine, student=students[3])[0]


@pytest.mark.parametrize("which", [0, 1])
def test_a_page_loads_and_runs_nothing(small, which):
    page = small[which]
    reader = Reader(page)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in reader.tags}
    assert not re.search(r"https?:|url\(|@import|javascript:", page, re.IGNORECASE)
    assert not any(key.startswith("on") or key == "style" for _, attributes in reader.tags for key in attributes)
    for source in [one["src"] for one in reader.named("img")]:
        assert source.startswith("data:image/png;base64,")
    (policy,) = [one["content"] for one in reader.named("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    (sheet,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ") and f"style-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy and "http" not in policy


@pytest.mark.parametrize("which", [0, 1])
def test_a_page_can_be_found_through(small, which):
    reader = Reader(small[which])
    assert len(reader.named("h1")) == 1 and reader.named("html") == [{"lang": "en"}]
    ids = [one["id"] for _, one in reader.tags if "id" in one]
    assert len(ids) == len(set(ids))
    targets = [one["href"][1:] for one in reader.named("a") if one["href"].startswith("#")]
    assert set(targets) <= set(ids)
    labels = [one["aria-labelledby"] for _, one in reader.tags if "aria-labelledby" in one]
    assert set(labels) <= set(ids) and labels
    assert len(reader.named("caption")) == len(reader.named("table")) > 0
    assert all(one["alt"] for one in reader.named("img"))
    assert all(one["aria-hidden"] == "true" for one in reader.named("svg"))


def test_pages_are_the_same_every_time(small):
    students, results, unplaced, unknown = pretend.a_class(12, ENTRIES[:6])
    assert class_html(students, results, unplaced, unknown) == small[0]


# Colours


def luminance(colour):
    """Relative luminance, see WCAG 2.2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out(scheme):
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[scheme]))
    pairs = [(ink, back) for ink in ("ink", "quiet", "link") for back in ("paper", "card", "code")]
    pairs += [(kind, f"{kind}-back") for kind in ("good", "bad", "warn")]
    pairs += [("ink", "warn-back"), ("ink", "track"), ("bad", "paper"), ("good", "paper")]
    assert {pair: contrast(*map(colours.get, pair)) for pair in pairs if contrast(*map(colours.get, pair)) < 4.5} == {}
    assert contrast(colours["focus"], colours["paper"]) >= 3 and contrast(colours["fill"], colours["paper"]) >= 3


# A class that can be counted by hand

RIGHT = check([case("forward", "a"), case("forward", "b"), case("loss", "c"), case("loss", "d")])
SUMS = check(
    [case("forward", "a"), case("forward", "b"), case("loss", "c"), case("loss", "d", "failed", "is wrong")], BELIEF
)
CRASH = "your code ended the process (exit status 3) before it answered"
CHANNEL = "your code closed the grader's channel; return values and leave its files alone"
GONE = check([case("forward", "a", "killed", CRASH), case("loss", "c", "killed", CHANNEL)])
BROKEN = check([case("forward", "a", "raised", "SyntaxError: invalid syntax (line 1)")], verdict="error")
STUDENTS = [Student(one, one.title()) for one in ("ada", "bo", "cy", "di", "ed", "flo", "gus")]


@pytest.fixture(scope="module")
def counted():
    same, stub = b"def f():\r\n    return 1  \n", FIRST.stub.read_bytes()
    results = [
        result("ada", RIGHT, FIRST, same, seconds=0.5),
        result("bo", SUMS, FIRST, same.replace(b"\r", b"").replace(b"  \n", b"\n"), seconds=0.1, file="bo/copy.py"),
        result("cy", SUMS, FIRST, stub, seconds=0.3),
        result("di", GONE, FIRST, stub, seconds=0.2),
        result("ed", None, FIRST, None, "the sandbox broke", seconds=0.4),
        result("ada", RIGHT, SECOND, SECOND.solution.read_bytes()),
        result("flo", BROKEN, SECOND),
    ]
    unplaced = (Unplaced("di/essay.docx", "di", "it isn't Python"), Unplaced("lost.py", None, "whose is it?"))
    return sections(class_html(STUDENTS, results, unplaced, ("zed",)))


def test_sections(counted):
    assert list(counted) == ["scores", "attention", "misconceptions", "exercises", "cases", "students"]


def test_scores(counted):
    assert "90–100 % 1 80–90 % 0" in counted["scores"]  # ada
    assert "20–30 % 2 10–20 % 0 0–10 % 4" in counted["scores"]  # bo and cy have one part of four


def test_misconceptions(counted):
    assert "40 % 1 · sums instead of means 2 of 5 students who handed it in" in counted["misconceptions"]
    assert "Your loss is a sum over the batch. → What does mean divide by?" in counted["misconceptions"]


def test_exercises(counted):
    title = f"1 · {FIRST.slug.replace('_', ' ')}"
    assert f"{title} 5 5 20 % 0.30 s 0.50 s by ada loss (25 % right)" in counted["exercises"]
    assert f"2 · {SECOND.slug.replace('_', ' ')} 2 2 50 %" in counted["exercises"]


def test_cases(counted):
    assert (
        "Hardest: loss: d (40 % don't pass); forward: a (20 % don't pass); loss: c (20 % don't pass)."
        in (counted["cases"])
    )
    assert "Exercise 1: cases that at least one of 5 students doesn't pass" in counted["cases"]
    assert "d 2 of 5 students 40 %" in counted["cases"] and "20 % passed" in counted["cases"]


def test_what_needs_a_human(counted):
    told = counted["attention"]
    file = f"{FIRST.stem}.py"
    for expected in (
        f"Di 1 closed the grader's channel di/{file}",
        f"Di 1 ended its process instead of answering di/{file}",
        f"Ed 1 the sandbox broke ed/{file}",
        f"Flo 2 SyntaxError: invalid syntax (line 1) flo/{SECOND.stem}.py",
        f"1 Ada ada/{file} Bo bo/copy.py",
        f"2 the solution of this kit Ada ada/{SECOND.stem}.py",
        "di/essay.docx Di it isn't Python",
        "lost.py whose is it?",
        "zed",
        "Students without any attempt 1",
    ):
        assert expected in told, expected
    assert told.startswith("Needs a human (10)") and told.endswith("Gus")
    assert "Cy" not in told  # a stub is the same for all


def test_students(counted):
    assert re.search(
        r"Ada ada 2/2 100 % ✓ passed ✓ passed Bo bo 0\.5/2 25 % ◐ not passed yet, 50 %", counted["students"]
    )
    assert "Gus gus 0/2 0 % · nothing handed in · nothing handed in" in counted["students"]


def test_a_part_that_some_attempts_lack_is_not_held_against_them():
    syntax = check([case("forward", "loading", "raised", "SyntaxError")], verdict="error")
    results = [result("ada", RIGHT, FIRST), result("bo", SUMS, FIRST), result("cy", syntax, FIRST)]
    assert "loss (50 % right)" in sections(class_html(STUDENTS[:3], results))["exercises"]


def test_late_by_nobody_knows_how_much_is_told():
    (row,) = graded(STUDENTS[:1], results := [result("ada", RIGHT, FIRST)])
    overview = Overview(ENTRIES)
    overview.add(results[0])
    for undated, words in ((True, "Late, days unknown 1"), (False, None)):
        one = row._replace(marks=(row.marks[0]._replace(undated=undated),))
        told = sections(class_page.html(overview, [one], (), (), pretend.where))["attention"]
        assert (words in told and told.endswith("Student Exercise Ada 1")) if words else "Late" not in told


def test_a_class_without_anything():
    told = sections(class_html([], [], numbers=["1"]))
    assert told["attention"].endswith(
        "Nothing. Everything was placed and judged, nothing crashed, nothing looked suspicious."
    )
    assert told["cases"].endswith("There is nothing to show yet.")


def test_an_empty_file_is_nobodys_copy():
    assert fingerprint(b"\xef\xbb\xbf \r\n\n") == fingerprint(b"") == b"" != fingerprint(b"x")


# What students get

WRONG = check(
    [
        case("forward", "one row"),
        case("loss", "two rows", "failed", "is wrong at [1]"),
        case("step", "s", "missing", "your file doesn't define `step`"),
    ],
    BELIEF,
    printed="seen 42",
)


def test_full_feedback():
    for told in report([result("kim", WRONG, FIRST)]):
        words = Reader(told).words
        for expected in ("is wrong at [1]", "two rows", "x = [1, 2]", "seen 42", BELIEF.summary, "not in your file"):
            assert expected in words, expected
        assert "forward" in words and "김민수" in words and "0.33 of 1 points" in words


def test_brief_feedback_has_parts_and_diagnosis_but_no_case():
    for told in report([result("kim", WRONG, FIRST)], "brief"):
        words = Reader(told).words
        assert BELIEF.summary in words and "loss" in words and "not in your file" in words
        assert not any(secret in words for secret in ("is wrong at", "two rows", "[1, 2]", "seen 42"))


def test_no_feedback_is_verdict_and_score():
    for told in report([result("kim", WRONG, FIRST)], "none"):
        words = Reader(told).words
        assert "not passed yet" in words and "33 %" in words
        assert not any(secret in words for secret in (BELIEF.summary, "loss", "is wrong at", "two rows", "seen 42"))


def test_what_could_not_be_judged_keeps_its_trouble_from_students():
    for told in report([result("kim", None, FIRST, None, "out of memory on host7")]):
        words = Reader(told).words
        assert "This could not be judged" in words and "host7" not in words
        assert "not judged: ask" not in words and "ask your instructor" in words


def test_a_file_that_cannot_be_run_says_why():
    for told in report([result("kim", BROKEN, FIRST)]):
        assert "can't be run" in Reader(told).words and "SyntaxError: invalid syntax (line 1)" in Reader(told).words


def test_nothing_handed_in_is_told_once():
    marks = tuple(Mark(entry.number, "nothing", 0, 0, 1.5, 0, None, "nothing handed in") for entry in ENTRIES[1:4])
    dropped = Mark("9", "nothing", 0, 0, 1, 0, None, "nothing handed in; dropped: doesn't count", True)
    here = Mark("1", "failed", 1 / 3, 0.33, 1, 2, 0, "")
    page, text = report([result("kim", WRONG, FIRST)], marks=(here, *marks, dropped))
    assert "  nothing handed in for 2, 3, 4: 0 of 4.5\n" in text
    assert "  nothing handed in for 9: 0 of 1; dropped: doesn't count\n" in text
    assert Reader(text).words.count("nothing handed in") == Reader(page).words.count("nothing handed in") == 2
    assert "2 , 3 , 4 · nothing handed in 0 of 4.5" in Reader(page).words
    assert "2 days late" in text and "2 days late" in Reader(page).words


def test_a_student_with_everything_has_nothing_missing():
    (row,) = graded([Student("kim")], results := [result("kim", RIGHT, FIRST)])
    assert untouched(tell(row, results, "full").works) == []


def test_attempts_that_do_not_count_are_named():
    older = result("kim", BROKEN, FIRST, b"1", file="a_first.py")
    for told in report([older, result("kim", RIGHT, FIRST, b"2", file="b_second.py")]):
        assert re.search(r"a_first\.py ?: can't be run", Reader(told).words)


def test_the_text_fits_a_terminal():
    many = [result("kim", WRONG, entry) for entry in ENTRIES[:3]]
    (row,) = graded([Student("kim")], many, [entry.number for entry in ENTRIES])
    lines = student_text.text(tell(row, many, "full")).splitlines()
    assert max(map(len, lines)) <= 80 and sum("nothing handed in" in line for line in lines) == 1


# What a person should look at, as the judge really words it


def concerns_of(message, verdict="killed"):
    return concerns(result("kim", check([case("a", "b", verdict, message)]), FIRST))


def raised(error):
    """What the judge says of a worker that failed that way."""
    session = run.Session(lambda: None, b"", run.Allowance.of(1))
    found = session._fail(error)
    assert isinstance(found, Killed)
    return found.reason


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (3 << 8, "crashed"),
        (signal.SIGSEGV, "crashed"),
        (signal.SIGKILL, "crashed"),
        (signal.SIGXCPU, "crashed"),
        (signal.SIGABRT, "crashed"),
        (signal.SIGSYS, "suspicious"),
    ],
)
def test_ends_of_a_process(status, kind):
    assert os.WIFEXITED(status) or os.WIFSIGNALED(status)
    assert [one.kind for one in concerns_of(raised(run.Ended(forked.how(status))))] == [kind]


def test_breaches_of_the_protocol():
    assert concerns_of(raised(WireError("an answer to another question"))) == (
        Concern("suspicious", "wrote to the grader's channel itself"),
    )
    assert concerns_of(raised(TooLarge("5 MB"))) == ()


def test_every_ending_is_one_that_the_judge_words():
    """Messages that the judge no longer has would hide what they told."""
    source = "".join(Path(module.__file__).read_text("utf-8") for module in (run, forked))
    source += (Path(run.__file__).parent / "listening.py").read_text("utf-8")
    assert [start for start in ENDINGS if f'"{start}' not in source] == []


def test_every_end_that_forked_workers_word_is_known():
    texts = re.findall(r'raise Ended\(f?"(.+?)"\)|return Ended\("(.+?)"\)', Path(forked.__file__).read_text("utf-8"))
    messages = [re.sub(r"\{.*?\}", "256", one or other) for one, other in texts]
    assert len(messages) == 3
    for message in messages:
        assert [one.kind for one in concerns_of(message)] == ["suspicious"], message


def test_concerns_in_words():
    assert concerns(result("kim", GONE, FIRST)) == (
        Concern("crashed", "ended its process instead of answering"),
        Concern("suspicious", "closed the grader's channel"),
    )
    assert concerns(result("kim", None, FIRST, None, "no\nsandbox\x1b")) == (Concern("not judged", "no sandbox\\x1b"),)
    assert concerns(result("kim", RIGHT, FIRST)) == concerns(result("kim", WRONG, FIRST)) == ()


def test_what_a_submission_says_is_no_ending():
    assert concerns_of(f"raised ValueError: {CHANNEL}", "raised") == ()
    assert concerns_of(CHANNEL, "raised") == ()
