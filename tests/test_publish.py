"""What grading leaves behind for other programs. Exports of platforms are made up after the sources named in docs."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import files
from grader.batch import gradebook, scheme, scheme_file, spreadsheet
from grader.batch.model import RESULT, Attempt, Line, Mark, Result, Row, Student
from grader.errors import UsageError
from grader.models import SCHEMA, CaseReport, Check, Detail, Diagnosis, PartReport, Report, SandboxReport
from grader.publish import classroom50, gradescope, junit, lines, readable, sheets
from grader.publish.told import tell

HOSTILE = "=cmd|'/c calc'!A1\x00\x1b[31m\udc80\ufffe<b>&\"]]>\r\n\u202e=1"
SEED = "hidden-1234"
DIAGNOSIS = Diagnosis(
    "no_bias_correction", "Your Adam forgets its bias correction.", "What is m after a step?", "b", 1, 2
)
CASES = (
    CaseReport("a", "one", "passed", ""),
    CaseReport("b", "two", "failed", "a value is wrong"),
    CaseReport("b", "three", "raised", "raised ValueError: <secret> 0.5"),
    CaseReport("b", "four", "missing", "your file doesn't define `b`"),
)


def check(verdict="failed", score=0.5, cases=CASES, diagnosis=DIAGNOSIS):
    names = list(dict.fromkeys(case.part for case in cases))
    parts = tuple(
        PartReport(name, sum(c.verdict == "passed" for c in mine), len(mine))
        for name in names
        for mine in [[case for case in cases if case.part == name]]
    )
    sandbox = SandboxReport(("seccomp",), False)
    report = Report(SCHEMA, "17", "sgd", "ex17.py", verdict, score, 0, 0.1, parts, cases, diagnosis, sandbox)
    return Check(report, tuple(Detail("x = 0.5") for _ in cases), "printed")


PASSED = check("passed", 1.0, CASES[:1], None)


def result(found=None, exercise="17", student="kim", file="hw/ex17.py", trouble=None, submitted=None):
    attempt = Attempt(student, exercise, f"ex{exercise.replace('-', '_')}_sgd", file, b"source", submitted)
    return Result(attempt, found, trouble, "kit-1", SEED, 0.25)


def row(*marks, student=None, total=None, out_of=None):
    points = sum(mark.points for mark in marks) if total is None else total
    return Row(student or Student("kim", "김민수"), marks, points, out_of or float(sum(mark.weight for mark in marks)))


def graded(results, rules=None):
    rules = rules or scheme.even(list(dict.fromkeys(one.attempt.exercise for one in results)))
    (found,) = gradebook.rows([Student("kim")], map(lines.line_of, results), rules)
    return found


# results.jsonl


def test_a_line_says_what_came_of_an_attempt(tmp_path):
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    lines.write(tmp_path / "r.jsonl", [lines.line_of(result(check(), student="김", submitted=moment))])
    text = (tmp_path / "r.jsonl").read_text("utf-8")
    assert text.startswith('{"schema": "dlgrade/result/1", "student": "김", "exercise": "17", "file": "hw/ex17.py", ')
    assert json.loads(text) == {
        "schema": RESULT,
        "student": "김",
        "exercise": "17",
        "file": "hw/ex17.py",
        "verdict": "failed",
        "score": 0.5,
        "parts": [{"name": "a", "passed": 1, "cases": 1}, {"name": "b", "passed": 0, "cases": 3}],
        "diagnosis": "no_bias_correction",
        "seconds": 0.25,
        "submission_sha256": "41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d",
        "kit": "kit-1",
        "seed": SEED,
        "submitted": "2026-12-01T00:00:00+00:00",
        "trouble": None,
        "late": False,
    }
    assert list(json.loads(text)) == list(Line._fields)


def test_a_line_says_that_an_attempt_came_late():
    found = result(check())
    assert lines.line_of(found._replace(attempt=found.attempt._replace(late=True))).late


def test_json_that_people_read():
    cases = [{"name": f"case {n}", "message": '"quoted" \n\t é \u2028 김', "right": n % 2 == 0} for n in range(9)]
    value = {
        "none": None,
        "number": -0.5,
        "many": [1, 1e-300, True, False, 10**30],
        "empty": [{}, []],
        "cases": cases,
        "text": "x" * 300,
        "한글": "y",
    }
    told = readable.readable(value)
    assert json.loads(told) == value and list(json.loads(told)) == list(value)
    assert '  "empty": [{}, []],\n' in told and told.count('\n    {"name": "case ') == 9
    assert readable.readable(cases[0]) == readable.compact(cases[0])


def test_what_was_not_judged_has_its_trouble():
    line = lines.line_of(result(trouble="the machine is out of memory"))
    assert (line.verdict, line.score, line.parts, line.trouble) == (
        "not_judged",
        0.0,
        (),
        "the machine is out of memory",
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda name, file, score: lines.line_of(result(check(score=score), student=name, file=file)),
            st.text(),
            st.text(),
            st.floats(0, 1),
        )
    )
)
def test_lines_come_back_as_they_were_written(tmp_path_factory, some):
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    lines.write(path, some)
    assert list(lines.read(path)) == some
    assert path.read_bytes().count(b"\n") == len(some)


def test_halves_of_characters_are_spelt_out(tmp_path):
    line = lines.line_of(result(student="k\udcffim"))
    assert line.student == "k\\udcffim"
    lines.write(tmp_path / "r.jsonl", [line])
    assert list(lines.read(tmp_path / "r.jsonl")) == [line]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"score": "1"}, "score: Input should be a valid number"),
        ({"score": 1.5}, "score: it should be from 0 to 1"),
        ({"seconds": -1}, "seconds: it should be a number from 0"),
        ({"schema": "dlgrade/result/2"}, "schema: Input should be 'dlgrade/result/1'"),
        ({"more": 1}, "more: Extra inputs are not permitted"),
        ({"parts": [{"name": "a", "passed": 2, "cases": 1}]}, "parts: more cases passed than there are"),
        ({"submitted": "yesterday"}, "submitted: it should be a time like"),
    ],
)
def test_a_damaged_line_is_told_with_its_place(tmp_path, change, told):
    good = lines.as_json(lines.line_of(result(check())))
    path = tmp_path / "r.jsonl"
    path.write_text(f"{good}\n{json.dumps(json.loads(good) | change)}\n", "utf-8")
    with pytest.raises(UsageError, match=re.escape(f"{path}:2: {told}")):
        list(lines.read(path))


def test_a_line_that_was_cut_off_is_told(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text(lines.as_json(lines.line_of(result(check())))[:-20], "utf-8")
    with pytest.raises(UsageError, match=r"r\.jsonl:1: .*Invalid JSON"):
        list(lines.read(path))
    with pytest.raises(UsageError, match=r"none\.jsonl can't be read"):
        list(lines.read(tmp_path / "none.jsonl"))


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file"
    files.save(path, [b"old"])

    def broken():
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.save(path, broken())
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(UsageError, match="can't be written"):
        files.save(path / "below", [b"x"])


def test_a_file_that_says_the_same_stays_as_it_is(tmp_path):
    path = tmp_path / "file"
    files.keep(path, b"old")
    before = path.stat()
    files.keep(path, b"old")
    assert path.stat().st_ino == before.st_ino and path.stat().st_mtime_ns == before.st_mtime_ns
    files.keep(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes((1 << 20) + 1))
    assert len(files.read(path, 2 << 20, "roster", "a table")) == (1 << 20) + 1
    with pytest.raises(UsageError, match="file is larger than 1 MiB, which no roster is; give a table"):
        files.read(path, 1 << 20, "roster", "a table")


# gradebook.csv


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_gradebook():
    first = row(
        Mark("17", "failed", 0.3333, 0.33, 1.0, 0, 0, ""),
        Mark("12-1", "not_judged", 0.0, 0.0, 1.0, 0, 0, gradebook.NOT_JUDGED, unjudged=True),
        Mark("3", "failed", 0.5, 0.5, 1.0, 0, 0, gradebook.DROPPED, dropped=True),
        student=Student("kim", "김, 민수", "kim@example.org", "1"),
        total=0.33,
        out_of=2.0,
    )
    content = sheets.gradebook([first])
    assert content.startswith(b"\xef\xbb\xbfstudent,") and content.count(b"\r\n") == content.count(b"\n") == 2
    assert content.decode("utf-8-sig").splitlines() == [
        "student,name,email,section,total,out_of,percent,needs_human,ex17,ex12-1,ex3",
        'kim,"김, 민수",kim@example.org,1,0.33,2,16.5,ex12-1,0.33,,',
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u3000=1",
        "\xa0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠A1",
        '"=1',
        "'=1",
        "a;=1",
        'a"; =1',
        '=HYPERLINK("http://x","y")',
        HOSTILE,
    ],
)
def test_nothing_in_the_gradebook_is_a_formula(text):
    found = sheets.gradebook([row(Mark("17", "passed", 1, 1.0, 1.0), student=Student(text, text, text, text))])
    (_, cells) = read_csv(found)
    assert len(cells) == 9
    for cell in cells[:4]:
        for piece in cell.split(";"):
            assert not piece.lstrip(" \t\r\n\u3000\xa0\u200b\ufeff").startswith(tuple("=+-@＝＋－＠"))
    assert cells[4:] == ["1", "1", "100", "", "1"]


@settings(max_examples=100)
@given(st.lists(st.text(), min_size=4, max_size=4))
def test_a_gradebook_of_whatever_names_is_read_again(texts):
    content = sheets.gradebook([row(Mark("17", "passed", 1, 1.0, 1.0), student=Student(*texts))])
    assert [len(cells) for cells in read_csv(content)] == [9, 9]
    assert read_csv(content)[1][4:7] == ["1", "1", "100"]


def test_plain_text_stays_as_it_is():
    assert [spreadsheet.cell(text) for text in ("김민수", "O'Neil", "a-b@c.org", "2026-1")] == [
        "김민수",
        "O'Neil",
        "a-b@c.org",
        "2026-1",
    ]


# Exports of learning platforms

KIM = Student("kim", "김민수", "kim@example.org")
LEE = Student("2026002", "Lee Jiwoo", "lee@example.org")
PARK = Student("park", "Park")


def two(student, first=0.5, second=1.0, **more):
    """A row with points for 17, of 1, and 12-1, of 3."""
    return row(
        Mark("17", "failed", first, first, 1.0), Mark("12-1", "passed", 1.0, 3 * second, 3.0), student=student, **more
    )


ROWS = [two(KIM), two(LEE, 1.0, 0.5), two(PARK)]

CANVAS = """\
\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Notes,17 Optimisers (501),\
"Ex 12_1, ""linearity"" (502)",Essay (503),Current Score,Final (2026)
,,,,,,Manual Posting,,,,
    Points Possible,,,,,,10.00,3.00,5.00,(read only),(read only)
