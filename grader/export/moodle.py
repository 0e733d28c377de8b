"""Moodle XML, as Moodle's documentation describes it (https://docs.moodle.org/en/Moodle_XML_format)."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from grader.export.texts import answer_html, bare_html, prompt_html
from grader.questions.document import html
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Single
from grader.quiz.deck import Card

SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in '}#~/\\"='})


def write(cards: Sequence[Card], language: str, out: Path) -> None:
    """Writes an .xml file: a category per topic, and a question per card. The questions themselves become essays."""
    quiz = ET.Element("quiz")
    for topic in dict.fromkeys(card.question.topic for card in cards):
        category = ET.SubElement(quiz, "question", type="category")
        _text(category, "category", f"$course$/dlgrade ({language})/{topic}")
        for card in cards:
            if card.question.topic == topic:
                quiz.append(_question(card))
    ET.indent(quiz)
    ET.ElementTree(quiz).write(out, encoding="utf-8", xml_declaration=True)


def _question(card: Card) -> ET.Element:
    item = card.item
    kind = KINDS[type(item)] if item else "essay"
    question = ET.Element("question", type=kind)
    _text(question, "name", f"{card.key}: {card.question.title}")
    _html(question, "questiontext", _prompt(card))
    if item is None:
        _html(question, "graderinfo", answer_html(card))
        _plain(question, responseformat="editor", responserequired="1", defaultgrade="1")
        return question
    _html(question, "generalfeedback", html(item.explanation))
    _plain(question, defaultgrade="1", idnumber=card.key)
    _answers(question, item)
    return question


KINDS: dict[type, str] = {
    Single: "multichoice",
    Multiple: "multichoice",
    Ordering: "ordering",
    Pairing: "matching",
    Numeric: "numerical",
    Cloze: "cloze",
    Output: "cloze",
}


def _prompt(card: Card) -> str:
    item = card.item
    if isinstance(item, Cloze):
        text = html(item.prompt)
        for number, accepted in enumerate(item.blanks, 1):
            text = text.replace(f"<code>__{number}__</code>", _gap(accepted))
        return text
    if isinstance(item, Output):
        return bare_html(item) + "".join(f"<p>{_gap((row,))}</p>" for row in item.output.splitlines() if row.strip())
    return bare_html(item) if item else prompt_html(card)


def _gap(accepted: Sequence[str]) -> str:
    return "{1:SHORTANSWER:" + "~".join(f"={form.translate(SPECIAL)}" for form in accepted) + "}"


def _answers(question: ET.Element, item: Item) -> None:
    match item:
        case Single() | Multiple():
            right = sum(option.right for option in item.options)
            _plain(question, single=str(isinstance(item, Single)).lower(), shuffleanswers="true", answernumbering="abc")
            for option in item.options:
                wrong = 0 if isinstance(item, Single) else -100
                answer = _html(question, "answer", html(option.text), f"{100 / right if option.right else wrong:.5f}")
                _html(answer, "feedback", html(option.feedback or ""))
        case Ordering():
            _plain(question, layouttype="VERTICAL", selecttype="ALL", gradingtype="ALL_OR_NOTHING", showgrading="SHOW")
            for place, entry in enumerate(item.entries, 1):
                _html(question, "answer", html(entry), str(place))
        case Pairing():
            _plain(question, shuffleanswers="true")
            for pair in item.pairs:
                sub = _html(question, "subquestion", html(pair.left))
                _text(sub, "answer", pair.right)
        case Numeric():
            answer = ET.SubElement(question, "answer", fraction="100", format="moodle_auto_format")
            ET.SubElement(answer, "text").text = repr(item.value)
            ET.SubElement(answer, "tolerance").text = repr(item.tolerance)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, tag), "text").text = text


def _html(parent: ET.Element, tag: str, text: str, fraction: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, tag, {"fraction": fraction} if fraction else {}, format="html")
    ET.SubElement(element, "text").text = text
    return element


def _plain(parent: ET.Element, **values: str) -> None:
    for tag, value in values.items():
        ET.SubElement(parent, tag).text = value
