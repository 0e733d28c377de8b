"""Handing in: made-up exports of every layout, archives and notebooks of strangers, rosters."""

import gzip
import io
import itertools
import json
import os
import struct
import tarfile
import unicodedata
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.batch import archives, cells, intake, notebooks, roster, source
from grader.batch.intake import take_in
from grader.batch.placing import Placing
from grader.errors import UsageError
from grader.kit import builtin, entries, find

NUMBERS = {"ex17_sgd_rule": ["sgd", "adam"], "ex17_1_noise": ["noisy"], "ex12_dead_relu": ["dead", "leaky"]}
SGD = b"def sgd(w, g):\n    return w - g\n\n\ndef adam(w, g):\n    return w\n"
DEAD = b"def dead(x):\n    return x\n\n\ndef leaky(x):\n    return x\n"


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """Three exercises: 17, 17-1 and 12."""
    root = tmp_path_factory.mktemp("kit")
    (root / "exercises").mkdir()
    for stem, names in NUMBERS.items():
        text = "\n\n".join(f"def {name}(x):\n    ..." for name in names)
        (root / "exercises" / f"{stem}.py").write_text(text)
    return root


@pytest.fixture
def class_(tmp_path, kit):
    """Takes in what was handed in as paths with their bytes."""

    def taken(files, **options):
        folder = tmp_path / "class"
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return take_in(folder, kit, **options)

    return taken


def zipped(files, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, **options)
    return stream.getvalue()


def tarred(files, mode="w:gz", **options):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode, **options) as archive:
        for name, data in files.items():
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if info.isreg():
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def notebook(*parts, **changes):
    """Code cells; those that begin with `#` and a space are headings."""
    made = [
        {"cell_type": "markdown" if part.startswith("# ") else "code", "source": part, "metadata": {}} for part in parts
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made, **changes}).encode()


def placed(found):
    return [(one.student, one.exercise, one.file) for one in found.attempts]


def refused(found):
    return {one.file: one.why for one in found.unplaced}


# Layouts


def test_a_folder_per_student(class_):
    found = class_({"kim/ex17.py": SGD, "kim/hw 2/dead_relu.py": DEAD, "lee/17-1.py": b"def noisy(): 1"})
    assert placed(found) == [
        ("kim", "12", "kim/hw 2/dead_relu.py"),
        ("kim", "17", "kim/ex17.py"),
        ("lee", "17-1", "lee/17-1.py"),
    ]
    assert [student.id for student in found.students] == ["kim", "lee"]
    assert found.unplaced == found.unknown == ()
    assert found.attempts[1].source == SGD and found.attempts[1].stem == "ex17_sgd_rule"


@pytest.mark.parametrize("name, pack", [("kim.zip", zipped), ("kim.tar.gz", tarred), ("kim.TGZ", tarred)])
def test_an_archive_per_student(class_, name, pack):
    found = class_({name: pack({"hw/ex17.py": SGD, "readme.txt": b"hello", ".DS_Store": b"x"})})
    assert placed(found) == [("kim", "17", f"{name}!hw/ex17.py")]
    assert refused(found) == {f"{name}!readme.txt": "is neither Python nor a notebook"}
    assert found.unplaced[0].student == "kim"


def test_a_plain_tar(class_):
    assert placed(class_({"kim.tar": tarred({"ex17.py": SGD}, "w")})) == [("kim", "17", "kim.tar!ex17.py")]


def test_flat_files(class_):
    found = class_({"kim_17.py": SGD, "lee minsu - ex17-1.py": b"def noisy(): 1", "ex12.py": DEAD})
    assert placed(found) == [("kim", "17", "kim_17.py"), ("lee minsu", "17-1", "lee minsu - ex17-1.py")]
    assert refused(found) == {"ex12.py": intake.NOBODY}


def test_flat_files_that_name_a_student_alone(class_):
    """What they define places them; what doesn't makes nobody a student."""
    found = class_(
        {
            "kim.py": SGD,
            "lee jiwon (1).py": DEAD,
            "park.ipynb": notebook("# Exercise 17", SGD.decode(), "# 12", DEAD.decode()),
            "choi.ipynb": notebook((SGD + DEAD).decode()),
            "helpers.py": b"x = 1",
            "both.py": SGD + DEAD,
            "readme.txt": b"x",
        }
    )
    assert placed(found) == [
        ("choi", "12", "choi.ipynb#12"),
        ("choi", "17", "choi.ipynb#17"),
        ("kim", "17", "kim.py"),
        ("lee jiwon", "12", "lee jiwon (1).py"),
        ("park", "12", "park.ipynb#12"),
        ("park", "17", "park.ipynb#17"),
    ]
    assert [one.id for one in found.students] == ["choi", "kim", "lee jiwon", "park"]
    why = refused(found)
    assert why["both.py"] == "may be for exercise 12 or 17; name it after one of them"
    assert why["helpers.py"].endswith("put the number of one into its name") and len(why) == 3
    assert {one.student for one in found.unplaced} == {None}