"김, 민수",101,,kim@example.org,1,"=1+1",,2.5,4.00,80.0,1
"Jiwoo, Lee",102,2026002,jlee,"1 and 2", x ,N/A,,,,
"Student, Test",103,,f00d,1,,,,,,
""".replace("\n", "\r\n")


@pytest.fixture
def export(tmp_path):
    def export(text, encoding="utf-8"):
        path = tmp_path / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return export


def test_canvas_exercises_are_filled_in_and_nothing_else(export):
    filled = sheets.fill(export(CANVAS), ROWS)
    expected = CANVAS.replace('"=1+1",,2.5,', '"=1+1",5,3,').replace(" x ,N/A,,", " x ,N/A,1.5,")
    assert filled.text.decode() == expected
    assert filled.columns == ("17 Optimisers (501)", 'Ex 12_1, "linearity" (502)')
    assert (filled.unmatched, filled.missing, filled.withheld) == (("Student, Test",), ("park",), ())


def test_canvas_total_goes_into_the_column_that_is_named(export):
    filled = sheets.fill(export(CANVAS), ROWS, "essay")
    expected = CANVAS.replace(",2.5,4.00,80.0", ",2.5,4.38,80.0").replace(" x ,N/A,,,", " x ,N/A,,3.13,")
    assert filled.text.decode() == expected  # 3.5 and 2.5 of 4, of 5 possible
    assert filled.columns == ("Essay (503)",)


def test_canvas_only_assignment_gets_the_total(export):
    text = "LastName,FirstName,ID,SIS Login ID,Section,Homework 2 (7)\n    Points Possible,,,,,100\nPark,,9,park,1,\n"
    filled = sheets.fill(export(text), ROWS)
    assert filled.text.decode() == text.replace("park,1,\n", "park,1,87.5\n")


def test_canvas_with_semicolons_and_commas_in_numbers(export):
    text = 'Student;ID;SIS Login ID;Section;17 (5)\n"    Points Possible";;;;10,00\n김민수;9;x;1;"0,00"\n'
    filled = sheets.fill(export(text, "cp949"), [two(KIM, 0.65)])
    assert filled.text == text.replace('"0,00"', '"6,5"').encode("cp949")
    odd = 'Student,ID,SIS Login ID,Section,17 (5)\n    Points Possible,,,,"10,00"\n김민수,9,x,1,""\n이,1,y,1,"1,00"\n'
    filled = sheets.fill(export(odd), [two(KIM, 0.65)])
    assert filled.text.decode() == odd.replace('x,1,""', 'x,1,"6,5"')


def test_what_could_not_be_judged_is_not_filled_in(export):
    unclear = Row(
        KIM,
        (Mark("17", "not_judged", 0, 0.0, 1.0, 0, 0, gradebook.NOT_JUDGED, unjudged=True), *two(KIM).marks[1:]),
        3.0,
        4.0,
    )
    filled = sheets.fill(export(CANVAS), [unclear])
    assert filled.text.decode() == CANVAS.replace('"=1+1",,2.5,', '"=1+1",,3,')
    assert filled.withheld == ("kim",)
    filled = sheets.fill(export(CANVAS), [unclear], "Essay (503)")
    assert filled.text.decode() == CANVAS and filled.withheld == ("kim",)


def test_canvas_columns_may_be_called_by_name(export):
    text = "Student,ID,SIS Login ID,Section,Week 3: SGD RMSprop-Adam (1),Linearity Collapse! (2)\n"
    text += "    Points Possible,,,,1,3\nPark,9,park,1,,\n"
    names = {"17": ("sgd_rmsprop_adam", "최적화"), "12-1": ("linearity_collapse",)}
    filled = sheets.fill(export(text), ROWS, names=names)
    assert filled.text.decode() == text.replace("park,1,,", "park,1,0.5,3")


@pytest.mark.parametrize(
    ("head", "column", "told"),
    [
        (
            "Essay (1),Exam (2)",
            None,
            "no column is an exercise; name the one for the total with `--column`: Essay (1), ",
        ),
        ("Homework 17 (1),Week 12-1 (2)", None, "no column is an exercise"),
        ("17 (1),ex17 again (2)", None, "17 (1), ex17 again (2) are both exercise 17; name one column with `--column`"),
        ("Essay (1),Exam (2)", "Esay", "no column Esay can be filled in; did you mean Essay (1)?"),
        ("Essay (1),Essay (2)", "Essay", "several columns are called Essay; give one as a whole: Essay (1), Essay (2)"),
        ("Essay (1),Total", "Total", "no column Total can be filled in"),
        ("Essay", None, "no column is an exercise; name the one for the total with `--column`: none"),
    ],
)
def test_unclear_columns_are_asked_about(export, head, column, told):
    width = len(head.split(","))
    text = f"Student,ID,SIS Login ID,Section,{head}\n    Points Possible,,,{',1' * width}\nPark,9,park,1{',' * width}\n"
    with pytest.raises(UsageError) as caught:
        sheets.fill(export(text), ROWS, column)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("title", "exercise"),
    [
        ("17", "17"),
        ("17. Optimisers", "17"),
        ("Exercise 17", "17"),
        ("ex17_sgd", "17"),
        ("#17", "17"),
        ("문제 17", "17"),
        ("ex012_1_linearity", "12-1"),
        ("12-1", "12-1"),
        ("12.1 Linearity", "12-1"),
        ("12", None),
        ("171", None),
        ("17-2 more", None),
        ("Homework 17", None),
        ("2017", None),
    ],
)
def test_columns_that_begin_with_a_number(export, title, exercise):
    text = f"Student,ID,SIS Login ID,Section,{title} (1),Exam (2)\n    Points Possible,,,,,\nPark,9,park,1,,\n"
    if exercise is None:
        with pytest.raises(UsageError, match="no column is an exercise"):
            sheets.fill(export(text), ROWS)
    else:
        points = {"17": "0.5", "12-1": "3"}[exercise]
        assert sheets.fill(export(text), ROWS).text.decode() == text.replace("park,1,,", f"park,1,{points},")


WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Online text","Last modified (grade)","Feedback comments"
"Participant 501",김민수,kim@example.org,"Submitted for grading",,100.00,Yes,"Tuesday, 1 December 2026, 1:00 PM","<p>a
b, ""c""</p>",-,
"Participant 502","Jiwoo Lee",jiwoo@example.org,"Submitted for grading","12.00",50.00,Yes,-,,-,"gut
gemacht"
"Participant 503",Park,park@example.org,"No submission",7.00,100.00,No,-,,-,
"Participant 504",Choi,choi@example.org,"No submission",,100.00,Yes,-,,-,
"""


