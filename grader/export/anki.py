"""An Anki deck (package `genanki`): one note per card, with ids that stay, so that importing it again updates it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.export.texts import answer_html, prompt_html
from grader.quiz.deck import Card

MODEL = 1_607_392_319  # ids of ours, drawn once and kept: Anki knows decks and note types by them
DECKS = {"en": 2_059_400_110, "ko": 2_059_400_111}
STYLE = """.card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 42em; margin: 0 auto; }
pre { background: #8883; padding: .5em; overflow-x: auto; } ol.choices { list-style: lower-alpha; }"""


def write(cards: Sequence[Card], language: str, out: Path) -> None:
    """Writes an .apkg file."""
    import genanki

    model = genanki.Model(
        MODEL,
        "dlgrade",
        fields=[{"name": name} for name in ("Key", "Question", "Answer")],
        templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}],
        css=STYLE,
    )
    deck = genanki.Deck(DECKS[language], f"dlgrade ({language})")
    for card in cards:
        deck.add_note(_note(genanki, model, card))
    genanki.Package(deck).write_to_file(str(out))


def _note(genanki: Any, model: Any, card: Card) -> Any:
    title = f"<p><small>{card.question.number}. {card.question.title}</small></p>"
    return genanki.Note(
        model=model,
        fields=[card.key, title + prompt_html(card), answer_html(card)],
        guid=genanki.guid_for("dlgrade", card.key),
        tags=[f"dlgrade::{card.question.topic.replace(' ', '_')}", f"dlgrade::{card.question.number}"],
    )
