"""A made-up class for the tests of pages: results without judging anything."""

from grader import kit
from grader.batch import gradebook, scheme
from grader.batch.model import Attempt, Result, Student, Unplaced
from grader.models import SCHEMA, CaseReport, Check, Detail, Diagnosis, PartReport, Report, SandboxReport
from grader.publish import class_page, lines
from grader.publish.overview import Overview

ENTRIES = kit.entries(kit.builtin())
BELIEF = Diagnosis(
    "sums_instead_of_means", "Your loss is a sum over the batch.", "What does `mean` divide by?", "loss", 3, 4
)
HASTY = Diagnosis("forgets_the_bias", "Your layer leaves out `b`.", "What is `f(0)`?", "forward", 4, 4)


def case(part, name, verdict="passed", message=""):
    return CaseReport(part, name, verdict, message)


def check(cases, diagnosis=None, verdict=None, printed="", details=None, number="17"):
    """A check whose parts, score and verdict follow from its cases."""
    parts = tuple(
        PartReport(name, sum(one.verdict == "passed" for one in mine), len(mine))
        for name in dict.fromkeys(one.part for one in cases)
        for mine in [[one for one in cases if one.part == name]]
    )
    score = sum(part.passed == part.cases for part in parts) / len(parts) if parts else 0.0
    verdict = verdict or ("passed" if score == 1 else "failed")
    sandbox = SandboxReport(("seccomp",), network=False)
    report = Report(SCHEMA, number, "x", "x.py", verdict, score, 0, 0.1, parts, tuple(cases), diagnosis, sandbox)
    return Check(report, tuple(details or (Detail("x = [1, 2]") for _ in cases)), printed)


def result(student, check, entry, source=None, trouble=None, seconds=0.2, file=None):
    source = f"# {student} {entry.number}".encode("utf-8", "surrogatepass") if source is None else source
    attempt = Attempt(student, entry.number, entry.stem, file or f"{student}/{entry.stem}.py", source)
    return Result(attempt, check, trouble, "kit", "0", seconds)


def graded(students, results, numbers=None):
    """The gradebook's rows, each exercise one point."""
    return gradebook.rows(students, map(lines.line_of, results), scheme.even(numbers or numbers_of(results)))


def numbers_of(results):
    return [entry.number for entry in ENTRIES if any(one.attempt.exercise == entry.number for one in results)]


def class_html(students, results, unplaced=(), unknown=(), numbers=None):
    overview = Overview(ENTRIES)
    for one in results:
        overview.add(one)
    rows = graded(students, results, numbers)
    return class_page.html(overview, rows, unplaced, unknown, where)


def where(student):
    ids = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in student[:40])
    return f"students/{ids}/report.html"


FAMILIES = [
    "김",
    "이",
    "박",
    "최",
    "정",
    "강",
    "조",
    "윤",
    "장",
    "임",
    "Smith",
    "García",
    "O’Brien",
    "Müller",
    "Nguyễn",
]
GIVEN = ["민준", "서연", "하은", "도윤", "Ada", "Grace", "Alan", "Émilie", "Kurt", "Sofia"]


def a_class(count, entries=ENTRIES):
    """`count` students with attempts of all kinds at these exercises, the same each time."""
    students = [
        Student(f"2026{n:05}", f"{FAMILIES[n % len(FAMILIES)]} {GIVEN[n * 7 % len(GIVEN)]}") for n in range(count)
    ]
    kinds = {entry.number: _kinds(entry.number) for entry in entries}
    results = []
    for n, student in enumerate(students):
        for place, entry in enumerate(entries):
            if kind := _kind(n, place):
                found = kinds[entry.number].get(kind)
                trouble = None if found else "the sandbox could not be started: out of memory"
                results.append(result(student.id, found, entry, None, trouble, 0.05 + (n * 31 + place * 17) % 97 / 40))
    same = [result(one.id, kinds[entries[0].number]["right"], entries[0], b"def f(): 1\n") for one in students[:3]]
    unplaced = (
        Unplaced(f"{students[0].id}/notes/what I think about all of this.docx", students[0].id, "isn't Python"),
        Unplaced(f"loose/homework (2).zip!a/b/very_long_name_of_a_file_{'x' * 60}", None, "no name"),
    )
    return students, [*results, *same], unplaced, ("guest@example.com",)


def _kind(n, place):
    """What a student did with an exercise: diligent ones come to the end, others don't."""
    if place > 4 + n * 13 % 60 or n % 29 == 28:
        return None
    luck = (n * 37 + place * 11 + n * place) % 50
    bounds = {"crash": 1, "broken": 2, "unjudged": 3, "channel": 4, "partly": 9, "sums": 15, "bias": 19, "empty": 22}
    return next((kind for kind, bound in bounds.items() if luck < bound and (kind != "unjudged" or n < 60)), "right")


def _kinds(number):
    """A check for each kind; none for what isn't judged."""

    def cases(**verdicts):
        """Twelve cases of three parts; verdicts: of those that don't pass, by part."""
        wrong = {"failed": "is wrong at [2, 3]: got 0.5, expected 0.25", "raised": "raised ValueError: shapes (2, 3)"}
        wrong["missing"] = "your file doesn't define `step`"
        return [
            case(part, f"{part} of {size}", *_told(verdicts.get(part), place, wrong))
            for part in ("forward", "loss", "step")
            for place, size in enumerate(("one row", "many rows", "an empty batch", "huge values"))
        ]

    killed = "your code ended the process (exit status 3) before it answered"
    channel = "your code closed the grader's channel; return values and leave its files alone"
    syntax = case("forward", "forward of one row", "raised", "SyntaxError: '(' was never closed (line 3)")
    return {
        "right": check(cases(), number=number),
        "partly": check(cases(loss="failed"), number=number),
        "sums": check(cases(loss="failed", step="raised"), BELIEF, number=number),
        "bias": check(cases(forward="failed"), HASTY, number=number),
        "empty": check(cases(step="missing"), number=number),
        "broken": check([syntax], verdict="error", number=number),
        "crash": check([*cases(), case("more", "last", "killed", killed)], number=number),
        "channel": check([*cases(), case("more", "last", "killed", channel)], number=number),
    }


def _told(verdict, place, wrong):
    return (verdict, wrong[verdict]) if verdict and (place or verdict == "missing") else ("passed", "")