def test_a_moodle_worksheet(export):
    filled = sheets.fill(export(WORKSHEET), ROWS)
    expected = WORKSHEET.replace('grading",,100.00', 'grading",87.5,100.00').replace('"12.00",50.00', '"31.25",50.00')
    assert filled.text.decode() == expected
    assert (filled.unmatched, filled.missing, filled.columns) == (("Choi",), ("park",), ("Grade",))
    assert sheets.fill(export(WORKSHEET), ROWS, "grade").text == filled.text
    with pytest.raises(UsageError, match="no column Points can be filled in; the one of a grading worksheet is Grade"):
        sheets.fill(export(WORKSHEET), ROWS, "Points")


def test_a_moodle_worksheet_in_korean(export):
    text = '식별자,성명,"이메일 주소",상태,성적,"최대 성적","마지막 수정됨(성적)"\n'
    text += "참가자501,김민수,k@example.org,제출,,10.00,-\n"
    for encoding in ("utf-8", "utf-8-sig", "cp949", "utf-16"):
        filled = sheets.fill(export(text, encoding), ROWS)
        assert filled.text.decode(encoding) == text.replace("제출,,", "제출,8.75,")


def test_moodle_knows_students_by_the_number_of_a_participant(export):
    filled = sheets.fill(export(WORKSHEET), [two(Student("504"))])
    assert filled.text.decode() == WORKSHEET.replace(
        'choi@example.org,"No submission",', 'choi@example.org,"No submission",87.5'
    )
    assert filled.missing == ()


