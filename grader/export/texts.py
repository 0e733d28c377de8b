"""What stands on both sides of a card, as HTML."""

import html as escape

from grader.questions.document import html
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Single
from grader.quiz.deck import Card
from grader.quiz.serving import serve

SEED = 0  # of the order of choices where the other program doesn't shuffle


def prompt_html(card: Card) -> str:
    """The question, with its choices in the order of the seed 0."""
    if card.item is None:
        return html(card.question.intro)
    choices = "".join(f"<li>{html(text)}</li>" for _, text in serve(card, SEED).choices)
    return bare_html(card.item) + left_sides(card.item) + (f'<ol class="choices">{choices}</ol>' if choices else "")


def bare_html(item: Item) -> str:
    """The question without any choices."""
    unit = f"<p>({escape.escape(item.unit)})</p>" if isinstance(item, Numeric) and item.unit else ""
    return html(item.prompt) + unit + (pre(item.code) if isinstance(item, Output) else "")


def left_sides(item: Item) -> str:
    if not isinstance(item, Pairing):
        return ""
    return "<ol>" + "".join(f"<li>{html(pair.left)}</li>" for pair in item.pairs) + "</ol>"


def answer_html(card: Card) -> str:
    """The right answer with the explanation; for the question itself the model answer."""
    if card.item is None:
        return html(card.question.answer)
    return f"<div>{right_html(card.item)}</div>{html(card.item.explanation)}"


def right_html(item: Item) -> str:
    """The right answer alone."""
    match item:
        case Single() | Multiple():
            return "".join(html(option.text) for option in item.options if option.right)
        case Ordering():
            return "<ol>" + "".join(f"<li>{html(entry)}</li>" for entry in item.entries) + "</ol>"
        case Pairing():
            rows = "".join(f"<tr><td>{html(pair.left)}</td><td>{html(pair.right)}</td></tr>" for pair in item.pairs)
            return f"<table>{rows}</table>"
        case Numeric():
            return f"<p>{item.value:.10g} {escape.escape(item.unit)}</p>"
        case Cloze():
            return "<p>" + "; ".join(escape.escape(accepted[0]) for accepted in item.blanks) + "</p>"
        case Output():
            return pre(item.output)


def pre(text: str) -> str:
    return f"<pre>{escape.escape(text)}</pre>"
