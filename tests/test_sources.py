"""What is laid out for programs that look for copied code, and folder names for students."""

import csv
import io
import unicodedata
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import names
from grader.batch.model import Attempt, Intake, Student, Unplaced
from grader.batch.names import folders, safe_name
from grader.batch.sources import lay_out
from grader.batch.spreadsheet import cell
from grader.errors import UsageError
from tests import toy

STEM = toy.ENTRY.stem
TWO = [STEM, f"{STEM}_2"]


def attempt(student, source=b"x = 1\n", **fields):
    return Attempt(student, "1", STEM, **({"file": f"{student}/ex01.py"} | fields), source=source)


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


# Names

NAMES = {
    "kim": "kim",
    "김철수": "김철수",
    unicodedata.normalize("NFD", "김철수"): "김철수",
    "Kim Chul-su": "Kim_Chul-su",
    "kim@school.edu": "kim@school.edu",
    "../../etc/passwd": "_.._etc_passwd",
    'a/b\\c:d*e?f"g<h>i|j': "a_b_c_d_e_f_g_h_i_j",
    "-rf": "rf",
    ".hidden": "hidden",
    "ends with a dot.": "ends_with_a_dot",
    "con": "_con",
    "LPT1.txt": "_LPT1.txt",
    "com²": "_com²",
    "console": "console",
    "": "_",
    "...": "_",
    "$(reboot)`x`\n;'": "__reboot__x____",
    "zero\u200bwidth\u202e": "zero_width_",
}


@pytest.mark.parametrize("id", NAMES)
def test_a_safe_name(id):
    assert safe_name(id) == NAMES[id]


def test_long_names_are_cut_between_letters():
    assert safe_name("김" * 100) == "김" * 26
    assert len(folders(["김" * 100, "김" * 101])["김" * 100].encode()) <= 100


def test_ids_that_would_be_one_folder_all_get_a_mark():
    made = folders(["Kim", "kim", "KIM", "lee", "a b", "a_b", "Ärger", "a\u0308rger"])
    assert made["lee"] == "lee"
    assert len({name.casefold() for name in made.values()}) == 8
    assert all(made[id].startswith(f"{id}-") for id in ("Kim", "kim", "KIM"))


def test_somebody_may_be_called_like_a_mark():
    first = folders(["Kim", "kim"])
    made = folders(["Kim", "kim", first["kim"], first["Kim"]])
    assert len({name.casefold() for name in made.values()}) == 4
    assert made[first["kim"]] == first["kim"] != made["kim"]


@given(st.lists(st.text(st.sampled_from("aAbB .-_/:김e\u0301é"), max_size=4), max_size=12), st.randoms())
def test_folders_are_safe_different_and_the_same_in_any_order(ids, random):
    made = folders(ids)
    assert made.keys() == set(ids)
    keys = [unicodedata.normalize("NFD", name.casefold()) for name in made.values()]
    assert len(keys) == len(set(keys))
    assert all(name and not name.startswith((".", "-")) and not set(name) & set('/\\:*?"<>| ') for name in keys)
    random.shuffle(ids)
    assert folders(ids) == made


@given(st.text(max_size=60))
def test_any_text_gives_a_name_that_can_be_written(text):
    name = safe_name(text)
    assert 0 < len(name.encode()) <= names.MOST_BYTES + 1
    assert name.partition(".")[0].casefold() not in names.RESERVED


# Cells of tables

CELLS = {
    "kim": "kim",
    "=1+1": "'=1+1",
    "  @SUM(A1)": "'  @SUM(A1)",
    "＝cmd": "'＝cmd",
    "+82 10": "'+82 10",
    "-": "'-",
    "\t=1": "\\t=1",
    "a\r\n=1": "a\\r\\n=1",
    "\x1b[31m": "\\x1b[31m",
    "": "",
}


@pytest.mark.parametrize("text", CELLS)
def test_a_cell(text):
    assert cell(text) == CELLS[text]


# What is laid out

when = datetime(2030, 3, 1, 12, 30, tzinfo=UTC)
CLASS = Intake(
    students=(Student("kim", "김철수", section="B"), Student("Lee", "=HYPERLINK(1)")),
    attempts=(
        attempt("kim", b"\xef\xbb\xbfx = 1\r\n", submitted=when),
        attempt("kim", b"x = 2\n", file="kim/again.ipynb#1"),
        attempt("lee"),
        attempt("Lee", b"\xff not utf-8"),
    ),
    unplaced=(Unplaced("kim/notes.pdf", "kim", "is no Python"),),
)