def test_a_moodle_gradebook(export):
    text = (
        '"First name","Last name","ID number","Email address","Assignment: 17 Optimisers (Real)","Quiz: Essay (Real)",'
        '"Assignment: 17 Optimisers (Feedback)","Course total (Real)","Last downloaded from this course"\r\n'
        "Jiwoo,Lee,2026002,j@example.org,-,5.00,,10.00,1764550000\r\n"
        "민수,김,,other@example.org,0.00,5.00,,10.00,1764550000\r\n"
    )
    filled = sheets.fill(export(text), ROWS)
    assert filled.text.decode() == text.replace("org,-,5", "org,1,5").replace("org,0.00,5", "org,0.5,5")
    assert (filled.columns, filled.missing) == (("Assignment: 17 Optimisers (Real)",), ("park",))
    filled = sheets.fill(export(text), ROWS, "Quiz: Essay (Real)")
    assert filled.text.decode() == text.replace("-,5.00", "-,2.5").replace("0.00,5.00", "0.00,3.5")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a,b\n1,2\n", "is neither from Canvas nor from Moodle by its first row"),
        (b"", "is no table of comma-separated values"),
        (b'Student,"ID" x,Section\n', ":1: a quotation mark is out of place"),
        (b'Student,"ID\n', ":1: a quotation mark is out of place"),
        (b"\x80\xff\x00", "is neither UTF-8 nor UTF-16 nor cp949"),
        (b"\xef\xbb\xbf\xff", "is neither UTF-8 nor UTF-16 nor cp949"),
    ],
)
def test_other_files_are_told_so(export, text, told):
    with pytest.raises(UsageError, match=re.escape(told)):
        sheets.fill(export(text), ROWS)


