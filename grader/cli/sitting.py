"""Puts cards on the terminal, one after the other: with feedback, or as an exam without."""

import time
from collections.abc import Callable
from pathlib import Path

from grader.cli.dialog import Dialog, Stopped
from grader.quiz import exam
from grader.quiz.deck import Card
from grader.quiz.session import Answer, Grade, Session

GRADES: dict[str, Grade] = {"1": "again", "2": "hard", "3": "good", "4": "easy"}


def put_all(
    dialog: Dialog, session: Session, record: Callable[[Answer], object], wanted: Callable[[Card], bool] | None = None
) -> bool:
    """Puts all cards; False if it was stopped before the end. `wanted` tells if a card is still to be put."""
    dialog.say(dialog.word("keys"))
    try:
        while served := session.current:
            if wanted and not wanted(served.card):  # answered in another terminal meanwhile
                session.skip()
                continue
            before = len(session.answers)
            dialog.head(served, session.position + 1, len(session.cards))
            dialog.show(served)
            try:
                (_put_item if served.card.item else _put_question)(dialog, session)
            finally:  # Ctrl-C while the feedback is shown loses no answer
                for answer in session.answers[before:]:
                    record(answer)
    except (Stopped, KeyboardInterrupt):
        return False
    return True


def _put_item(dialog: Dialog, session: Session) -> None:
    served, began = session.current, time.monotonic()
    assert served is not None
    response = dialog.response(served)
    if response is None:
        session.skip()
        return
    mark = session.answer(response, time.monotonic() - began)
    dialog.feedback(served, mark, response)


def _put_question(dialog: Dialog, session: Session) -> None:
    served, began = session.current, time.monotonic()
    assert served is not None
    dialog.line(dialog.word("reveal"))
    dialog.say()
    dialog.draw(served.card.question.answer)
    dialog.say()
    while (typed := dialog.line(dialog.word("grade"))) not in GRADES:
        if not typed:
            session.skip()
            return
        dialog.say(f"  {dialog.word('grades')}")
    session.grade(GRADES[typed], time.monotonic() - began)


def sit(dialog: Dialog, root: Path, out: Path, drawn: exam.Draw) -> bool:
    """An exam: every answer goes into the file as it is given; False if it was stopped before the end.

    The file says what was answered so far, so the same exam goes on from there.
    """
    cards = drawn.cards(root)
    answers = exam.begin(out, drawn, cards)
    session = Session(cards, drawn.seed)
    for _ in answers.answers:
        session.skip()
    dialog.say(dialog.word("exam keys"))
    try:
        while served := session.current:
            began = time.monotonic()
            dialog.head(served, session.position + 1, len(cards))
            dialog.show(served)
            response = dialog.response(served)
            seconds = round(time.monotonic() - began, 1)
            given = exam.Given(card=served.card.key, response=response, at=round(time.time(), 1), seconds=seconds)
            answers = exam.add(answers, given)
            exam.save(out, answers)
            session.skip()
    except (Stopped, KeyboardInterrupt):
        dialog.say(dialog.word("exam stopped", at=session.position, of=len(cards), out=out))
        return False
    dialog.say()
    dialog.say(dialog.word("exam done", of=len(cards), out=out))
    return True