def test_what_lies_where(tmp_path):
    lay_out(CLASS, toy.KIT, tmp_path / "out")
    kims = [tmp_path / "out" / STEM / "kim" / f"{name}.py" for name in TWO]
    assert [path.read_bytes() for path in kims] == [b"\xef\xbb\xbfx = 1\r\n", b"x = 2\n"]
    assert (tmp_path / "out" / f"{STEM}.starter" / f"{STEM}.py").read_bytes() == toy.ENTRY.stub.read_bytes()
    found = {path.relative_to(tmp_path / "out").parts[0] for path in (tmp_path / "out").rglob("*")}
    assert found == {STEM, f"{STEM}.starter", f"{STEM}.csv", "manifest.csv", "unplaced.csv"}
    assert len(list((tmp_path / "out" / STEM).iterdir())) == 3  # Lee and lee have different folders


def test_the_tables_lead_to_every_file(tmp_path):
    laid = lay_out(CLASS, toy.KIT, tmp_path)
    manifest = read(tmp_path / "manifest.csv")
    assert [row["path"] for row in manifest] == [one.path for one in laid]
    by_source = {(tmp_path / row["path"]).read_bytes(): row for row in manifest}
    assert by_source[b"x = 2\n"]["file"] == "kim/again.ipynb#1"
    assert by_source[b"\xff not utf-8"]["name"] == "'=HYPERLINK(1)"
    first = by_source[b"\xef\xbb\xbfx = 1\r\n"]
    assert (first["student"], first["name"], first["section"]) == ("kim", "김철수", "B")
    assert (first["exercise"], first["submitted"]) == ("1", "2030-03-01T12:30:00+00:00")
    assert first["sha256"] == CLASS.attempts[0].sha256


def test_dolos_finds_its_files_relative_to_its_table(tmp_path):
    lay_out(CLASS, toy.KIT, tmp_path)
    rows = read(tmp_path / f"{STEM}.csv")
    assert list(rows[0]) == ["filename", "full_name", "label", "created_at"]
    assert all((tmp_path / row["filename"]).is_file() for row in rows)
    assert {"full_name": "김철수", "label": "B", "created_at": "2030-03-01 12:30:00+00:00"}.items() <= rows[1].items()


def test_the_order_of_students_is_of_no_matter(tmp_path):
    lay_out(CLASS, toy.KIT, tmp_path / "a")
    lay_out(CLASS._replace(attempts=(*CLASS.attempts[2:], *CLASS.attempts[:2])), toy.KIT, tmp_path / "b")
    told = [{p.relative_to(d): p.read_bytes() for p in d.rglob("*.*") if p.is_file()} for d in tmp_path.iterdir()]
    assert told[0] == told[1]


def test_nothing_is_laid_among_old_files(tmp_path):
    (tmp_path / "old.py").touch()
    with pytest.raises(UsageError, match="not empty"):
        lay_out(CLASS, toy.KIT, tmp_path)
    with pytest.raises(UsageError, match="can't be written"):
        lay_out(CLASS, toy.KIT, tmp_path / "old.py")


# The command


@pytest.fixture
def handed_in(tmp_path):
    for student in ("kim", "이영희"):
        (tmp_path / "in" / student).mkdir(parents=True)
        (tmp_path / "in" / student / f"{STEM}.py").write_text(toy.SOLUTION, "utf-8")
    (tmp_path / "in" / "kim" / "\x1b[2J.pdf").write_bytes(b"%PDF")
    return tmp_path / "in"


def test_the_command(handed_in, tmp_path):
    done = run(handed_in, tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "2 attempts of 2 students at 1 exercise in" in done.output
    assert "not placed" in done.output and "\x1b" not in done.output
    assert (tmp_path / "out" / STEM / "이영희" / f"{STEM}.py").read_text("utf-8") == toy.SOLUTION
    assert len(read(tmp_path / "out" / "unplaced.csv")) == 1


def test_what_is_laid_out_is_nobodys_work(handed_in):
    with pytest.raises(UsageError, match="would be somebody's work"):
        run(handed_in, handed_in / "out")
    assert not (handed_in / "out").exists()


def test_the_command_can_be_asked_for_some_exercises_only(handed_in, tmp_path):
    assert run(handed_in, tmp_path / "out", "--only", "1").exit_code == 0
    with pytest.raises(UsageError, match="no exercise 99"):
        run(handed_in, tmp_path / "other", "--only", "99")


def run(*arguments):
    from grader.cli.sources import export_sources

    words = [*map(str, arguments[:1]), "--out", *map(str, arguments[1:]), "--kit", str(toy.KIT)]
    done = CliRunner().invoke(export_sources, words)
    if isinstance(done.exception, UsageError):
        raise done.exception
    return done
