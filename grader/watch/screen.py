"""What a watch shows: rows for a terminal, or texts that follow each other where there is none."""

import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from grader.engine import LARGEST
from grader.report.style import Style, cells
from grader.report.terminal import render
from grader.text import harmless
from grader.watch.rows import fold, tail
from grader.watch.session import After, Session
from grader.watch.words import WORDS

LONG = 2000  # characters of a message that are shown
ROOMY = 14  # rows of a screen that has room for a second row of keys
MINIMUM = 12  # columns of a path, of which less would say nothing

ProgressLine = Callable[[dict[str, Any], int], str]


class Screen(NamedTuple):
    """How to show: what the terminal can do, its size, the language; how to tell of a training in so many columns."""

    style: Style
    columns: int
    rows: int
    encoding: str
    language: str
    progress_line: ProgressLine

    def word(self, key: str, **values: object) -> str:
        return WORDS[self.language][key].format(**values)


class Frame(NamedTuple):
    """Rows that fit, from which line on the text is seen, and how many lines of it there is room for."""

    rows: list[str]
    scroll: int
    room: int


def frame(session: Session, screen: Screen, path: Path, clock: float) -> Frame:
    """All rows of the screen. path: of the current file; clock: when the last verdict came, seconds since 1970."""
    footer = _footer(session, screen, path, clock)[-max(1, screen.rows - 1) :]
    above = max(1, screen.rows - len(footer))
    notes = _notes(session, screen)[: max(0, above // 2)]
    room = max(1, above - len(notes))
    lines = fold(body(session, screen, path), screen.columns, screen.encoding)
    shown, scroll = _window(lines, session.scroll, room, screen)
    filled = [*shown, *[""] * (room - len(shown)), *notes, *footer]
    return Frame(filled[: screen.rows], scroll, room)


def _window(lines: list[str], scroll: int, room: int, screen: Screen) -> tuple[list[str], int]:
    """The lines from `scroll` on that fit. Where some are left, the last row says how many."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    if len(lines) <= room:
        return lines, 0
    inside = max(1, room - 1)
    scroll = min(scroll, len(lines) - inside)
    left = len(lines) - scroll - inside
    shown = lines[scroll : scroll + inside]
    if room > 1:
        mark = screen.word("more", count=left) if left else screen.word("end")
        shown.append(_dim(screen, fold(mark, screen.columns, screen.encoding)[0]))
    return shown, scroll


def body(session: Session, screen: Screen, path: Path) -> str:
    """The text that it is about: a page, a report, or why there is none."""
    seen = session.seen
    if session.page:
        return session.page.text if session.page.kind == "question" else harmless(session.page.text, 1 << 20, "\n\t")
    if seen and seen.lack:
        text = screen.word(seen.lack, path=nearby(path), detail=seen.detail, most=LARGEST)
        return _wrapped(harmless(text, LONG), screen)
    if session.outcome is None:
        return screen.word("checking")
    if session.outcome.answer is None:
        why = screen.word("trouble", why=session.outcome.trouble)
        return _wrapped(harmless(why, LONG), screen)
    switch = "a" if screen.rows else f"dlgrade check {session.entry.number} --all"
    return render(session.outcome.answer, session.outcome.text, screen.style, session.everything, switch=switch)


def _wrapped(text: str, screen: Screen) -> str:
    return "\n".join(textwrap.wrap(text, screen.style.width))


def _notes(session: Session, screen: Screen) -> list[str]:
    """Between the text and the footer: what was asked for, and what comes next."""
    rows = []
    for text, look in _remarks(session, screen):
        for line in textwrap.wrap(harmless(text, LONG), screen.style.width):
            rows += [screen.style.paint(row, **look) for row in fold(line, screen.columns, screen.encoding)]
    return ["", *rows] if rows else []


def _remarks(session: Session, screen: Screen) -> Iterator[tuple[str, dict[str, Any]]]:
    """Texts, and how to paint them."""
    if session.hint:
        yield str(session.hint), {}
        if session.hint.number == session.hint.of:
            yield screen.word("last hint"), {"dim": True}
    if session.after:
        yield upcoming(session.after, screen), {"fg": "green", "bold": True}
    elif session.trainable and not session.running:
        yield screen.word("train"), {"bold": True}
    if session.note:
        yield screen.word(session.note.word, why=session.note.why), {"fg": "yellow"}
    if session.late:
        yield screen.word("one moment"), {"dim": True}
    if session.asking:
        yield screen.word("ask solution", number=session.entry.number), {"bold": True}


def upcoming(after: After, screen: Screen) -> str:
    """What to say when an exercise has passed."""
    if after.item is None:
        return screen.word("all passed")
    return screen.word("passed", number=after.item.entry.number, title=after.item.title)


def _footer(session: Session, screen: Screen, path: Path, clock: float) -> list[str]:
    """The line that says what is going on, and the keys."""
    most = 2 if screen.rows >= ROOMY else 1
    rows = [_status(session, screen, path, clock), *_key_rows(_keys(session), screen)[:most]]
    return [row for line in rows for row in fold(line, screen.columns, screen.encoding)[:1]]


def _status(session: Session, screen: Screen, path: Path, clock: float) -> str:
    if session.running and session.running.training:
        columns = screen.columns - 1
        return screen.progress_line(session.progress, columns) if session.progress else screen.word("training")
    words = [_state(session, screen, clock)]
    if session.outcome and session.outcome.seed:
        words.append(screen.word("seed", seed=session.outcome.seed))
    separator = f" {screen.style.dot} "
    state = separator.join(word for word in words if word)
    name = harmless(nearby(path), LONG)
    whole = separator.join(part for part in (state, screen.word("watching", path=name)) if part)
    if cells(whole) <= screen.columns:
        return _dim(screen, whole)
    room = screen.columns - cells(state + separator)
    return _dim(screen, state + separator + tail(name, room) if room > MINIMUM else state or tail(name, screen.columns))


def _state(session: Session, screen: Screen, clock: float) -> str:
    if session.running:
        return screen.word("checking") if session.slow or not session.outcome else _checked(screen, clock)
    return _checked(screen, clock) if session.outcome else ""


def _checked(screen: Screen, clock: float) -> str:
    return screen.word("checked", time=time.strftime("%H:%M:%S", time.localtime(clock)))


def nearby(path: Path) -> str:
    """A path as people write it from here."""
    for start, sign in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(start):
            return f"{sign}{path.relative_to(start)}"
    return str(path)


def _keys(session: Session) -> list[tuple[str, str]]:
    """The keys that do something now, what is needed most first, each with its word."""
    if session.asking:
        return []
    keys = [("Enter", "back")] if session.page else []
    if session.running and session.running.training:
        keys.append(("^C", "stop"))
    elif session.trainable:
        keys.append(("t", "train key"))
    main = [("h", "hint"), ("n", "next"), ("?", "question"), ("s", "solution"), ("q", "quit"), ("p", "previous")]
    again = [] if session.page else [("c", "again")]
    return [*keys, *main, ("a", "few" if session.everything else "all"), ("r", "new seed"), *again]


def _key_rows(keys: list[tuple[str, str]], screen: Screen) -> list[str]:
    """The keys in as many rows as they need."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0
    for key, word in keys:
        width = cells(f"{key} {screen.word(word)}  ")
        if rows[-1] and used + width - 2 > screen.columns:
            rows.append([])
            used = 0
        rows[-1].append((key, screen.word(word)))
        used += width
    return ["  ".join(f"{screen.style.paint(key, bold=True)} {word}" for key, word in row) for row in rows if row]


def _dim(screen: Screen, text: str) -> str:
    return screen.style.paint(text, dim=True)