def test_nobody_gets_points_of_somebody_else(export):
    """Two of one name, and an id that is somebody else's number."""
    head = "Student,ID,SIS User ID,SIS Login ID,Section,17 (1)\n    Points Possible,,,,,1\n"
    twins = head + "김민수,1,7,a,1,\n김민수,2,8,b,1,\n"
    filled = sheets.fill(export(twins), ROWS)
    assert filled.text.decode() == twins and filled.unmatched == ("김민수", "김민수")
    filled = sheets.fill(export(twins), [two(Student("8", "김민수"))])
    assert filled.text.decode() == twins.replace("b,1,", "b,1,0.5")
    crossed = head + "A,1,2,a,1,\nB,2,1,b,1,\n"
    assert sheets.fill(export(crossed), [two(Student("1"))]).text.decode() == crossed
    alike = [two(Student("x1", "Park Jin")), two(Student("x2", "Jin Park"))]
    one = head + '"Park, Jin",1,7,a,1,\n'
    filled = sheets.fill(export(one), alike)
    assert (filled.text.decode(), filled.missing) == (one, ("x1", "x2"))


CELLS = st.text(st.sampled_from('a가 ,;"\n\r\t=0'), max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_cells_that_are_not_filled_in_stay_byte_by_byte(tmp_path_factory, extra, end):
    table = io.StringIO()
    writer = csv.writer(table, lineterminator=end)
    writer.writerow(["Student", "ID", "SIS Login ID", "Section", "Notes", "17 (1)"])
    writer.writerow(["    Points Possible", "", "", "", "", "4"])
    for number, (name, note) in enumerate(extra):
        writer.writerow([f"x{number}{name}", str(number), f"login{number}", "1", note, "3"])
    writer.writerow(["Park", "99", "park", "1", "=1", "NEW"])
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    path.write_bytes(table.getvalue().encode())
    filled = sheets.fill(path, [two(PARK)])
    assert filled.text == table.getvalue().encode().replace(b"=1,NEW", b"=1,2")


# JUnit

ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id"},
    "testcase": {"name", "assertions", "time", "classname", "status"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out"},
    "testcase": {"failure", "error", "skipped"},
}


def valid(content):
    """The document, parsed, after a check of its structure against the schema of Jenkins."""
    root = ElementTree.fromstring(content)
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for suite in root:
        assert {"name", "tests"} <= set(suite.attrib) and float(suite.get("time")) >= 0
        assert all("name" in case.attrib and len(case) <= 1 for case in suite.iter("testcase"))
        tags = [child.tag for child in suite]
        assert tags == sorted(tags, reverse=True), "tests come before what was printed"
        for counted, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(suite.get(counted)) == len(list(suite.iter(tag)))
    for counted in ("tests", "failures", "errors"):
        assert int(root.get(counted)) == sum(int(suite.get(counted)) for suite in root)
    return root


def outcomes(root):
    return [
        (case.get("classname"), case.get("name"), *((child.tag, child.get("message")) for child in case))
        for case in root.iter("testcase")
    ]


def test_junit_with_full_feedback_has_every_case():
    root = valid(junit.xml("kim", [result(check()), result(PASSED, "18")], "full"))
    assert [suite.get("name") for suite in root] == ["17", "18"]
    assert outcomes(root) == [
        ("17.a", "one"),
        ("17.b", "two", ("failure", "a value is wrong")),
        ("17.b", "three", ("error", "raised ValueError: <secret> 0.5")),
        ("17.b", "four", ("failure", "your file doesn't define `b`")),
        ("18.a", "one"),
    ]
    assert root.find("testsuite/system-out").text.startswith(DIAGNOSIS.summary)


def test_junit_with_brief_feedback_has_parts_and_with_none_the_verdict():
    brief = junit.xml("kim", [result(check())], "brief")
    assert outcomes(valid(brief)) == [("17", "a"), ("17", "b", ("failure", "0 of 3 cases passed"))]
    assert "bias" in brief and "secret" not in brief and "three" not in brief
    none = junit.xml("kim", [result(check())], "none")
    assert outcomes(valid(none)) == [("17", "17", ("failure", "score 0.5"))]
    assert "bias" not in none and "secret" not in none


@pytest.mark.parametrize("feedback", ["full", "brief", "none"])
def test_junit_skips_what_was_not_judged_and_keeps_the_trouble_to_the_instructor(feedback):
    content = junit.xml("kim", [result(trouble="no /home/teacher here")], feedback)
    assert outcomes(valid(content)) == [("17", "17", ("skipped", gradebook.NOT_JUDGED))]
    assert "teacher" not in content


def test_junit_of_a_file_that_cannot_be_run():
    broken = check("error", 0.0, (CaseReport("a", "one", "raised", "raised SyntaxError"),), None)
    assert [
        tests[2][0]
        for level in ("full", "brief", "none")
        for tests in outcomes(valid(junit.xml("kim", [result(broken)], level)))
    ] == ["error"] * 3


def test_junit_tells_several_attempts_apart():
    root = valid(junit.xml("kim", [result(check(), file="a.py"), result(PASSED, file="b.py")], "none"))
    assert [suite.get("name") for suite in root] == ["17 (a.py)", "17 (b.py)"]
    assert len(valid(junit.xml("kim", [], "full"))) == 0


@settings(max_examples=100, deadline=None)
@given(st.text() | st.just(HOSTILE) | st.text(st.characters(categories=["Cc", "Cs", "Cf"])))
def test_junit_of_hostile_text_is_read_again(text):
    cases = (CaseReport(text, text, "raised", text), CaseReport("p", text, "failed", text))
    found = result(check(cases=cases, diagnosis=DIAGNOSIS._replace(summary=text)), file=text)
    root = valid(junit.xml(text, [found, found], "full"))
    assert len(list(root.iter("testcase"))) == 4


# Gradescope


def gradescope_valid(document):
    """Every score on top is the sum of those of the tests, and all is as the specification has it."""
    json.dumps(document, allow_nan=False)
    visible = {"visible", "hidden", "after_due_date", "after_published"}
    assert document["visibility"] in visible and document["stdout_visibility"] in visible
    assert {document[f"{of}output_format"] for of in ("", "test_")} == {"text"}
    for test in document["tests"]:
        assert set(test) <= {"name", "number", "score", "max_score", "status", "output", "visibility"}
        assert test.get("status", "passed") in ("passed", "failed")
        assert ("score" in test) == ("max_score" in test) and test.get("score", 0) <= test.get("max_score", 0)
    assert round(sum(test.get("score", 0) for test in document["tests"]), 2) == document["score"]
    return document


def test_gradescope():
    results = [result(check()), result(PASSED, "18"), result(trouble="out of /memory", exercise="3")]
    document = gradescope_valid(gradescope.document(tell(graded(results), results, "full")))
    assert (document["score"], document["execution_time"], document["output"]) == (1.5, 0.75, "1.5 of 3 points")
    first, second, third = document["tests"]
    assert first == {
        "name": "17 sgd",
        "number": "17",
        "score": 0.5,
        "max_score": 1.0,
        "status": "failed",
        "output": "not passed yet: 0.5 of 1 points\na: 1 of 1 cases passed\nb: 0 of 3 cases passed\n"
        "Your Adam forgets its bias correction.\nWhat is m after a step?\n"
        "b, two: a value is wrong\nb, three: raised ValueError: <secret> 0.5",
        "visibility": "visible",
    }
    assert (second["status"], second["score"]) == ("passed", 1.0)
    assert "status" not in third and third["output"] == gradebook.NOT_JUDGED


def test_gradescope_tells_what_the_feedback_allows():
    results = [result(check())]
    brief, none = (str(gradescope.document(tell(graded(results), results, level))) for level in ("brief", "none"))
    assert "bias" in brief and "0 of 3" in brief and "secret" not in brief and "three" not in brief
    assert "bias" not in none and "0 of 3" not in none and "secret" not in none


@pytest.mark.parametrize(
    "text",
    [
        "[course]\ntotal = 100\n[weights]\n17 = 3\n",
        "[caps]\ntotal = 1.2\n",
        "[course]\ndrop_lowest = 1\n",
        "[weights]\n17 = 0.33\n18 = 0\n",
        "[late]\nper_day = 0.1\ndeadline = 2026-11-30T00:00:00Z\n",
    ],
)
def test_scores_add_up_whatever_the_scheme(tmp_path, text):
    (tmp_path / "scheme.toml").write_text(text)
    rules = scheme_file.read(tmp_path / "scheme.toml", ["17", "18", "3"])
    moment = datetime(2026, 12, 1, 12, tzinfo=UTC)
    results = [result(check(score=0.6667), submitted=moment), result(PASSED, "18", submitted=moment)]
    found = graded(results, rules)
    document = gradescope_valid(gradescope.document(tell(found, results, "full")))
    assert document["score"] == found.total
    assert round(sum(test.get("max_score", 0) for test in document["tests"]), 2) == found.out_of
    classroom50_valid(classroom50.document(found, ENVIRONMENT))


def test_gradescope_of_hostile_text_is_plain():
    cases = (CaseReport("p", "c", "raised", HOSTILE),)
    results = [result(check(cases=cases), file=HOSTILE)]
    text = gradescope.document(tell(graded(results), results, "full"))["tests"][0]["output"]
    assert text.replace("\n", "").isprintable() and "\\x1b[31m\\udc80" in text


# Classroom 50

ENVIRONMENT = {
    "CLASSROOM": "dl",
    "ASSIGNMENT": "hw1",
    "USERNAME": "kim",
    "SUBMISSION_TAG": "submit/2026-12-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/x/y/commit/a",
    "RELEASE_URL": "https://github.com/x/y/releases/tag/b",
    "REVIEW_URL": "https://github.com/x/y/compare/c",
}
FIELDS = {"schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release", "review"}


def classroom50_valid(document):
    """What schemas/result-v1.schema.json and the runner ask for."""
    assert set(document) == FIELDS | {"datetime", "score", "max-score", "tests"}
    assert all(isinstance(document[name], str) and document[name] for name in FIELDS)
    assert document["schema"] == "classroom50/result/v1" and document["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", document["datetime"])
    for one in (document, *document["tests"]):
        assert type(one["score"]) is type(one["max-score"]) is int and 0 <= one["score"] <= one["max-score"]
    assert all(test["test-name"] and type(test["passed"]) is bool for test in document["tests"])
    for name in ("score", "max-score"):
        assert sum(test[name] for test in document["tests"]) == document[name]
    return document


def test_classroom50():
    found = graded([result(check(score=0.3333)), result(PASSED, "18"), result(exercise="3", trouble="x")])
    document = classroom50_valid(classroom50.document(found, ENVIRONMENT))
    assert (document["score"], document["max-score"]) == (133, 300)
    assert (document["owner"], document["datetime"]) == ("kim", "2026-12-01T14:32:05Z")
    assert document["tests"] == [
        {
            "test-name": "17",
            "passed": False,
            "score": 33,
            "max-score": 100,
            "output": "not passed yet: 0.33 of 1 points",
        },
        {"test-name": "18", "passed": True, "score": 100, "max-score": 100, "output": "passed: 1 of 1 points"},
        {"test-name": "3", "passed": False, "score": 0, "max-score": 100, "output": gradebook.NOT_JUDGED},
    ]


def test_classroom50_by_its_environment():
    found = graded([result(PASSED)])
    more = {**ENVIRONMENT, "OWNER": "team", "ASSIGNMENT_TYPE": " Group ", "REVIEW_URL": ""}
    document = classroom50_valid(classroom50.document(found, more))
    assert (document["owner"], document["assignment_type"]) == ("team", "group")
    assert document["review"] == ENVIRONMENT["COMMIT_URL"]
    for name in ENVIRONMENT.keys() - {"REVIEW_URL"}:
        with pytest.raises(UsageError, match=rf"{name} isn't set"):
            classroom50.document(found, {key: value for key, value in ENVIRONMENT.items() if key != name})
    with pytest.raises(UsageError, match="should begin with submit/"):
        classroom50.document(found, {**ENVIRONMENT, "SUBMISSION_TAG": "v1"})
    assert "datetime" not in classroom50.document(found, {**ENVIRONMENT, "SUBMISSION_TAG": "submit/odd"})
