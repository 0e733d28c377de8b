"""Cards for other programs, read back by those programs' own libraries or by parsers of their formats."""

import json
import sqlite3
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader.export import anki, moodle, qti
from grader.questions.document import html
from grader.quiz.deck import Card, cards, select
from tests.test_cli import dlgrade

KIT = Path(__file__).parent / "quiz_kit"
BUILT_IN = Path(__file__).parents[1]
CARDS = cards(select(KIT, "en", []))
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@pytest.fixture(scope="module")
def everything() -> list[Card]:
    return cards(select(BUILT_IN, "en", []))


def test_formulas_are_left_to_mathjax() -> None:
    assert html("A $x_1 < 2$ and `$y`.") == r"<p>A \(x_1 &lt; 2\) and <code>$y</code>.</p>"
    assert r"\[a = b\]" in html("$$\na = b\n$$")


# Anki


def notes(path: Path, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """guid and fields of each note of a deck by its key."""
    with zipfile.ZipFile(path) as package:
        package.extract("collection.anki2", folder)
    with sqlite3.connect(folder / "collection.anki2") as db:
        rows = db.execute("select guid, flds from notes").fetchall()
    return {fields.split("\x1f")[0]: (guid, fields.split("\x1f")) for guid, fields in rows}


def test_every_card_is_a_note_whose_id_stays(tmp_path: Path) -> None:
    anki.write(CARDS, "en", tmp_path / "a.apkg")
    anki.write(list(reversed(CARDS)), "en", tmp_path / "b.apkg")
    one, other = (notes(tmp_path / name, tmp_path) for name in ("a.apkg", "b.apkg"))
    assert list(one) == [card.key for card in CARDS]
    assert {key: guid for key, (guid, _) in one.items()} == {key: guid for key, (guid, _) in other.items()}
    _, (_, front, back) = one["2/one"]
    assert "Which is the largest?" in front and "<li><p>three</p></li>" in front
    assert "<p>three</p>" in back and "Three is." in back and "one" not in back
    assert "Seven." in one["2"][1][2]
    assert r"\(1+1\)" in one["2/words"][1][1]


def test_anki_itself_imports_the_deck_twice_without_duplicates(tmp_path: Path, everything: list[Card]) -> None:
    collection = pytest.importorskip("anki.collection", reason="anki is not installed: pip install anki")
    anki.write(everything, "en", tmp_path / "deck.apkg")
    mine = collection.Collection(str(tmp_path / "collection.anki2"))
    try:
        for new in (len(everything), 0):
            request = collection.ImportAnkiPackageRequest(
                package_path=str(tmp_path / "deck.apkg"), options=collection.ImportAnkiPackageOptions()
            )
            assert len(mine.import_anki_package(request).log.new) == new
            assert mine.note_count() == mine.card_count() == len(everything)
    finally:
        mine.close()


# Moodle


@pytest.fixture(scope="module")
def quiz(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ET.Element]:
    out = tmp_path_factory.mktemp("moodle") / "quiz.xml"
    moodle.write(CARDS, "en", out)
    questions = ET.parse(out).getroot().findall("question")
    return {(q.findtext("name/text") or q.findtext("category/text") or "").partition(":")[0]: q for q in questions}


def test_each_topic_is_a_category_and_each_card_a_question(quiz: dict[str, ET.Element]) -> None:
    assert list(quiz) == [
        *("$course$/dlgrade (en)/kinds", "2/one", "2/some", "2/sorted", "2/pairs", "2/percent", "2/words"),
        *("2/prints", "2", "$course$/dlgrade (en)/more", "3/sure", "3"),
    ]
    assert [quiz[key].get("type") for key in list(quiz)[:9]] == [
        *("category", "multichoice", "multichoice", "ordering", "matching", "numerical", "cloze", "cloze", "essay")
    ]


def answers(question: ET.Element) -> dict[str | None, str | None]:
    return {answer.findtext("text"): answer.get("fraction") for answer in question.findall("answer")}


def test_moodle_marks_as_we_do(quiz: dict[str, ET.Element]) -> None:
    assert answers(quiz["2/one"]) == {"<p>one</p>": "0.00000", "<p>three</p>": "100.00000", "<p>two</p>": "0.00000"}
    some = {"<p>two</p>": "50.00000", "<p>three</p>": "-100.00000", "<p>four</p>": "50.00000"}
    assert answers(quiz["2/some"]) == some
    assert quiz["2/one"].findtext("answer/feedback/text") == "<p>The smallest.</p>"
    assert (quiz["2/one"].findtext("single"), quiz["2/some"].findtext("single")) == ("true", "false")
    assert answers(quiz["2/sorted"]) == {"<p>one</p>": "1", "<p>two</p>": "2", "<p>three</p>": "3"}
    pairs = [(sub.findtext("text"), sub.findtext("answer/text")) for sub in quiz["2/pairs"].findall("subquestion")]
    assert pairs == [("<p>1</p>", "odd"), ("<p>2</p>", "even"), ("<p>3</p>", "odd")]
    percent = quiz["2/percent"]
    assert (percent.findtext("answer/text"), percent.findtext("answer/tolerance")) == ("50.0", "0.5")
    assert "(%)" in (percent.findtext("questiontext/text") or "")
    words = quiz["2/words"].findtext("questiontext/text") or ""
    assert "{1:SHORTANSWER:=2~=two}" in words and "{1:SHORTANSWER:=sum}" in words
    assert (quiz["2/prints"].findtext("questiontext/text") or "").count("SHORTANSWER") == 2
    assert quiz["2"].findtext("graderinfo/text") == "<p>Seven.</p>"


def test_signs_that_mean_something_in_a_gap_are_escaped(tmp_path: Path) -> None:
    item = next(card.item for card in CARDS if card.key == "2/words")
    assert item is not None
    risky = Card(CARDS[0].question, item.model_copy(update={"blanks": (("a=b~c}d#e/f",), ("x",))}))
    moodle.write([risky], "en", tmp_path / "quiz.xml")
    assert r"{1:SHORTANSWER:=a\=b\~c\}d\#e\/f}" in ET.tostring(ET.parse(tmp_path / "quiz.xml").getroot(), "unicode")


# QTI


def items(path: Path) -> dict[str, str]:
    """The items of an assessment by the first word of their titles, as text."""
    with zipfile.ZipFile(path) as package:
        ET.fromstring(package.read("imsmanifest.xml"))
        (name,) = [name for name in package.namelist() if name.count("text2qti") == 2]
        root = ET.fromstring(package.read(name))
    return {item.get("title", "").split()[0]: ET.tostring(item, "unicode") for item in root.iter(f"{QTI}item")}


def test_every_card_is_an_item(tmp_path: Path) -> None:
    qti.write(CARDS, "en", tmp_path / "quiz.zip")
    found = items(tmp_path / "quiz.zip")
    assert list(found) == [card.key for card in CARDS]
    kinds = ["multiple_choice", "multiple_answers", *["short_answer"] * 2, "numerical", *["short_answer"] * 2, "essay"]
    for key, kind in zip(found, kinds, strict=False):
        assert f"{kind}_question" in found[key], key
    assert ">2; sum<" in found["2/words"] and ">two; sum<" in found["2/words"]
    assert ">0 / 1<" in found["2/prints"]
    assert ">49.5" in found["2/percent"] and ">50.5" in found["2/percent"]


def test_a_number_too_small_for_qti_is_typed(tmp_path: Path) -> None:
    item = next(card.item for card in CARDS if card.key == "2/percent")
    assert item is not None
    small = Card(CARDS[0].question, item.model_copy(update={"value": 5e-5, "tolerance": 1e-6}))
    qti.write([small], "en", tmp_path / "quiz.zip")
    (text,) = items(tmp_path / "quiz.zip").values()
    assert ">5e-05<" in text and ">0.00005<" in text


def test_the_whole_kit_can_be_taken_along(tmp_path: Path, everything: list[Card]) -> None:
    qti.write(everything, "en", tmp_path / "quiz.zip")
    assert len(items(tmp_path / "quiz.zip")) == len(everything)
    moodle.write(everything, "en", tmp_path / "quiz.xml")
    topics = {card.question.topic for card in everything}
    assert len(ET.parse(tmp_path / "quiz.xml").getroot()) == len(everything) + len(topics)


# The command


@pytest.mark.parametrize(("form", "begins"), [("anki", b"PK"), ("qti", b"PK"), ("moodle", b"<?xml")])
def test_the_command_writes_a_file(tmp_path: Path, form: str, begins: bytes) -> None:
    out = tmp_path / "out"
    done = dlgrade("export", form, out, "more", "--lang", "ko", "--kit", KIT)
    assert done.returncode == 0 and done.stdout == f"2 cards written to {out}\n"
    assert out.read_bytes().startswith(begins)
    assert dlgrade("export", form, tmp_path / "none" / "out", "--kit", KIT).returncode == 2


def test_without_the_libraries_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "genanki.py").write_text("raise ImportError(name='genanki')")
    done = dlgrade("export", "anki", tmp_path / "x", "--kit", KIT, PYTHONPATH=f"{tmp_path}:{BUILT_IN}")
    assert done.returncode == 3 and "genanki is not installed; run `pip install 'dlgrade[lms]'`" in done.stderr
    json.dumps(done.stderr)