def test_a_flat_file_of_somebody_on_the_roster_is_theirs(class_, tmp_path):
    found = class_({"kim.py": b"x = 1", "helpers.py": b"x = 1"}, roster=listed(tmp_path, "id\nkim\n"))
    assert {one.file: one.student for one in found.unplaced} == {"kim.py": "kim", "helpers.py": None}
    assert found.unknown == ()


def test_exercises_that_ask_for_the_same_names(tmp_path):
    """By what they define, 5 and 13-3 can't be told apart."""
    source = find(builtin(), "5").solution.read_bytes()
    fifteen = find(builtin(), "17").solution.read_bytes()
    files = {"kim.py": source, "lee.ipynb": notebook(source.decode()), "choi/5.py": source}
    files |= {"park.ipynb": notebook(source.decode(), fifteen.decode())}
    (tmp_path / "choi").mkdir()
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    found = take_in(tmp_path, builtin())
    assert placed(found) == [("choi", "5", "choi/5.py"), ("park", "17", "park.ipynb#17")]
    assert refused(found) == dict.fromkeys(
        ("kim.py", "lee.ipynb", "park.ipynb"), "may be for exercise 5 or 13-3; name it after one of them"
    )


def test_canvas(class_):
    found = class_(
        {
            "kimminsu_LATE_101_90001_ex17.py": SGD,
            "leejiwon_102_90002_ex17-1.py": SGD,
            "parkjun_103_90003_ex17-1.py": b"def noisy(x): 1",
            "LATE_anon_a1B2c_90004_ex12.py": DEAD,
            "choi_104_text.html": b"<p>",
            "choi_104_90005_my work.zip": zipped({"ex12.py": DEAD}),
        }
    )
    assert [(student, exercise) for student, exercise, _ in placed(found)] == [
        ("101", "17"),
        ("102", "17"),
        ("103", "17-1"),
        ("104", "12"),
        ("anon_a1B2c", "12"),
    ]
    assert found.students[0].name == "kimminsu"
    assert [one.student for one in found.attempts if one.late] == ["101", "anon_a1B2c"]
    assert list(refused(found)) == ["choi_104_text.html"]


def test_moodle(class_):
    found = class_(
        {
            "Kim Minsu_501_assignsubmission_file_/hw/ex17.py": SGD,
            "Lee Jiwon_502_assignsubmission_file_ex12.py": DEAD,
            "Kim Minsu_501_assignsubmission_onlinetext_/onlinetext.html": b"",
        }
    )
    assert [(student, exercise) for student, exercise, _ in placed(found)] == [("501", "17"), ("502", "12")]
    assert [(student.id, student.name) for student in found.students] == [("501", "Kim Minsu"), ("502", "Lee Jiwon")]
    assert len(found.unplaced) == 1 and found.unplaced[0].student == "501"


METADATA = """---
submission_1:
  :submitters:
  - :name: Kim Minsu
    :sid: '20230001'
    :email: kim@example.org
  - :name: 이지원
    :sid:
    :email: lee@example.org
  :created_at: 2026-03-09 12:00:00.123456789 Z
  :results:
    output: |
      submission_2:
submission_2:
  :submitters:
  - :name: Park
    :sid: "30"
    :email:
""".encode()


def gradescope(prefix="", metadata=METADATA):
    return {
        f"{prefix}submission_2/ex12.py": DEAD,
        f"{prefix}submission_1/ex17.py": SGD,
        f"{prefix}submission_1/submission_metadata.yml": b"def sgd(): 1\ndef adam(): 2",
        f"{prefix}submission_metadata.yml": metadata,
    }


GRADED = [("20230001", "17"), ("30", "12"), ("lee@example.org", "17")]


@pytest.mark.parametrize("prefix", ["", "assignment_77_export/"])
def test_gradescope(class_, prefix):
    found = class_(gradescope(prefix))
    assert [(student, exercise) for student, exercise, _ in placed(found)] == GRADED
    assert found.attempts[0].submitted == datetime(2026, 3, 9, 12, 0, 0, 123456, UTC)
    assert {one.email for one in found.students} == {"kim@example.org", "lee@example.org", ""}
    assert set(refused(found)) == {f"{prefix}submission_1/submission_metadata.yml"}


@pytest.mark.parametrize("pack, name", [(zipped, "assignment_77_export.zip"), (tarred, "class.tar.gz")])
def test_gradescope_in_one_archive(tmp_path, kit, pack, name):
    prefix = "assignment_77_export/"
    (tmp_path / name).write_bytes(pack(gradescope(prefix)))
    found = take_in(tmp_path / name, kit)
    assert [(student, exercise) for student, exercise, _ in placed(found)] == GRADED


def test_gradescope_without_readable_metadata(class_):
    found = class_(gradescope(metadata=b"submission_1:\n  :submitters:\n  - :name: [1\n"))
    assert [(student, exercise) for student, exercise, _ in placed(found)] == [
        ("submission_1", "17"),
        ("submission_2", "12"),
    ]
    assert refused(found)["submission_metadata.yml"].endswith("in line 3")


