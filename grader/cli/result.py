"""What comes of quizzes, on the terminal and as JSON."""

from collections.abc import Sequence
from pathlib import Path

from grader import kit
from grader.cli.dialog import Dialog
from grader.cli.options import in_language
from grader.quiz.memory import DAY, Memory
from grader.quiz.session import Answer, Session
from grader.report.style import cells


def summary(dialog: Dialog, session: Session, root: Path, finished: bool, own: bool) -> None:
    """What came of it, and what to look at next. own: the quiz was taken here and now, by its seed."""
    dialog.say()
    if not session.answers:
        dialog.say(dialog.word("nothing"))
        return
    same = kit.as_option(root)
    told = [dialog.word("score", right=session.right, of=session.marked)] if session.marked else []
    if graded := len(session.answers) - session.marked:
        told.append(dialog.word("flashcards", count=graded))
    dialog.say(", ".join(told))
    if not finished:
        dialog.say(dialog.word("stored"))
    if missed := _missed(session.answers):
        dialog.say(f"{dialog.word('look')}:")
        for answer, times, names in missed:
            question = answer.card.question
            dialog.say(f"  {question.number:>5}  {question.title} ({dialog.word('missed', count=times)})", " " * 9)
            command = f"`dlgrade show {question.number} --answer{in_language(question.language)}{same}`"
            dialog.say(f"         {', '.join([command, *names])}", " " * 9)
    if own:
        dialog.say(dialog.word("again", seed=session.seed, same=same))


def _missed(answers: Sequence[Answer]) -> list[tuple[Answer, int, list[str]]]:
    """For each question with missed cards one of these answers, their number, and the misconceptions behind them."""
    missed: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.grade == "again":
            missed.setdefault(answer.card.question.number, []).append(answer)
    return [
        (mine[0], len(mine), list(dict.fromkeys(name for one in mine for name in one.misconceptions)))
        for mine in missed.values()
    ]


def document(session: Session) -> dict[str, object]:
    """The result dlgrade/quiz/1, documented in docs/quizzes.md."""
    return {
        "schema": "dlgrade/quiz/1",
        "seed": session.seed,
        "language": session.cards[0].question.language if session.cards else None,
        "right": session.right,
        "of": session.marked,
        "answers": [
            {
                "card": answer.card.key,
                "kind": answer.card.item.kind if answer.card.item else "question",
                "response": answer.response,
                "right": answer.right,
                "misconceptions": list(answer.misconceptions),
                "seconds": round(answer.seconds, 1),
            }
            for answer in session.answers
        ],
    }


def forecast_of(dialog: Dialog, memory: Memory, now: float, days: int = 8) -> None:
    """How many cards fall due on each of the next days."""
    dialog.say()
    counts = memory.forecast(now, days)
    following = memory.next_due()
    if following is None:
        dialog.say(dialog.word("never"))
        return
    if not counts[0]:
        dialog.say(dialog.word("none due"))
        dialog.say(dialog.word("next due", when=_when(dialog, following - now)))
    dialog.say(f"{dialog.word('forecast')}:")
    most, room = max(*counts, 1), min(40, dialog.width - 14)
    for day, count in enumerate(counts):
        name = dialog.word("now") if day == 0 else f"+{day}"
        dialog.say(f"  {' ' * (6 - cells(name))}{name} {count:4}  {'#' * round(room * count / most)}".rstrip())


def _when(dialog: Dialog, seconds: float) -> str:
    days = round(seconds / DAY)
    return dialog.word("in days", days=days) if days > 1 else dialog.word("tomorrow" if days == 1 else "in a moment")