@pytest.mark.parametrize("name", ["hw1.zip", "hw1 (2).zip"])
@pytest.mark.parametrize("prefix", ["", "hw1/"])
def test_a_class_in_one_archive(tmp_path, kit, name, prefix):
    files = {"kim/ex17.py": SGD, "lee.zip": zipped({"ex12.py": DEAD}), "park_17.py": SGD}
    (tmp_path / name).write_bytes(zipped({prefix + path: data for path, data in files.items()}))
    found = take_in(tmp_path / name, kit)
    assert placed(found) == [
        ("kim", "17", f"{prefix}kim/ex17.py"),
        ("lee", "12", f"{prefix}lee.zip!ex12.py"),
        ("park", "17", f"{prefix}park_17.py"),
    ]


def test_everything_mixed(class_):
    found = class_(
        {
            "kim/ex17.py": SGD,
            "kim.zip": zipped({"ex12.py": DEAD}),
            "submissions.zip": zipped({"leejiwon_102_90002_ex17.py": SGD}),
            "assignment_77_export.zip": zipped(gradescope("assignment_77_export/")),
            "assignment_78_export/submission_9/ex12.py": DEAD,
            "Kim Minsu_501_assignsubmission_file_/ex17.py": SGD,
        }
    )
    whose = {(student, exercise) for student, exercise, _ in placed(found)}
    assert whose == {("kim", "17"), ("kim", "12"), ("102", "17"), ("submission_9", "12"), ("501", "17"), *GRADED}


def test_a_number_of_one_platform_is_not_that_of_another(class_):
    found = class_({"Kim_7_assignsubmission_file_/ex17.py": SGD, "leejiwon_7_90002_ex17.py": SGD})
    assert [one.student for one in found.attempts] == ["Kim 7", "leejiwon 7"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_ids_do_not_depend_on_who_comes_first(tmp_path, kit, order):
    """Two with the same number, one of them twice, and a folder that is called like it."""
    paths = (
        "Kim_7_assignsubmission_file_/ex17.py",
        "leejiwon_7_90002_ex17.py",
        "Kim_7_assignsubmission_file_ex12.py",
        "7/ex12.py",
    )
    (tmp_path / "c.zip").write_bytes(zipped({paths[place]: SGD for place in order}))
    found = take_in(tmp_path / "c.zip", kit)
    assert placed(found) == [
        ("7", "12", paths[3]),
        ("Kim 7", "12", paths[2]),
        ("Kim 7", "17", paths[0]),
        ("leejiwon 7", "17", paths[1]),
    ]
    assert [(one.id, one.name) for one in found.students] == [("7", ""), ("Kim 7", "Kim"), ("leejiwon 7", "leejiwon")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_names_do_not_depend_on_who_comes_first(tmp_path, kit, order):
    """One student with the same id in several submissions, whose names and addresses are told differently."""
    told = [("Park", "p@a.org"), ("Park Jun", ""), ("J. Park", "jun@a.org")]
    form = "submission_{}:\n  :submitters:\n  - :name: {}\n    :sid: '30'\n    :email: {}\n"
    about = "".join(form.format(place, *told[place]) for place in order)
    files = {f"submission_{place}/ex17.py": SGD for place in order} | {"submission_metadata.yml": about.encode()}
    (tmp_path / "c.zip").write_bytes(zipped(files))
    assert take_in(tmp_path / "c.zip", kit).students == (("30", "Park Jun", "jun@a.org", ""),)


def test_all_is_of_one_student(class_):
    found = class_({"ex17.py": SGD, "lee/ex12.py": DEAD, "submission_metadata.yml": b"?"}, student="kim")
    assert placed(found) == [("kim", "12", "lee/ex12.py"), ("kim", "17", "ex17.py")]
    assert [one.id for one in found.students] == ["kim"] and list(refused(found)) == ["submission_metadata.yml"]


def test_only_some_exercises(class_):
    files = {"kim/ex17.py": SGD, "kim/ex12.py": DEAD, "lee/x.txt": b""}
    assert placed(class_(files, only=frozenset({"12"}))) == [("kim", "12", "kim/ex12.py")]
    nothing = class_({}, only=frozenset({"17-1"}))
    assert nothing.attempts == () and list(refused(nothing)) == ["lee/x.txt"]


def test_nothing_to_take_in(tmp_path, kit):
    for name, why in [("missing", "neither a folder"), ("class.txt", "neither a folder"), ("class.zip", "no zip")]:
        if "." in name:
            (tmp_path / name).write_bytes(b"x")
        with pytest.raises(UsageError, match=why):
            take_in(tmp_path / name, kit)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no submissions"):
        take_in(tmp_path / "empty", kit)


# Texts and names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_korean_names(class_, form):
    name = unicodedata.normalize(form, "김민수")
    work = unicodedata.normalize(form, "과제")
    found = class_({f"{name}/{work} 17번.py": SGD, "김민수/문제 12.py": DEAD, f"{name}.zip": zipped({"17-1.py": b""})})
    assert {one.student for one in found.attempts} == {"김민수"}
    assert [one.exercise for one in found.attempts] == ["12", "17", "17-1"]


def test_cp949_names_in_a_zip(class_):
    data = zipped({"AAAA/17.py": SGD}).replace(b"AAAA", "과제".encode("cp949"))
    assert placed(class_({"kim.zip": data})) == [("kim", "17", "kim.zip!과제/17.py")]


def test_names_that_are_no_unicode(class_, tmp_path):
    path = tmp_path / "class" / os.fsdecode(b"\xb1\xe8")
    path.mkdir(parents=True)
    (path / "17.py").write_bytes(SGD)
    assert placed(class_({})) == [("김", "17", "김/17.py")]


def test_encodings_of_sources(class_):
    text = SGD.decode()
    forms = {"a": b"\xef\xbb\xbf" + SGD, "b": SGD.replace(b"\n", b"\r\n"), "c": text.encode("utf-16")}
    found = class_({f"{name}/my work.py": data for name, data in forms.items()} | {"d/17.py": b"\xff\xfe\x00"})
    assert [(one.student, one.exercise) for one in found.attempts] == [("a", "17"), ("b", "17"), ("c", "17")]
    assert found.attempts[2].source == SGD
    assert "damaged" in refused(found)["d/17.py"]


def test_links_and_devices_in_a_folder(class_, tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_bytes(SGD)
    (tmp_path / "class" / "kim").mkdir(parents=True)
    (tmp_path / "class" / "kim" / "ex17.py").symlink_to(secret)
    os.mkfifo(tmp_path / "class" / "kim" / "ex12.py")
    found = class_({})
    assert found.attempts == () and refused(found) == {
        "kim/ex17.py": "is a link; links aren't followed",
        "kim/ex12.py": "is no regular file",
    }


@pytest.mark.parametrize(
    "name, exercise",
    [
        ("ex17.py", "17"),
        ("EX_17 (1).py", "17"),
        ("ex17-1.py", "17"),
        ("17_1_noise.py", "17-1"),
        ("q12.py", "12"),
        ("sgd_rule - copy.py", "17"),
        ("final.py", "17"),
        ("17.py", "17"),
        ("Ex17.PY", "17"),
        ("ex17_final_v2.py", "17"),
        ("ex17 (2).py", "17"),
        ("ex17_20231234.py", "17"),
        ("ex017_1.py", "17-1"),
        ("ex17_1 (2).py", "17-1"),
    ],
)
def test_placing(class_, name, exercise):
    assert [one.exercise for one in class_({f"kim/{name}": SGD}).attempts] == [exercise]


@pytest.mark.parametrize(
    "name, number", [("ex17-99", "17-99"), ("17_2", "17-2"), ("q99", "99"), ("99번", "99"), ("ex17-2 (1)", "17-2")]
)
def test_a_number_that_does_not_exist_is_no_other_exercise(class_, name, number):
    found = class_({f"kim/{name}.py": SGD, f"lee_{name}.py": DEAD})
    assert found.attempts == ()
    told = f"names exercise {number}, which the kit hasn't; it looks like {{}}: name it after one that is there"
    assert refused(found) == {f"kim/{name}.py": told.format("17"), f"lee_{name}.py": told.format("12")}
    assert [one.student for one in found.unplaced] == ["kim", "lee"]


def test_canvas_counts_files_of_the_same_name(class_):
    found = class_({"kim_101_90001_ex17-12.py": DEAD, "lee_102_90002_ex99-1.py": DEAD})
    assert placed(found) == [("101", "17", "kim_101_90001_ex17-12.py")]
    assert "names exercise 99-1" in refused(found)["lee_102_90002_ex99-1.py"]


def test_a_number_of_which_there_are_parts_alone(tmp_path):
    (tmp_path / "kit" / "exercises").mkdir(parents=True)
    for part, name in (("1", "one"), ("2", "two")):
        (tmp_path / "kit" / "exercises" / f"ex03_{part}_a.py").write_text(f"def {name}(): ...")
    (tmp_path / "in" / "kim").mkdir(parents=True)
    for file, text in (("ex3.py", "def two(): ..."), ("3.py", "x = 1")):
        (tmp_path / "in" / "kim" / file).write_text(text)
    found = take_in(tmp_path / "in", tmp_path / "kit")
    assert placed(found) == [("kim", "3-2", "kim/ex3.py")]
    assert refused(found) == {"kim/3.py": "may be for exercise 3-1 or 3-2; name it after one of them"}


def test_what_no_exercise_is_told_of(class_):
    both = SGD + DEAD
    found = class_(
        {"kim/all.py": both, "kim/ex99.py": b"x = 1", "kim/helpers.py": b"x = 1", "kim/a.7z": b"", "b.py": b""}
    )
    assert found.attempts == ()
    why = refused(found)
    assert "may be for exercise 12 or 17" in why["kim/all.py"]
    assert "names exercise 99" in why["kim/ex99.py"] and "names no exercise" in why["kim/helpers.py"]
    assert "pack it as .zip" in why["kim/a.7z"] and "names no exercise" in why["b.py"]


# Archives of strangers


def faults(class_, data, name="kim.zip"):
    found = class_({name: data, "lee/17.py": SGD})
    assert ("lee", "17", "lee/17.py") in placed(found)
    return placed(found), refused(found)


@pytest.mark.parametrize(
    "name, why",
    [
        ("../lee/ex17.py", "leaves its archive"),
        ("a/../../ex17.py", "leaves its archive"),
        ("..\\ex17.py", "leaves its archive"),
        ("/etc/ex17.py", "absolute"),
        ("C:\\ex17.py", "absolute"),
    ],
)
def test_paths_that_leave(class_, name, why):
    for archive, pack in (("kim.zip", zipped), ("kim.tgz", tarred)):
        good, bad = faults(class_, pack({name: SGD, "ex12.py": DEAD}), archive)
        assert ("kim", "12", f"{archive}!ex12.py") in good and len(good) == 2 + (archive == "kim.tgz")
        assert any(why in one for file, one in bad.items() if file.startswith(archive))


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_links_and_devices_in_a_tar(class_):
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    data = tarred({special(f"{n}/ex17.py", kind, "/etc/passwd"): b"" for n, kind in enumerate(kinds)} | {"17.py": SGD})
    good, bad = faults(class_, data, "kim.tar.gz")
    assert len(good) == 2 and len(bad) == len(kinds)


def test_a_link_in_a_zip(class_):
    info = zipfile.ZipInfo("ex17.py")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    assert "link" in faults(class_, zipped({info: b"/etc/passwd"}))[1]["kim.zip!ex17.py"]


def test_an_encrypted_member(class_):
    data = bytearray(zipped({"ex17.py": SGD}))
    data[data.index(b"PK\1\2") + 8] |= 1
    assert faults(class_, bytes(data))[1] == {"kim.zip!ex17.py": "is encrypted"}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_bombs(class_, pack):
    name = "kim.zip" if pack is zipped else "kim.tgz"
    good, bad = faults(class_, pack({"big.py": bytes(8 << 20), "bomb.ipynb": bytes(7 << 20), "ex17.py": SGD}), name)
    assert "as a bomb does" in bad[f"{name}!bomb.ipynb"]
    assert ("kim", "17", f"{name}!ex17.py") in good
    assert "more than 64 MiB" in faults(class_, pack({"a.ipynb": bytes(65 << 20)}), name)[1][name]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_too_many_members(class_, pack):
    files = {f"{n}.py": b"" for n in range(archives.STUDENT.members + 1)}
    bad = faults(class_, pack(files), "kim.zip" if pack is zipped else "kim.tgz")[1]
    assert len(bad) == 1 and "more than 2000 files" in next(iter(bad.values()))


def test_a_size_that_lies(class_):
    data = bytearray(zipped({"ex17.py": SGD * 1000}))
    data[(at := data.index(b"PK\1\2") + 24) : at + 4] = struct.pack("<I", 10)
    assert "damaged" in faults(class_, bytes(data))[1]["kim.zip!ex17.py"]


def test_an_archive_in_an_archive(class_):
    good, bad = faults(
        class_, zipped({"in.zip": zipped({"ex17.py": SGD}), "submissions.zip": zipped({"a_17.py": SGD})})
    )
    assert len(good) == 1 and all("inside an archive" in why for why in bad.values()) and len(bad) == 2


def test_exports_in_exports_end_somewhere(class_):
    data = zipped({"kim_17.py": SGD})
    for _ in range(50):
        data = zipped({"submissions.zip": data})
    found = class_({"submissions.zip": data})
    assert found.attempts == () and len(found.unplaced) == 1


def test_deep_folders_called_like_exports(tmp_path, kit):
    (tmp_path / "c.zip").write_bytes(zipped({"assignment_1_export/" * 3000 + "kim/ex17.py": SGD}))
    assert len(take_in(tmp_path / "c.zip", kit).attempts) == 1


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicates(class_):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for data in (SGD, DEAD):
            archive.writestr("ex17.py", data)
    good, bad = faults(class_, stream.getvalue())
    assert len(good) == 1 and "2 times" in bad["kim.zip!ex17.py"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_archives_that_are_cut_off(class_, pack, share):
    name = "kim.zip" if pack is zipped else "kim.tgz"
    data = pack({"ex17.py": os.urandom(5000) + SGD})
    good, bad = faults(class_, data[: int(share * len(data))], name)
    assert len(good) == 1 and list(bad) == [name]


def test_huge_headers_of_a_tar(class_):
    header = special("x", tarfile.XHDTYPE)
    header.size = 1 << 30
    data = gzip.compress(header.tobuf() + bytes(1 << 20))
    assert faults(class_, data, "kim.tgz")[1] == {"kim.tgz": "has a header that is too large"}


@pytest.mark.parametrize("files", [{}, {".hidden": b"x"}, {"__MACOSX/x.py": b""}])
def test_archives_without_files_are_told(class_, files):
    found = class_({"kim.zip": zipped(files), "lee.tgz": tarred(files)})
    assert refused(found) == dict.fromkeys(("kim.zip", "lee.tgz"), "is an archive without files")


def test_more_than_anybody_means_to_hand_in(class_):
    many = {f"kim/{n}/ex17.py": SGD for n in range(intake.ATTEMPTS + 3)}
    long = {f"lee/{n}/ex12.py": b"#" * (1 << 20) for n in range(9)}
    found = class_(many | long)
    assert [one.student for one in found.attempts] == ["kim"] * intake.ATTEMPTS + ["lee"] * 8
    assert len(found.unplaced) == 4


def test_files_that_have_to_be_read_are_counted(class_):
    """Reading costs: a small archive could keep the intake busy for minutes."""
    files = {f"kim/{n}/a.py": SGD + b"#%d" % n for n in range(intake.LOOKS + 2)} | {"lee/a.py": SGD}
    found = class_(files)
    assert {one.student for one in found.attempts} == {"kim", "lee"}
    beyond = [one for one in found.unplaced if one.why.startswith(f"is beyond {intake.LOOKS} files")]
    assert len(beyond) == 2


def test_a_name_that_gradescope_folds_spoils_only_its_own_submission(class_):
    about = (
        "submission_1:\n  :submitters:\n  - :name: Kim Minsu\n    :sid: '1'\n    :email: kim@example.org\n"
        "submission_2:\n  :submitters:\n  - :name: \"a \\e name\"\n    :sid: '2'\n    :email: lee@example.org\n"
    )
    files = {"submission_1/ex17.py": SGD, "submission_2/ex17.py": SGD, "submission_metadata.yml": about.encode()}
    found = class_(files)
    assert sorted(one.student for one in found.attempts) == ["1", "submission_2"]
    assert [one.file for one in found.unplaced] == ["submission_metadata.yml"]


def test_an_address_tells_more_than_a_name_that_people_choose(class_, tmp_path):
    about = "submission_1:\n  :submitters:\n  - :name: Lee Sora\n    :sid: '999'\n    :email: kim@example.org\n"
    table = "id,name,email\n1,Kim Minsu,kim@example.org\n2,Lee Sora,lee@example.org\n"
    files = {"submission_1/ex17.py": SGD, "submission_metadata.yml": about.encode()}
    assert [one.student for one in class_(files, roster=listed(tmp_path, table)).attempts] == ["1"]
    files["submission_metadata.yml"] = about.replace("kim@", "sora@").encode()
    assert [one.student for one in class_(files, roster=listed(tmp_path, table)).attempts] == ["2"]


# Notebooks


def test_a_notebook_with_sections(class_):
    data = notebook(
        "import numpy as np\n%matplotlib inline",
        "# Exercise 17: steps",
        "!pip install x",
        SGD.decode(),
        "# 문제 12",
        DEAD.decode(),
        "# Exercise 98",
        "x = 1",
        "# 17-1",
    )
    found = class_({"kim/all.ipynb": data})
    assert [file for _, _, file in placed(found)] == ["kim/all.ipynb#12", "kim/all.ipynb#17"]
    first, second = (one.source.decode() for one in found.attempts)
    assert "import numpy" in first and "import numpy" in second and "# %matplotlib inline" in first
    assert "def dead" in first and "def dead" not in second and "# !pip install x" in second
    assert refused(found) == {
        "kim/all.ipynb": "has code for 98, which the kit hasn't",
        "kim/all.ipynb#17-1": "has no code for exercise 17-1",
    }


def test_whole_notebooks(class_):
    found = class_(
        {"kim/ex17.ipynb": notebook(SGD.decode(), "# 12", "1"), "lee/w.ipynb": notebook((SGD + DEAD).decode())}
    )
    assert [file for _, _, file in placed(found)] == ["kim/ex17.ipynb", "lee/w.ipynb#12", "lee/w.ipynb#17"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_of_notebooks(class_, encoding):
    data = notebook(SGD.decode() + "# 한글").decode()
    assert (
        len(class_({"kim/17.ipynb": json.dumps(json.loads(data), ensure_ascii=False).encode(encoding)}).attempts) == 1
    )


@pytest.mark.parametrize(
    "data, why",
    [
        (notebook(nbformat=3, worksheets=[]), "format 3, which is too old"),
        (notebook(nbformat=True), "no notebook of format 4"),
        (b"[" * 300_000, "damaged"),
        (b"[" * 600_000, "too many parts"),
        (b"9" * 100_000, "damaged"),
        (b'{"nbformat": 4, "nbformat": 4, "cells": []}', "damaged"),
        (notebook(cells={}), "no notebook of format 4"),
        (notebook(cells=[7]), "number 1"),
        (notebook(cells=[{"cell_type": "code", "source": [1]}]), "without a source"),
        (notebook("\ud800"), "isn't Unicode"),
        (b"null", "no notebook"),
        (b"", "damaged"),
    ],
)
def test_notebooks_that_are_none(class_, data, why):
    assert why in refused(class_({"kim/17.ipynb": data}))["kim/17.ipynb"]


@pytest.mark.parametrize(
    "given_, made",
    [
        ("%time f()\nx = 1", "# %time f()\nx = 1"),
        ("x = !ls\ny = 10 \\\n % 3", "# x = !ls\ny = 10 \\\n % 3"),
        ("!pip install \\\n  a b \\\n  c\nx = 1", "# !pip install \\\n#   a b \\\n#   c\nx = 1"),
        ("if a:\n    !ls \\\n  -l\nx = 1", "if a:\n    pass  # !ls \\\n#   -l\nx = 1"),
        ("a, b = !ls\nx[0] = %time 1", "# a, b = !ls\n# x[0] = %time 1"),
        ("s = 'a = !b'\n%magic", "s = 'a = !b'\n# %magic"),
        ("s = '''\n%not magic\n'''\n%magic", "s = '''\n%not magic\n'''\n# %magic"),
        ("if x:\n    !ls", "if x:\n    pass  # !ls"),
        ("%%bash\nrm -rf /", "# left out: %%bash"),
        ("%%time\nx = 1", "# %%time\nx = 1"),
        ("np.sum?", "# np.sum?"),
        ("x = 1", "x = 1"),
        ("", ""),
    ],
)
def test_magics(given_, made):
    assert cells.python(given_) == made


# Rosters


def listed(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("id,name,email,section\n2023,김민수,kim@a.org,1\n", "utf-8-sig"),
        ("학번;이름;이메일;분반\r\n2023;김민수;kim@a.org;1\r\n", "cp949"),
        ("Student ID\tFull name\tE-mail\tGroup\n2023\t김민수\tkim@a.org\t1\n", "utf-16"),
        ("\nEmail , SID ,Student,Class\nkim@a.org, 2023,김민수 ,1\n\n", "utf-8"),
    ],
)
def test_columns_of_rosters(tmp_path, text, encoding):
    assert roster.load(listed(tmp_path, text, encoding)).students == (("2023", "김민수", "kim@a.org", "1"),)


def test_the_gradebook_of_canvas_as_a_roster(tmp_path):
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW\n,,,,,Manual Posting\n    Points Possible,,,,,10\n"
        '"Kim, Minsu",101,20230001,minsu,A,\n'
    )
    found = roster.load(listed(tmp_path, text))
    assert found.students == (("101", "Kim, Minsu", "", "A"),)
    for known in ("101", "20230001", "minsu", "Minsu Kim", "kimminsu", "20230001_Kim_Minsu", "Kim Minsu 101"):
        assert found.find(known) == found.students[0], known


@pytest.mark.parametrize(
    "text, why",
    [
        ("", ":1: a roster has a column"),
        ("name\nkim", ":1: a roster has a column `id` or `email`; this one has name"),
        ("id,name\n1,a\n1,b\n", ":3: 1 is there a second time"),
        ("id,name\n1,a\n,b\n", ":3: a student without an id"),
        ("id,name\n1,Kim, Minsu\n", ":2: more cells than the header"),
        ('id,name\n1,"' + "x" * 200_000 + '"\n', ":2: not CSV"),
        ('id,name\n1,"Kim\n2,Lee\n3,Park\n', ":4: not CSV"),
    ],
)
def test_errors_in_rosters(tmp_path, text, why):
    with pytest.raises(UsageError) as error:
        roster.load(listed(tmp_path, text))
    assert why in str(error.value) and "\n" not in str(error.value)


def test_rosters_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        roster.load(tmp_path)
    (tmp_path / "r.csv").write_bytes(b"id,name\n\xff\xff,1\n")
    with pytest.raises(UsageError, match="neither UTF-8 nor cp949"):
        roster.load(tmp_path / "r.csv")


def test_what_fits_two_finds_neither(tmp_path):
    text = "id,name,email\n1,Kim Lee,x@a.org\n2,Lee Kim,x@b.org\n12,Choi,c@a.org\nA,Q,\na,R,\n"
    found = roster.load(listed(tmp_path, text))
    for unclear in ("Kim Lee", "leekim", "x", "1-2", "2 1"):
        assert found.find(unclear) is None, unclear
    assert [found.find(id).id for id in ("A", "a", "x@b.org", "choi")] == ["A", "a", "2", "12"]


def test_a_class_with_a_roster(class_, tmp_path):
    path = listed(tmp_path, "id,name,email\n7,Kim Minsu,kim@a.org\n8,Lee Jiwon,\n9,Park,\n")
    found = class_(
        {
            "Lee Jiwon_7_assignsubmission_file_/ex17.py": SGD,  # 7 is a number of Moodle's
            "Choi_9_assignsubmission_file_/ex17.py": SGD,
            "kim@a.org/ex12.py": DEAD,
            "stranger/ex12.py": DEAD,
        },
        roster=path,
    )
    assert [(student, exercise) for student, exercise, _ in placed(found)] == [
        ("7", "12"),
        ("8", "17"),
        ("Choi 9", "17"),
        ("stranger", "12"),
    ]
    assert [one.id for one in found.students] == ["7", "8", "9", "Choi 9", "stranger"]
    assert found.unknown == ("Choi 9", "stranger")


def test_submitters_are_found_by_address(class_, tmp_path):
    found = class_(gradescope(), roster=listed(tmp_path, "id,email\nminsu,kim@example.org\nlee,lee@example.org\n"))
    assert {one.student for one in found.attempts} == {"minsu", "lee", "30"} and found.unknown == ("30",)


# Work


def test_long_sources_are_not_parsed(monkeypatch):
    def parse(text, *_):
        assert len(text) <= source.LOOKED_INTO
        raise SyntaxError

    monkeypatch.setattr(source.ast, "parse", parse)
    long = SGD + b"a\n" * source.LOOKED_INTO
    assert source.defined(SGD) is None and source.defined(long) == {"sgd", "adam"}
    assert cells.python(long.decode()) == long.decode()


@pytest.mark.parametrize("text", ["copy " * 200_000, " " * 500_000 + "x", "0" * 500_000, "_1" * 200_000])
def test_long_names_are_passed_over(kit, text):
    placing = Placing(entries(kit))
    assert placing.named(text).choices == ()
    assert list(notebooks.sections(notebooks.read(notebook(f"# {text}", "1")), placing)) == []


def test_what_goes_to_all_is_read_once(kit, monkeypatch):
    """Not once per section, which would make a small notebook large."""
    read = []
    monkeypatch.setattr(cells, "python", lambda text: read.append(text) or text)
    headings = [f"# Exercise {n}" for n in (*range(1000, 3000), 17, 12)]
    data = notebook("shared", *(part for heading in headings for part in (heading, f"own {heading}")))
    found = list(notebooks.sections(notebooks.read(data), Placing(entries(kit))))
    assert len(found) == len(headings) and read.count("shared") == 1 and len(read) == 3
    assert [one.number for one in found if one.code] == ["17", "12"]


@pytest.mark.parametrize("kind, pack", [("zip", zipped), ("tar", lambda files: tarred(files, "w")), ("tgz", tarred)])
def test_members_are_read_one_at_a_time(tmp_path, kit, monkeypatch, kind, pack):
    """Of a class in one archive: a piece is taken in before the next member is unpacked, wherever the metadata are."""
    seen = []
    read, take = archives.READERS[kind].contents, intake._Desk.take

    def contents(*arguments):
        for number, data in read(*arguments):
            seen.extend(["read"] if data is not None else [])
            yield number, data

    monkeypatch.setitem(archives.READERS, kind, archives.READERS[kind]._replace(contents=contents))
    monkeypatch.setattr(intake._Desk, "take", lambda self, piece: (seen.append("taken"), take(self, piece)))
    files = {f"submission_{n}/ex17.py": SGD for n in range(100)} | {"submission_metadata.yml": METADATA}
    path = tmp_path / f"assignment_1_export.{kind}"
    path.write_bytes(pack(files))
    found = take_in(path, kit)
    assert seen == ["read", *["read", "taken"] * 100]
    assert {"20230001", "30"} < {one.student for one in found.attempts}


# Anything at all

NAMES = st.sampled_from(["ex17.py", "a.ipynb", "x.zip", "y.tar.gz", "z.tar", "k_1_2000_ex12.py", "e.txt", "q.tgz"])
PLACES = st.sampled_from(
    ["", "kim/", "submission_1/", "assignment_1_export/", "__pycache__/", "A_1_assignsubmission_file_/"]
)
STARTS = [zipped({"ex17.py": SGD, "b/c.py": DEAD}), tarred({"ex17.py": SGD}), tarred({"ex17.py": SGD}, "w"), SGD]
STARTS += [notebook("# 17", SGD.decode(), "%magic"), METADATA, b""]


@st.composite
def damaged(draw):
    data = bytearray(draw(st.sampled_from(STARTS)))
    for at, value in draw(st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), max_size=6)):
        if data:
            data[at % len(data)] = value
    return bytes(data) + draw(st.binary(max_size=30))


ANYTHING = st.dictionaries(st.builds(str.__add__, PLACES, NAMES), damaged() | st.binary(max_size=200), min_size=1)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(ANYTHING)
def test_nothing_is_raised_and_nothing_gets_lost(tmp_path_factory, kit, files):
    folder = tmp_path_factory.mktemp("any")
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    wanted = {path for path in files if "__pycache__" not in path}
    try:
        found = take_in(folder, kit)
    except UsageError:
        assert not wanted
        return
    told = [one.file for one in (*found.attempts, *found.unplaced)]
    assert {
        path for path in wanted if not any(file == path or file.startswith((f"{path}!", f"{path}#")) for file in told)
    } == set()
    assert {one.student for one in found.attempts} <= {one.id for one in found.students}
    assert all(one.why for one in found.unplaced)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(st.sampled_from(["c.zip", "c.tar.gz", "c.tar"]), damaged())
def test_an_archive_of_a_class_may_be_anything(tmp_path_factory, kit, name, data):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    try:
        take_in(path, kit)
    except UsageError as error:
        assert "\n" not in str(error)
